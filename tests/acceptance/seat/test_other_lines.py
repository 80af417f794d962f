"""A lawyer whose telephone is not the browser: on the desk, or a mobile outside."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from sqlalchemy import func, select

from agents.people import wish
from agents.phones.lines import Line, choose
from agents.tables import AgentTable
from hotline.routing.people import Wish
from hotline.routing.tables import PresenceWishTable
from hotline.secretsfile import SecretsFile
from hotline.sipp import Account, Phone, Ringing, alaw
from tests.acceptance.sounds import CALLER, LAWYER, THIRD, heard_by

from .conftest import MOBILE, write
from .test_two_lawyers import dock, phase

pytestmark = pytest.mark.asyncio(loop_scope="session")

WAIT = 20_000


@pytest_asyncio.fixture(loop_scope="session")
async def rung() -> asyncio.Queue[Ringing]:
    """Calls that ring on the desk."""
    return asyncio.Queue()


@pytest_asyncio.fixture(loop_scope="session")
async def on_the_desk(desk: Any, rung: asyncio.Queue[Ringing]) -> AsyncIterator[None]:
    """Wang's own telephone, registered; afterwards the browser rings again."""
    # What is asked on the mobile: without it nobody could be asked for the key.
    asks = desk.settings.home / "asterisk" / "sounds" / "zh" / "talk"
    asks.mkdir(parents=True, exist_ok=True)
    write(asks / "accept.wav", THIRD, alaw.RATE)
    secret = SecretsFile(desk.settings.home).get("endpoint-wang")
    own = desk.settings.asterisk

    async def take(call: Ringing) -> None:
        call.ring()
        rung.put_nowait(call)
        await call.ended

    phone = Phone(Account("wang", secret, (own.bind, own.sip_port)), take)
    await phone.start()
    yield
    await phone.stop()
    async with desk.database.write() as session:
        choose(await session.get_one(AgentTable, "wang"), Line.BROWSER)
    await follows(desk)


async def follows(desk: Any) -> None:
    """Let routing read people anew now, as it does where somebody new signs in."""
    async with desk.database.write() as session:
        number = await session.scalar(select(func.count()).select_from(AgentTable))
        session.add(
            AgentTable(
                id=f"new{number}", staff_no=f"9{number}", name="新人", kind="lawyer", endpoint=""
            )
        )
        await session.flush()
        await wish(session, f"new{number}", Wish.OFFLINE, by="zhou", now=datetime.now(UTC))

    async def is_read() -> bool:
        async with desk.database.read() as session:
            return await session.scalar(select(PresenceWishTable.id).limit(1)) is None

    await desk.until(is_read)


async def chooses(desk: Any, page: Page, line: str) -> None:
    """Choose what rings, on the page."""
    box = page.locator("details.phone-box")
    if await box.get_attribute("open") is None:
        await box.locator("summary").click()
    await box.locator(f'.line-choice:has-text("{line}")').click()
    await expect(page.locator(".phone-line")).to_have_text(f"{line}接听")
    await follows(desk)


async def test_who_chose_the_desk_or_the_mobile_is_rung_there_and_the_page_follows(
    desk: Any, on_the_desk: None, rung: asyncio.Queue[Ringing]
) -> None:
    del on_the_desk
    page = await desk.page()
    await desk.ready(page)

    await chooses(desk, page, "桌面话机")
    caller = await desk.rings_in()
    async with asyncio.timeout(20):
        call = await rung.get()
    await phase(page, is_="ringing")
    await expect(page.locator(".seat-centre .call-facts")).to_contain_text("来电")
    await expect(page.locator(".top-line")).to_contain_text("来电，请接听话机")
    # The browser has nothing to answer: the key answers what rings in it.
    await expect(page.locator('[data-act="answer"]').first).to_be_hidden()
    await call.answer()
    await phase(page, is_="talking")
    assert await heard_by(caller, CALLER, call) == (True,)
    assert await heard_by(call, LAWYER, caller) == (True,)
    # What is not the telephone's own is done by the controller, for any telephone.
    await page.keyboard.press("h")
    await expect(dock(page)).to_have_attribute("data-held", "", timeout=WAIT)
    await page.keyboard.press("h")
    await expect(dock(page)).not_to_have_attribute("data-held", "", timeout=WAIT)
    await page.fill("#s-title", "话机接听")
    await expect(page.locator("[data-sheet-state]")).to_contain_text("已保存", timeout=WAIT)
    await page.click('[data-act="hangup"]')
    await phase(page, is_="over")
    assert await call.ended == "peer"
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(caller.ended, 15)
    assert caller.ended.done()
    await page.keyboard.press("r")
    await expect(page.locator(".bar-me")).to_contain_text("空闲", timeout=WAIT)

    await chooses(desk, page, "手机")
    caller = await desk.rings_in()
    mobile = await desk.outside.rings(MOBILE, 20)
    await phase(page, is_="ringing")
    await expect(page.locator(".top-line")).to_contain_text("来电，请接听手机")
    await mobile.answer()
    # Answered is not accepted: a mailbox answers, too. Nobody presses before they heard why.
    await asyncio.sleep(0.8)
    await expect(dock(page)).to_have_attribute("data-phase", "ringing")
    await mobile.press("1")
    await phase(page, is_="talking")
    assert await heard_by(caller, CALLER, mobile) == (True,)
    await page.click('[data-act="hangup"]')
    await phase(page, is_="over")
    assert await mobile.ended == "peer"
