"""Waiting, being called back, and mobiles, on a real Asterisk with real telephones."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import select

from agents.tables import AgentTable
from hotline.calls.tables import CallBackTable
from hotline.sipp import Await, Press, Ringing, Stay

POLICY = """
version: 1
ring_seconds: 6
ladder:
  - {after: 0, to: lawyers}
  - {after: 1, to: mobiles}
  - {after: 60, to: voicemail}
nobody_seconds: 60
priorities: {normal: {name: 普通, head_start: 0, longest: 120}}
wrapup_seconds: {lawyer: 1, station: 1}
again_after: 60
announce: {first: 3, every: 10}
callback: {hours: hotline, ring_seconds: 8, offer_after: 0}
"""


async def test_a_caller_keeps_the_place_by_a_key_and_is_called_back(
    house: Any, somebody: Any
) -> None:
    home = await house([somebody("wang")], POLICY)
    first_is_over = asyncio.Event()
    talked: list[str] = []

    async def lawyer(call: Ringing) -> None:
        await call.answer()
        talked.append(call.number)
        if len(talked) == 1:
            await first_is_over.wait()
        else:
            await asyncio.sleep(1.0)
        await call.hang_up()

    async def caller(call: Ringing) -> None:
        await call.answer()
        await call.ended

    await home.phone("wang", lawyer)
    home.outside.on_call = caller
    await home.start_controller()
    await home.call("13800000001", Stay(60))
    await home.until(lambda: _is(talked), what="the first talk")
    waits = await home.call("13800000002", Await("key"), Press("2"), Stay(20))

    async def heard() -> bool:
        files = await _variable(home, "HL_FILES")
        return "wait/next" in files and "callback/offer" in files

    await home.until(heard, 20, "the position and the offer are said")
    await waits.release("key")
    gone = await home.until(lambda: _ended(home, "callback"), 20, "the caller said goodbye")
    assert home.outside.rung == [], "called back while nobody is free"
    first_is_over.set()
    back = await home.until(lambda: _called_back(home), 30, "called back and over")
    assert home.outside.rung == ["13800000002"]
    assert talked == ["13800000001", "13800000002"]
    assert (back.outcome, back.agent_id, back.number) == ("answered", "wang", "13800000002")
    row = await home.until(lambda: _closed(home), 10, "the call-back is closed")
    assert (row.outcome, row.tries, row.call_id) == ("answered", 1, gone.id)
    ticket = await home.until(lambda: _ticket_of(home, back.id), 10, "the ticket went along")
    assert row.case_id == ticket.id
    words = await home.words(gone.id)
    assert "播报：您是下一位，" in "".join(words)
    assert "回拨：来电人登记回电，保留排队位置" in await home.words(back.id)


async def test_who_gave_up_waiting_is_called_back_when_somebody_is_there(
    house: Any, somebody: Any
) -> None:
    home = await house([somebody("wang", wish="paused")], POLICY)

    async def lawyer(call: Ringing) -> None:
        await call.answer()
        await asyncio.sleep(0.5)
        await call.hang_up()

    async def caller(call: Ringing) -> None:
        await call.answer()
        await call.ended

    await home.phone("wang", lawyer)
    home.outside.on_call = caller
    await home.start_controller()
    await home.call_and_hang_up("13800000001", after=6.5)
    gone = await home.until(lambda: _ended(home, "abandoned"), 20, "the caller gave up")
    await home.sign_in(["wang"])
    back = await home.until(lambda: _called_back(home), 30, "called back and over")
    assert (back.outcome, back.number) == ("answered", gone.number)
    assert "回拨：来电人等候中挂断，安排回拨" in await home.words(back.id)
    row = await home.until(lambda: _closed(home), 10, "the call-back is closed")
    assert (row.asked, row.outcome) == ("missed", "answered")


async def test_a_mobile_counts_as_answered_only_by_a_key(house: Any, somebody: Any) -> None:
    home = await house([somebody("mailbox"), somebody("wang")], POLICY)
    async with home.database.write() as session:
        for row in await session.scalars(select(AgentTable)):
            row.mobile = {"mailbox": "13900000001", "wang": "13900000002"}[row.id]
    shown: list[str] = []

    async def mobile(call: Ringing) -> None:
        shown.append(call.number)
        await call.answer()
        if home.outside.rung[-1] == "13900000002":
            await asyncio.sleep(1.0)
            await call.press("1")
            await asyncio.sleep(2.0)
            await call.hang_up()
        await call.ended

    home.outside.on_call = mobile
    await home.start_controller()
    await home.call("13800000001", Stay(60))
    (call,) = await home.ended(1)
    assert home.outside.rung == ["13900000001", "13900000002"]
    assert (call.outcome, call.agent_id) == ("answered", "wang")
    assert [(o.agent_id, o.outcome) for o in await home.offers()] == [
        ("mailbox", "refused"),
        ("wang", "answered"),
    ]
    assert set(shown) == {"12348"}, "the lawyer's own telephone shows the hotline"
    assert call.answered_at is not None
    talk = (call.talk_ended_at - call.answered_at).total_seconds()
    assert 1.0 < talk < 5.0, "the talk begins with the key"


async def _is(found: list[str]) -> bool:
    return bool(found)


async def _variable(home: Any, name: str) -> str:
    text = await asyncio.to_thread(home.asterisk.console, "core show channels concise")
    for line in text.splitlines():
        channel = line.partition("!")[0]
        if channel.startswith("PJSIP/trunk"):
            shown = await asyncio.to_thread(home.asterisk.console, f"core show channel {channel}")
            for found in shown.splitlines():
                if found.strip().startswith(f"{name}="):
                    return str(found)
    return ""


async def _ended(home: Any, outcome: str) -> Any:
    return next((call for call in await home.calls() if call.outcome == outcome), None)


async def _called_back(home: Any) -> Any:
    calls = await home.calls()
    return next((c for c in calls if c.callback_id is not None and c.ended_at), None)


async def _closed(home: Any) -> Any:
    async with home.database.read() as session:
        row = await session.scalar(select(CallBackTable))
    return row if row is not None and row.closed_at is not None else None


async def _ticket_of(home: Any, call_id: str) -> Any:
    return next((t for t in await home.tickets() if t.call_id == call_id), None)
