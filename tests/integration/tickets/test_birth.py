"""A call leaves exactly one ticket."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import func, select

from hotline.casework import Case, CaseEvent, CaseFilter, find, numbers
from hotline.clock import ManualClock
from hotline.store import Database, Outbox
from hotline.tickets import CallFacts, open_for_call, open_for_calls


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
