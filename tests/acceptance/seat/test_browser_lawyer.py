"""A SIP caller and a lawyer in a browser, end to end."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
from playwright.async_api import expect

from hotline.sipp import Await, HangUp, Speak, Stay, Wait, alaw

from .conftest import ANSWER, QUESTION, likeness


async def test_caller_and_lawyer_hear_each_other(desk: Any) -> None:
    page = await desk.page()
    await desk.ready(page)
    question = desk.folder / "question.al"
    question.write_bytes(alaw.encode(np.concatenate([QUESTION, np.zeros(3200, np.int16)])))
    call = await desk.call(Await("talk"), Speak(question), Wait(1.2), Speak(question), Wait(1.5), Stay(40))
    dock = page.locator("[data-dock]")
    await expect(dock).to_have_attribute("data-phase", "ringing")
    await expect(page.locator(".seat-centre")).to_contain_text("138****5678")
    await page.keyboard.press(" ")
    await expect(dock).to_have_attribute("data-phase", "talking")
    await call.release("talk")
    await asyncio.sleep(4)
    print(await page.evaluate("window.heard.length"))
    heard = np.array(await page.evaluate("window.heard"), np.int16)
    print("heard", likeness(heard, QUESTION))
    await page.click('[data-act="hangup"]')
    await expect(dock).not_to_have_attribute("data-phase", "talking")
    result = await call.finished()
    print(result)
    print("agent", likeness(desk.leg("agent"), ANSWER), "caller", likeness(desk.leg("caller"), QUESTION))
    assert likeness(heard, QUESTION) >= 0.95


async def test_a_talk_outlives_pages_reloads_and_the_network(desk: Any) -> None:
    page = await desk.page()
    await desk.ready(page)
    question = desk.folder / "question.al"
    question.write_bytes(alaw.encode(np.concatenate([QUESTION, np.zeros(3200, np.int16)])))
    again = [Speak(question), Wait(1.2)]
    call = await desk.call(*[step for n in range(3) for step in (Await(f"say{n}"), *again)], Stay(60))
    dock = page.locator("[data-dock]").first
    await expect(dock).to_have_attribute("data-phase", "ringing")
    await page.keyboard.press(" ")
    await expect(dock).to_have_attribute("data-phase", "talking")

    # Another page: the telephone stays, the page opens above it.
    await page.click('.rail a[href="/tickets"]')
    frame = page.frame_locator(".page-frame")
    await expect(frame.locator("h1")).to_have_text("工单")
    await expect(page).to_have_url(f"{desk.address}/tickets")
    await expect(dock).to_have_attribute("data-phase", "talking")
    await page.screenshot(path="/tmp/s_exp/framed.png")
    before = await page.evaluate("window.heard.length")
    await call.release("say0")
    await asyncio.sleep(2)
    heard = np.array((await page.evaluate("window.heard"))[before:], np.int16)
    print("framed", likeness(heard, QUESTION))
    # its keys work from within the frame
    await frame.locator("h1").click()
    await page.keyboard.press("m")
    await expect(dock.locator('[data-act="mute"]')).to_have_attribute("aria-pressed", "true")
    await page.keyboard.press("m")

    # The network goes and comes.
    await page.evaluate("hotlineDock.phone.ua._transport.socket._ws.close()")
    await expect(dock).to_have_attribute("data-phone", "lost")
    await expect(dock).to_have_attribute("data-phone", "ready")
    await expect(dock).to_have_attribute("data-phase", "talking")
    await asyncio.sleep(1)
    before = await page.evaluate("window.heard.length")
    await call.release("say1")
    await asyncio.sleep(2)
    heard = np.array((await page.evaluate("window.heard"))[before:], np.int16)
    print("network", likeness(heard, QUESTION))

    # A reload.
    page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))
    await page.reload()
    dock = page.locator("[data-dock]").first
    await expect(page.locator("h1")).to_have_text("工单")
    await expect(dock).to_have_attribute("data-phone", "ready")
    await page.wait_for_function("hotlineDock.phone.talking")
    await asyncio.sleep(1)
    print(desk.asterisk.console("core show channels concise"))
    await call.release("say2")
    await asyncio.sleep(2)
    heard = np.array(await page.evaluate("window.heard"), np.int16)
    print("reload", likeness(heard, QUESTION))
    row = await desk.the_call()
    print(row.talk_ended_at, row.ended_at)
    await page.click('[data-act="hangup"]')
    await expect(dock).not_to_have_attribute("data-phase", "talking")
    print(await call.finished())
    print([f.name for f in desk.settings.recordings.iterdir()])
    print("agent", likeness(desk.leg("agent"), ANSWER), "caller", likeness(desk.leg("caller"), QUESTION))
