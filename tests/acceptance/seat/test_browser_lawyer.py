"""A SIP caller and a lawyer in a browser, end to end."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest
from playwright.async_api import Page, expect
from sqlalchemy import delete, select

from hotline.casework import Case
from hotline.sipp import Await, Speak, Stay, Wait, alaw
from hotline.web.tables import WebSession

from .conftest import ANSWER, QUESTION, heard_on, likeness

pytestmark = pytest.mark.asyncio(loop_scope="session")

WAIT = 20_000


def speech(desk: Any) -> Speak:
    file = desk.folder / "question.al"
    file.write_bytes(alaw.encode(np.concatenate([QUESTION, np.zeros(1600, np.int16)])))
    return Speak(file)


async def heard(page: Page, since: int = 0) -> float:
    """How like the question is what the page's loudspeaker was given."""
    return likeness(await heard_on(page, since), QUESTION)


async def phase(page: Page, wanted: str) -> None:
    dock = page.locator("[data-dock]").first
    await expect(dock).to_have_attribute("data-phase", wanted, timeout=WAIT)


async def phone(page: Page, wanted: str) -> None:
    dock = page.locator("[data-dock]").first
    await expect(dock).to_have_attribute("data-phone", wanted, timeout=WAIT)


async def talks(page: Page) -> None:
    """Wait until the page's own telephone talks."""
    async with asyncio.timeout(20):
        while not await page.evaluate("Boolean(window.hotlineDock?.phone.talking)"):
            await asyncio.sleep(0.1)


async def until_alike(page: Page, since: int = 0) -> None:
    """The caller says it again and again; within some seconds it was heard well."""
    async with asyncio.timeout(12):
        while await heard(page, since) < 0.95:
            await asyncio.sleep(0.4)


async def recorded(desk: Any) -> bool:
    """Whether both voices are in the recording as they were said."""
    said = {"agent": ANSWER, "caller": QUESTION}
    return all([likeness(await desk.leg(leg), sound) >= 0.95 for leg, sound in said.items()])


async def test_caller_and_lawyer_hear_each_other_and_the_ticket_is_saved(desk: Any) -> None:
    page = await desk.page()
    await desk.ready(page)
    again = [speech(desk), Wait(1.0)]
    call = await desk.call(Await("talk"), *again * 8, Stay(60))
    await phase(page, "ringing")
    centre = page.locator(".seat-centre")
    await expect(centre).to_contain_text("138****5678")
    await expect(centre).to_contain_text("劳动报酬")
    await expect(centre).to_contain_text("专长律师有空")
    assert "13812345678" not in await page.content()

    await page.keyboard.press(" ")
    await phase(page, "talking")
    await call.release("talk")
    await until_alike(page)
    await desk.until(lambda: recorded(desk))

    await page.keyboard.press("h")
    dock = page.locator("[data-dock]")
    await expect(dock).to_have_attribute("data-held", "", timeout=WAIT)
    await page.keyboard.press("h")
    await expect(dock).not_to_have_attribute("data-held", "", timeout=WAIT)

    await pauses_the_recording(page)
    await page.fill("#s-title", "工地拖欠工资")
    await expect(page.locator("[data-sheet-state]")).to_contain_text("已保存", timeout=WAIT)
    async with desk.database.read() as session:
        query = select(Case).where(Case.call_id == (await desk.the_call()).id)
        case = await session.scalar(query)
        assert case is not None
        assert case.title == "工地拖欠工资"

    await page.click('[data-act="hangup"]')
    await phase(page, "over")
    await expect(page.locator(".wrap-up")).to_contain_text("话后整理")
    await page.click(".wrap-up >> text=已解答")
    await expect(page.locator("#s-wrap_up")).to_have_value("answered")
    await page.click(".wrap-up form button")
    await expect(page.locator(".bar-me")).to_contain_text("空闲", timeout=WAIT)
    async with desk.database.read() as session:
        case = await session.scalar(query)
        assert case is not None
        assert case.data["wrap_up"] == "answered"
    assert (await call.finished()).check().hung_up_by_peer
    assert await recorded(desk)


async def pauses_the_recording(page: Page) -> None:
    """Pause it with a reason and go on; bar and card say so, with the reason."""
    card, bar = page.locator("[data-recording] [data-words]"), page.locator("[data-parties]").first
    await expect(card).to_have_text("正在录音")
    await page.click("[data-pause-recording] summary")
    await page.click('[data-pause-reason="来电人报身份证号"]')
    await expect(card).to_have_text("录音和实时转写已暂停 · 来电人报身份证号", timeout=WAIT)
    await expect(bar).to_have_text("录音已暂停")
    # Who loads the page anew is told the same.
    state = await page.evaluate("fetch('/seat/talk.json').then(answer => answer.json())")
    assert (state["recording_paused"], state["pause_reason"]) == (True, "来电人报身份证号")
    await page.click("[data-resume-recording]")
    await expect(card).to_have_text("正在录音", timeout=WAIT)
    await expect(bar).to_have_text("")


