"""Call-backs as rows, on both databases: one for a number, and the ticket goes with the talk."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.switchboard import TicketsOfCalls
from hotline.calls import reconcile
from hotline.calls.live import Call, Calls
from hotline.calls.tables import Asked, CallBackOutcome, CallBackTable, CallTable
from hotline.casework.tables import Case, CaseEvent
from hotline.clock import ManualClock
from hotline.jobs import Job
from hotline.routing.policy import CallBack
from hotline.routing.waiting import book
from hotline.routing.waiting.agenda import Closed, Entry, due_for
from hotline.routing.waiting.book import News
from hotline.store import Database, Outbox
from hotline.tickets import callbacks, jobs

pytestmark = pytest.mark.each_database


async def asks(database: Database, clock: ManualClock, call_id: str = "17.1") -> Entry:
    """A caller keeps the place; the ticket waits for the call-back."""
    now = clock.now()
    call = Call(call_id, "13800000001", now, waiting_since=now, ended_at=now, outcome="callback")
    async with database.write() as session:
        session.add(CallTable(**call.row()))
        await session.flush()
        await TicketsOfCalls().born(session, [call], now)
    await jobs.Closer(database, clock)(Job(1, jobs.CLOSE, {"call": call_id}, 1))
    entry = due_for(call, CallBack())
    assert entry is not None
    async with database.write() as session:
        assert await book.register(session, entry)
    return entry


def tried(entry: Entry) -> Entry:
    return replace(entry, tries=entry.tries + 1, try_call=entry.next_call, dialling=True)


async def ticket(database: Database) -> Case:
    async with database.read() as session:
        found = await session.scalar(select(Case))
    assert found is not None
    return found


async def row(database: Database) -> CallBackTable:
    async with database.read() as session:
        found = await session.scalar(select(CallBackTable))
    assert found is not None
    return found


async def change(database: Database, **values: Any) -> None:
    async with database.write() as session:
        case = await session.scalar(select(Case))
        assert case is not None
        for name, value in values.items():
            setattr(case, name, value)


async def begin(session: AsyncSession, entry: Entry, now: datetime) -> Closed | None:
    call = Call(entry.try_call or "", entry.number, now, callback_id=entry.id)
    return await book.begin(session, entry, call, now)


async def test_a_number_is_registered_once(database: Database, clock: ManualClock) -> None:
    entry = await asks(database, clock)
    async with database.write() as session:
        assert not await book.register(session, entry)
        assert not await book.register(session, replace(entry, id="w9", asked=Asked.WEB))
        assert await book.open_entries(session) == [entry]


async def test_a_closed_call_back_makes_room_for_another(
    database: Database, clock: ManualClock
) -> None:
    entry = await asks(database, clock)
    closed = Closed(CallBackOutcome.ANSWERED, "回拨已接通")
    async with database.write() as session:
        await book.note(session, News(entry, closed.words, closed), clock.now())
        await book.note(session, News(entry, closed.words, closed), clock.now())
        assert await book.register(session, replace(entry, id="b17.2"))
    async with database.read() as session:
        told = (await session.scalars(select(Outbox).where(Outbox.topic == book.CLOSED))).all()
    assert len(told) == 1


async def test_the_ticket_goes_with_each_try(database: Database, clock: ManualClock) -> None:
    entry = tried(await asks(database, clock))
    async with database.write() as session:
        assert await begin(session, entry, clock.now()) is None
    assert (await ticket(database)).call_id == "b17.1-1"
    again = tried(entry)
    async with database.write() as session:
        assert await begin(session, again, clock.now()) is None
    case = await ticket(database)
    assert (case.call_id, case.state) == ("b17.1-2", "callback")
    assert ((await row(database)).case_id, (await row(database)).tries) == (case.id, 2)
    async with database.read() as session:
        assert await reconcile.without_ticket(session) == []


async def test_who_hung_up_in_the_menu_gets_one_ticket_however_often_we_try(
    database: Database, clock: ManualClock
) -> None:
    now = clock.now()
    call = Call("17.1", "13800000001", now - timedelta(minutes=1), ended_at=now)
    call.outcome = "abandoned_menu"
    entry = due_for(call, CallBack())
    assert entry is not None
    entry = replace(entry, asked=Asked.MENU)
    calls = Calls()
    async with database.write() as session:
        session.add(CallTable(**call.row()))
        assert await book.register(session, entry)
    for _ in range(2):
        entry = tried(entry)
        try_call = Call(entry.try_call or "", entry.number, now, callback_id=entry.id)
        live = calls.calls_back(try_call, now, "回拨", own_ticket=entry.own_ticket)
        calls.ends(live, None, now)
        told = calls.take()
        async with database.write() as session:
            assert await begin(session, entry, now) is None
            await session.merge(CallTable(**try_call.row()))
            await session.flush()
            if told.born:
                await TicketsOfCalls().born(session, [try_call], now)
    async with database.read() as session:
        tickets = (await session.scalars(select(Case.call_id))).all()
        again = [c.id for c in await reconcile.without_ticket(session)]
    assert tickets == ["b17.1-2"]
    assert again == ["17.1"], "the menu's own, which a restart makes up for"


async def test_nobody_is_called_whom_a_ringing_telephone_may_endanger(
    database: Database, clock: ManualClock
) -> None:
    entry = tried(await asks(database, clock))
    await change(database, confidential=True)
    async with database.write() as session:
        refused = await begin(session, entry, clock.now())
    assert refused is not None
    assert refused.outcome is CallBackOutcome.CONFIDENTIAL


async def test_nobody_is_called_whose_ticket_somebody_dealt_with(
    database: Database, clock: ManualClock
) -> None:
    entry = tried(await asks(database, clock))
    await change(database, state="answered")
    async with database.write() as session:
        refused = await begin(session, entry, clock.now())
    assert refused is not None
    assert refused.outcome is CallBackOutcome.HANDLED


async def notes(database: Database, clock: ManualClock, news: News) -> list[str]:
    """Write news down and let the jobs follow; return the notes on the ticket."""
    async with database.write() as session:
        await book.note(session, news, clock.now())
    async with database.read() as session:
        told = await session.scalar(select(Outbox).where(Outbox.topic.startswith("callback.")))
    assert told is not None
    for number, job in enumerate(callbacks.RULES["callback."](told)):
        await callbacks.Noter(database, clock)(Job(number, job.kind, job.payload, 1))
    async with database.read() as session:
        events = await session.scalars(select(CaseEvent).order_by(CaseEvent.id))
        return [event.note for event in events if event.note]


async def test_a_try_that_came_to_nothing_stands_on_the_ticket(
    database: Database, clock: ManualClock
) -> None:
    entry = tried(await asks(database, clock))
    async with database.write() as session:
        await begin(session, entry, clock.now())
    words = "第 1 次回拨未接通，11-24 10:10 后再拨"
    later = replace(entry, dialling=False, due_at=clock.now() + timedelta(minutes=10))
    assert words in await notes(database, clock, News(later, words))
    kept = await row(database)
    assert (kept.dialling, kept.due_at) == (False, later.due_at)


async def test_who_called_in_needs_no_call_back(database: Database, clock: ManualClock) -> None:
    entry = await asks(database, clock)
    closed = Closed(CallBackOutcome.CALLED_IN, "来电人已自行来电，不再回拨")
    assert closed.words in await notes(database, clock, News(entry, closed.words, closed))
    assert (await ticket(database)).state == "archived"


async def test_a_call_of_which_nobody_took_note_is_found_again(
    database: Database, clock: ManualClock
) -> None:
    now = clock.now()
    ended = now - timedelta(minutes=5)
    lost = Call("17.1", "13800000001", ended, waiting_since=ended, ended_at=ended)
    helped = Call("17.2", "13800000002", ended, waiting_since=ended, ended_at=ended)
    lost.outcome = helped.outcome = "abandoned"
    talk = Call("17.3", "13800000002", now, answered_at=now, ended_at=now, outcome="answered")
    async with database.write() as session:
        session.add_all([CallTable(**call.row()) for call in (lost, helped, talk)])
    async with database.read() as session:
        assert [call.id for call in await book.overlooked(session, now)] == ["17.1"]
    async with database.write() as session:
        session.add(
            CallBackTable(
                id="b17.1",
                number="13800000001",
                asked="missed",
                call_id="17.1",
                since=ended,
                due_at=ended,
                created_at=ended,
            )
        )
    async with database.read() as session:
        assert await book.overlooked(session, now) == []
