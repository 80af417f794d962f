"""A call leaves exactly one ticket."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from hotline.casework import Case, CaseEvent, CaseFilter, Desk, find, numbers
from hotline.clock import ManualClock
from hotline.store import Database, Outbox
from hotline.tickets import CallFacts, TicketDesk, open_for_call, open_for_calls


def call(name: str, at: datetime, number: str = "13900001111") -> CallFacts:
    return CallFacts(call_id=name, number=number, started_at=at, topic="wages", place="chengguan")


@pytest.mark.each_database
async def test_a_call_leaves_one_ticket_however_often_it_is_reported(
    database: Database, clock: ManualClock
) -> None:
    now = clock.now()
    async with database.write() as session:
        first = await open_for_call(session, call("c1", now), now)
    async with database.write() as session:
        again = await open_for_calls(session, [call("c1", now), call("c2", now)], now)
    assert again["c1"] == first
    async with database.read() as session:
        page = await find(session, CaseFilter(), now=now)
        assert {c.call_id for c in page.cases} == {"c1", "c2"}
        assert all(numbers.is_valid(c.number) for c in page.cases)
        assert await session.scalar(select(func.count(CaseEvent.id))) == 2
        assert await session.scalar(select(func.count(Outbox.id))) == 2


@pytest.mark.each_database
async def test_a_thousand_calls_at_once_get_a_thousand_numbers(
    database: Database, clock: ManualClock
) -> None:
    now = clock.now()
    async with database.write() as session:
        born = await open_for_calls(session, [call(f"c{n}", now) for n in range(1200)], now)
    assert len(born) == 1200
    async with database.read() as session:
        given = set(await session.scalars(select(Case.number)))
    assert len(given) == 1200


@pytest.mark.each_database
async def test_many_who_report_the_same_calls_at_once_open_one_ticket_each(
    database: Database, clock: ManualClock
) -> None:
    now = clock.now()

    async def report(first: int) -> None:
        async with database.write() as session:
            await open_for_calls(
                session, [call(f"c{n}", now) for n in range(first, first + 20)], now
            )

    await asyncio.gather(*(report(first) for first in (0, 5, 10, 15, 20)))
    async with database.read() as session:
        assert await session.scalar(select(func.count(Case.id))) == 40
        numbered = (await session.scalars(select(Case.number))).all()
    assert len(set(numbered)) == 40
    assert sorted(int(number[8:-1]) for number in numbered) == list(range(1, 41))


@pytest.mark.each_database
async def test_a_call_moves_its_ticket_as_it_ends(
    database: Database, clock: ManualClock, desk: Desk
) -> None:
    tickets = TicketDesk(desk)
    now = clock.now()
    ends = {
        "answered": "answered",
        "station": "answered",
        "voicemail": "callback",
        "abandoned": "callback",
        "abandoned_menu": "archived",
        "": "accepted",
    }
    async with database.write() as session:
        await tickets.open_for_calls(session, [call(name, now) for name in ends], now)
        for outcome in ends:
            await tickets.call_ended(
                session, outcome, outcome, now, agent_id="wang" if outcome == "answered" else None
            )
            await tickets.call_ended(session, outcome, outcome, now)  # reported twice
    async with database.read() as session:
        cases = {c.call_id: c for c in await session.scalars(select(Case))}
    assert {name: case.state for name, case in cases.items()} == ends
    assert cases["answered"].assignee_id == "wang"
    assert cases["voicemail"].due_at == now + timedelta(hours=24)


@pytest.mark.each_database
async def test_the_survey_lands_on_the_ticket_and_the_dissatisfied_are_called_back(
    database: Database, clock: ManualClock, desk: Desk
) -> None:
    tickets = TicketDesk(desk)
    now = clock.now()
    async with database.write() as session:
        await tickets.open_for_calls(session, [call("good", now), call("bad", now)], now)
        for name in ("good", "bad"):
            await tickets.call_ended(session, name, "answered", now, agent_id="wang")
        await tickets.survey_answered(session, "good", now, satisfaction=1, solved=1)
        await tickets.survey_answered(session, "bad", now, satisfaction=3)
    async with database.read() as session:
        cases = {c.call_id: c for c in await session.scalars(select(Case))}
    assert (cases["good"].state, cases["good"].satisfaction, cases["good"].solved) == (
        "answered",
        1,
        1,
    )
    assert (cases["bad"].state, cases["bad"].satisfaction, cases["bad"].solved) == (
        "followup",
        3,
        None,
    )
