"""Two people book one time at the same moment: one has it, the other is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hotline.casework import Actor, Case, Desk
from hotline.clock import ManualClock
from hotline.errors import InvalidInputError
from hotline.store import Database

TAKEN = "这个时间已经有预约，请换一个时间"
BUREAU = Actor("ju", frozenset({"bureau"}))


@pytest.fixture
async def asked(database: Database, clock: ManualClock, desk: Desk) -> list[Case]:
    async with database.write() as session:
        return [
            await desk.open(
                session,
                "lawyer_appointment",
                {"caller_name": "某人", "title": f"问题{n}"},
                actor=BUREAU,
                now=clock.now(),
            )
            for n in range(6)
        ]


async def book(
    database: Database, desk: Desk, clock: ManualClock, case: Case, **given: Any
) -> bool:
    wanted = {"assignee_id": "wang", "appointment_at": "2026-11-25 09:00", **given}
    try:
        async with database.write() as session:
            await desk.act(session, case.id, "book", wanted, actor=BUREAU, now=clock.now())
    except InvalidInputError as error:
        return bool(error.details["errors"]["appointment_at"] != TAKEN)
    return True


async def test_only_one_of_many_has_the_time(
    database: Database, clock: ManualClock, desk: Desk, asked: list[Case]
) -> None:
    done = await asyncio.gather(*(book(database, desk, clock, case) for case in asked))
    assert sorted(done) == [False] * (len(asked) - 1) + [True]


async def test_a_time_that_only_touches_another_is_free_and_one_that_overlaps_is_not(
    database: Database, clock: ManualClock, desk: Desk, asked: list[Case]
) -> None:
    first, after, over, other, *_ = asked
    assert await book(database, desk, clock, first)
    assert await book(database, desk, clock, after, appointment_at="2026-11-25 09:30")
    assert not await book(database, desk, clock, over, appointment_at="2026-11-25 09:20")
    assert await book(database, desk, clock, other, assignee_id="li")
    # Moving one's own appointment within its own time is no conflict with oneself.
    assert await book(database, desk, clock, first, appointment_at="2026-11-25 08:45")
    assert not await book(database, desk, clock, over, appointment_at="2026-11-25 09:10")
    assert await book(database, desk, clock, first, appointment_at="2026-11-25 10:00")
    assert await book(database, desk, clock, over, appointment_at="2026-11-25 09:00")