async def test_a_talk_outlives_pages_reloads_and_the_network(desk: Any) -> None:
    page = await desk.page()
    await desk.ready(page)
    call = await desk.call(Await("talk"), *[speech(desk), Wait(1.0)] * 30, Stay(60))
    await phase(page, "ringing")
    await page.keyboard.press(" ")
    await phase(page, "talking")
    await call.release("talk")

    # Another page: the telephone stays, the page opens above it, its keys reach the telephone.
    await page.click('.rail a[href="/tickets"]')
    frame = page.frame_locator(".page-frame")
    await expect(frame.locator("h1")).to_have_text("工单")
    await expect(page).to_have_url(f"{desk.address}/tickets")
    await frame.locator("h1").click()
    mute = page.locator('[data-dock] [data-act="mute"]').first
    await page.keyboard.press("m")
    await expect(mute).to_have_attribute("aria-pressed", "true")
    await page.keyboard.press("m")
    await expect(mute).to_have_attribute("aria-pressed", "false")
    await until_alike(page, await page.evaluate("window.heard.length"))

    # The network goes and comes: the sound goes on, the telephone finds back.
    await page.evaluate("hotlineDock.phone.ua._transport.socket._ws.close()")
    await phone(page, "lost")
    await phone(page, "ready")
    await phase(page, "talking")
    await until_alike(page, await page.evaluate("window.heard.length"))

    # The page is loaded anew: the talk is taken up again, and the recording with it.
    page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
    await page.reload()
    await talks(page)
    await phase(page, "talking")
    await until_alike(page)

    # A second tab says so, stays silent, and takes the talk over where asked to.
    second = await desk.page(context=page.context)
    await phone(second, "elsewhere")
    await expect(second.locator("[data-fault]").first).to_contain_text("另一个标签页")
    await phase(second, "talking")
    await second.click('[data-act="again"]')
    await talks(second)
    await phone(page, "elsewhere")
    await until_alike(second)

    row = await desk.the_call()
    assert (row.talk_ended_at, row.ended_at) == (None, None)
    await second.click('[data-act="hangup"]')
    await phase(second, "over")
    assert (await call.finished()).check().hung_up_by_peer
    assert likeness(await desk.leg("agent"), ANSWER) >= 0.95


async def test_the_talk_outlives_the_sign_in(desk: Any) -> None:
    """Signed out in mid-call: the sound goes on, the form is kept, one signs in again beside it."""
    page = await desk.page()
    await desk.ready(page)
    call = await desk.call(Await("talk"), *[speech(desk), Wait(1.0)] * 30, Stay(60))
    await phase(page, "ringing")
    await page.keyboard.press(" ")
    await phase(page, "talking")
    await call.release("talk")
    await expect(page.locator("#s-title")).to_be_visible()
    async with desk.database.write() as session:
        await session.execute(delete(WebSession))

    await page.fill("#s-title", "拖欠工资，登录过期时填写")
    await expect(page.locator("[data-kept]")).to_contain_text("登录已过期")
    await phone(page, "signedout")
    await expect(page.locator("[data-phone-fault]")).to_contain_text("正在进行的通话不会断")
    await phase(page, "talking")
    await until_alike(page, await page.evaluate("window.heard.length"))

    async with page.expect_popup() as opened:
        await page.click("[data-phone-again]")
    window = await opened.value
    await desk.sign_in(window)
    await window.wait_for_event("close")
    await phone(page, "ready")
    await expect(page.locator("[data-sheet-state]")).to_contain_text("已保存", timeout=WAIT)
    await expect(page.locator("#s-title")).to_have_value("拖欠工资，登录过期时填写")
    await until_alike(page, await page.evaluate("window.heard.length"))

    row = await desk.the_call()
    assert (row.talk_ended_at, row.ended_at) == (None, None)
    # Orders go again, too: the new sign-in is this page's.
    await page.keyboard.press("h")
    await expect(page.locator("[data-dock]")).to_have_attribute("data-held", "", timeout=WAIT)
    # A key hangs up when it is pressed twice.
    await page.keyboard.press("x")
    await expect(page.locator('[data-act="hangup"]')).to_have_text("再按一次")
    await page.keyboard.press("x")
    await phase(page, "over")
    assert (await call.finished()).check().hung_up_by_peer
