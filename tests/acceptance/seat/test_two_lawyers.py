"""Two lawyers with a browser each: consult, talk of three, handing on, blindly and not."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from playwright.async_api import Page, expect

from hotline.sipp import Ringing, alaw
from tests.acceptance.sounds import CALLER, HalfHeardError, is_in

from .conftest import VOICES, heard_on

TRIES = 3
"""Once does where the machine has time: 75 of 75. Two browsers that get none play in pieces."""
LATEST = 3.0
"""Seconds after which what was said is lost; a browser plays late."""

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Ear:
    """A lawyer's page or the caller's telephone: what is said into it, what is heard there."""

    def __init__(self, who: str, end: Page | Ringing) -> None:
        self.end = end
        self.sound = VOICES.get(who, CALLER)

    async def heard(self, since: int = 0) -> np.ndarray[Any, np.dtype[np.int16]]:
        if isinstance(self.end, Ringing):
            return alaw.decode(self.end.heard[since:])
        return await heard_on(self.end, since)

    async def now(self) -> int:
        """How many samples were heard so far."""
        if isinstance(self.end, Ringing):
            return len(self.end.heard)
        return int(await self.end.evaluate("heard.length"))

    async def is_heard_by(self, *others: Ear, and_not_by: Ear | None = None) -> bool:
        """Say something; whether these hear it and no other does."""
        deaf = [and_not_by] if and_not_by is not None else []
        since = [await one.now() for one in (*others, *deaf)]
        for _ in range(TRIES):
            await self._say()
            if await self._reached(others, since):
                if and_not_by is None:
                    return True
                return not await is_in(await and_not_by.heard(since[-1]), self.sound)
        return False

    async def _reached(self, others: tuple[Ear, ...], since: list[int]) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(LATEST):
                for one, at in zip(others, since, strict=False):
                    while not await one.has_heard(self, at):
                        await asyncio.sleep(0.2)
                return True
        return False

    async def has_heard(self, speaker: Ear, since: int) -> bool:
        """Whether what somebody said was heard here."""
        with suppress(HalfHeardError):
            return await is_in(await self.heard(since), speaker.sound)
        return False

    async def _say(self) -> None:
        if isinstance(self.end, Ringing):
            await self.end.speak(alaw.encode(self.sound))
        else:
            await self.end.evaluate("say()")
        await asyncio.sleep(0.4)


def dock(page: Page) -> Any:
    return page.locator("[data-dock]").first


async def phase(*pages: Page, is_: str) -> None:
    for page in pages:
        await expect(dock(page)).to_have_attribute("data-phase", is_, timeout=20_000)


async def answers(page: Page) -> None:
    """Answer by the key, and wait until the controller knows of it."""
    await phase(page, is_="ringing")
    await page.keyboard.press(" ")
    await phase(page, is_="talking")
    await expect(dock(page)).to_have_attribute("data-told", "", timeout=20_000)


async def asks(page: Page, name: str, act: str) -> None:
    """Choose somebody of the list that the key T opens."""
    await page.keyboard.press("t")
    await page.locator(".bar-target", has_text=name).get_by_role("button", name=act).click()


async def test_two_lawyers_consult_join_hand_on_and_transfer(desk: Any) -> None:
    pages = await asyncio.gather(desk.page("wang", silent=True), desk.page("li", silent=True))
    wang, li = pages
    await asyncio.gather(*(desk.ready(page) for page in pages))
    call = await desk.rings_in()
    at_wang, at_li, caller = Ear("wang", wang), Ear("li", li), Ear("", call)
    await answers(wang)

    # First alone with the colleague, who sees what it is about; the caller hears music.
    await asks(wang, "李敏", "咨询")
    await expect(li.locator(".bar-who")).to_contain_text("王晓梅律师请您商量")
    await answers(li)
    await expect(li.locator(".seat-centre .third")).to_contain_text("来电人听等待音乐")
    await expect(wang.locator("[data-parties]")).to_have_text("与李敏律师商量，来电人听音乐")
    assert await at_wang.is_heard_by(at_li, and_not_by=caller)
    assert await at_li.is_heard_by(at_wang, and_not_by=caller)
    # To hang up now would leave the caller with the music; the page says what to do instead.
    await wang.click('[data-act="hangup"]')
    told = wang.locator(".toast", has_text="请先“接回”或“移交”")
    await expect(told).to_have_count(1)

    # Then all three; then the colleague goes on, with the ticket as it was typed last.
    await wang.keyboard.press("j")
    await expect(wang.locator("[data-parties]")).to_have_text("一起通话：李敏律师")
    assert await at_li.is_heard_by(at_wang, caller)
    assert await caller.is_heard_by(at_wang, at_li)
    await wang.fill("#s-title", "拖欠工资，转给同事")
    await wang.locator(".what-now").click()
    await wang.keyboard.press("g")
    await expect(wang.locator(".idle")).to_contain_text("已转给李敏律师")
    await expect(li.locator("#s-title")).to_have_value("拖欠工资，转给同事")
    assert await caller.is_heard_by(at_li, and_not_by=at_wang)
    assert await at_li.is_heard_by(caller)

    # And back again, blindly: rung at once, with the place kept.
    await wang.keyboard.press("r")
    await desk.ready(wang)
    await asks(li, "王晓梅", "转接")
    await expect(wang.locator(".why")).to_contain_text("由人指定转给王晓梅律师")
    # Who handed on still has the form, until somebody took the caller.
    await expect(li.locator("#s-title")).to_have_value("拖欠工资，转给同事")
    await answers(wang)
    await expect(li.locator(".idle")).to_be_visible()
    assert await caller.is_heard_by(at_wang, and_not_by=at_li)
    assert await at_wang.is_heard_by(caller)

    await calls_for_help(desk, wang)
    assert not call.ended.done()
    await wang.click('[data-act="hangup"]')
    await phase(wang, is_="over")
    assert await call.ended == "peer"


async def calls_for_help(desk: Any, wang: Page) -> None:
    """Press the emergency key: nobody hangs up until it was seen."""
    await wang.keyboard.press("e")
    await expect(dock(wang)).to_have_attribute("data-emergency", "")
    await wang.click('[data-act="hangup"]')
    await expect(wang.locator(".toast", has_text="请等班长确认，或转给 110")).to_have_count(1)
    boss = await desk.page("zhou", silent=True)
    await boss.goto(f"{desk.address}/control")
    await boss.get_by_role("button", name="我已看到").click()
    await expect(wang.locator('[data-act="emergency"]')).to_contain_text("班长已知")
