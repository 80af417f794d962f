"""Two people book one time at the same moment: one has it, the other is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hotline.casework import Actor, Case, Desk, windows
from hotline.casework.windows import Window
from hotline.clock import ManualClock
from hotline.errors import InvalidInputError
from hotline.public.intake import APPLICANT_ACTOR
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
    return await act(database, desk, clock, case, action="book", by=BUREAU, given=wanted)


async def act(
    database: Database,
    desk: Desk,
    clock: ManualClock,
    case: Case,
    *,
    action: str,
    by: Actor,
    given: dict[str, Any],
) -> bool:
    """Take the time; whether it was free."""
    try:
        async with database.write() as session:
            await desk.act(session, case.id, action, given, actor=by, now=clock.now())
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


async def open_window(database: Database, desk: Desk, clock: ManualClock, capacity: int) -> None:
    window = Window("qingshi", {"wed": ["09:00-11:00"]}, capacity)
    async with database.write() as session:
        service = desk.services.get("lawyer_appointment")
        await windows.open_window(session, service, window, by="zhan", now=clock.now())


async def choose(
    database: Database, desk: Desk, clock: ManualClock, case: Case, at: str = "09:00"
) -> bool:
    """Take a time at the place, as an applicant does."""
    given = {"organisation_id": "qingshi", "appointment_at": f"2026-11-25 {at}"}
    return await act(
        database, desk, clock, case, action="choose_time", by=APPLICANT_ACTOR, given=given
    )


@pytest.mark.each_database
async def test_a_time_is_given_to_as_many_as_there_are_counters(
    database: Database, clock: ManualClock, desk: Desk, asked: list[Case]
) -> None:
    await open_window(database, desk, clock, 2)
    done = await asyncio.gather(*(choose(database, desk, clock, case) for case in asked))
    assert sorted(done) == [False] * (len(asked) - 2) + [True] * 2
    async with database.read() as session:
        service = desk.services.get("lawyer_appointment")
        (window,) = await windows.windows(session, service)
        offered = await windows.offered(session, service, window, desk.worktime, clock.now())
        left = {f"{slot.at:%H:%M}": slot.left for slot in offered[0][1]}
    assert left == {"09:00": 0, "09:30": 2, "10:00": 2, "10:30": 2}


async def test_who_overlaps_two_others_needs_a_third_counter_only_where_both_are_there(
    database: Database, clock: ManualClock, desk: Desk, asked: list[Case]
) -> None:
    await open_window(database, desk, clock, 2)
    first, second, over, more, *_ = asked
    assert await choose(database, desk, clock, first)
    assert await choose(database, desk, clock, second, "09:30")
    assert await choose(database, desk, clock, over, "09:15")
    assert not await choose(database, desk, clock, more, "09:15")


async def test_a_place_with_fewer_counters_keeps_what_it_promised(
    database: Database, clock: ManualClock, desk: Desk, asked: list[Case]
) -> None:
    await open_window(database, desk, clock, 2)
    first, second, third, *_ = asked
    for case in (first, second):
        assert await choose(database, desk, clock, case)
    await open_window(database, desk, clock, 1)
    # A person is named for each of the two: the counters stay theirs.
    assert await book(database, desk, clock, first)
    assert await book(database, desk, clock, second, assignee_id="li")
    assert not await choose(database, desk, clock, third)


async def test_the_counters_of_one_service_keep_nobody_from_anothers(
    database: Database, clock: ManualClock, desk: Desk, asked: list[Case]
) -> None:
    async with database.write() as session:
        notary = await desk.open(
            session,
            "notary",
            {"caller_name": "某人", "kind": "will"},
            actor=BUREAU,
            now=clock.now(),
        )
    assert await choose(database, desk, clock, notary)
    assert await choose(database, desk, clock, asked[0])
    assert await book(database, desk, clock, notary)
    assert not await book(database, desk, clock, asked[0]), "a person is in one place only"


async def test_each_stretch_of_hours_has_its_own_counters(
    database: Database, clock: ManualClock, desk: Desk, asked: list[Case]
) -> None:
    window = Window("qingshi", {"wed": ["14:00-15:00", "9:00-10:00 x2"]})
    async with database.write() as session:
        service = desk.services.get("lawyer_appointment")
        await windows.open_window(session, service, window, by="zhan", now=clock.now())
    first, second, third, fourth, *_ = asked
    assert await choose(database, desk, clock, first)
    assert await choose(database, desk, clock, second)
    assert not await choose(database, desk, clock, third)
    assert await choose(database, desk, clock, third, "14:00")
    assert not await choose(database, desk, clock, fourth, "14:00")
    async with database.read() as session:
        (kept,) = await windows.windows(session, service)
        offered = await windows.offered(session, service, kept, desk.worktime, clock.now())
    assert kept.hours == {"wed": ["09:00-10:00×2", "14:00-15:00"]}
    left = {f"{slot.at:%H:%M}": slot.left for slot in offered[0][1]}
    assert left == {"09:00": 0, "09:30": 2, "14:00": 0, "14:30": 1}


@pytest.mark.parametrize(
    "hours", [["9:00-10:00×0"], ["9:00-10:00×多"], ["9:00-10:00×2", "9:30-11:00"]]
)
async def test_counters_that_cannot_be_are_refused(
    hours: list[str], database: Database, clock: ManualClock, desk: Desk
) -> None:
    async with database.write() as session:
        service = desk.services.get("lawyer_appointment")
        with pytest.raises(InvalidInputError) as refused:
            await windows.open_window(
                session, service, Window("qingshi", {"wed": hours}), by="zhan", now=clock.now()
            )
    assert set(refused.value.details["errors"]) == {"hours"}
