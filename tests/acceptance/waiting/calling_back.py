"""Scenes of calling back."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hotline.calls.tables import CallTable
from hotline.sipp import Await, HangUp, Press, Ringing, Speak, Stay, Wait
from tests.acceptance.routing.home import Home


async def presses_one(call: Ringing) -> None:
    """Somebody picks up and presses the key."""
    await call.answer()
    await asyncio.sleep(0.6)
    await call.press("1")
    await call.ended


async def listens(call: Ringing) -> None:
    """A mailbox picks up, and presses nothing."""
    await call.answer()
    await call.ended


async def ticket_of(home: Home, call: CallTable) -> int:
    """Wait for the ticket of a call and return its id."""

    async def found() -> int | None:
        return next((t.id for t in await home.tickets() if t.call_id == call.id), None)

    return int(await home.until(found, 15, "the ticket went along"))


async def a_caller_keeps_the_place_by_a_key_and_is_called_back(home: Home) -> None:
    before, keeps = "13800000101", "13800000102"
    first_is_over = asyncio.Event()

    async def lawyer(call: Ringing) -> None:
        await call.answer()
        if len(home.rung["l01"]) == 1:
            await first_is_over.wait()
        else:
            await asyncio.sleep(1.0)
        await call.hang_up()

    await home.answers("l01", lawyer)
    home.outside.answers[keeps] = presses_one
    await home.call(before, Stay(60))

    async def talks() -> bool:
        return bool(home.rung["l01"])

    await home.until(talks, what="the first talk")
    waits = await home.call(keeps, Await("key"), Press("2"), Stay(20))

    async def heard() -> bool:
        files = await home.variable(keeps, "HL_FILES")
        return "/wait/" in files and "callback/offer" in files

    await home.until(heard, 20, "the position and the offer are said")
    await waits.release("key")
    gone = await home.over(keeps, "callback")
    assert not home.outside.rung[keeps], "called back while nobody is free"
    first_is_over.set()
    row = await home.back(keeps)
    assert (row.outcome, row.tries, row.call_id) == ("answered", 1, gone.id)
    assert home.outside.rung[keeps] == ["12348"]
    assert home.rung["l01"] == [before, keeps]
    back = await home.over(keeps, "answered")
    assert back.agent_id == "l01"
    assert row.case_id == await ticket_of(home, back)
    heard_of = [word for word in await home.words(gone.id) if word.startswith("播报：")]
    assert heard_of[0].endswith("可按 2 登记回电，保留位置")
    words = await home.words(back.id)
    assert "回拨：来电人登记回电，保留排队位置" in words
    assert "来电人接起并按 1，接通律师" in words


async def who_gave_up_waiting_is_called_back_when_somebody_is_there(home: Home) -> None:
    number = "13800000201"
    await home.talks("l02")
    home.outside.answers[number] = presses_one
    await home.call_and_hang_up(number, after=7.5)
    await home.over(number, "abandoned")
    await home.sign_in(["l02"])
    row = await home.back(number)
    assert (row.asked, row.outcome) == ("missed", "answered")
    back = await home.over(number, "answered")
    assert "回拨：来电人等候中挂断，安排回拨" in await home.words(back.id)


async def a_mailbox_never_counts_as_reached(home: Home) -> None:
    number, other = "13800000401", "13800000402"
    listening = asyncio.Event()

    async def mailbox(call: Ringing) -> None:
        listening.set()
        await listens(call)

    await home.talks("l04")
    home.outside.answers[number] = mailbox
    await home.call_and_hang_up(number, after=7.5)
    await home.over(number, "abandoned")
    await home.sign_in(["l04"])
    await listening.wait()
    offered = await home.until(lambda: home.offered("l04"), 5, "the lawyer is reserved")
    assert offered[0].ended_at is None, "reserved while the key may come"

    async def freed() -> bool:
        return (await home.offered("l04"))[0].ended_at is not None

    await home.until(freed, 8, "the lawyer is free again")
    assert home.rung["l04"] == [], "nobody is rung for a machine"
    await home.call(other, Stay(30))
    await home.over(other, "answered")
    row = await home.back(number, 60)
    assert (row.outcome, row.tries) == ("unreached", 3)
    because = "接起后没有按 1，可能是语音信箱"
    assert row.words == f"3 次回拨均未接通（最后一次：{because}），请人工联系来电人"
    assert home.outside.rung[number] == ["12348"] * 3
    assert home.rung["l04"] == [other]
    tried = await home.over(number, "unreached")
    words = await home.words(tried.id)
    assert f"{because}，不算接通" in words
    assert "人员04律师恢复空闲，不再为这次回拨预留" in words


async def a_message_becomes_a_ticket_and_is_called_back(home: Home) -> None:
    number = "13800000701"
    await home.talks("l07")
    home.outside.answers[number] = presses_one
    speech = Path(home.settings.home) / "speech.alaw"
    speech.write_bytes(bytes(range(256)) * 200)
    await home.call(number, Speak(speech), Wait(6.0), HangUp())
    left = await home.over(number, "voicemail")
    assert left.voicemail == f"{left.id}.message.wav"
    assert (home.settings.recordings / left.voicemail).exists()
    ticket = await ticket_of(home, left)
    await home.sign_in(["l07"])
    row = await home.back(number)
    assert (row.asked, row.outcome, row.case_id) == ("voicemail", "answered", ticket)
