"""What earlier calls and tickets of a number make of its next call."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from hotline.calls import events as said
from hotline.calls.tables import CallTable
from hotline.casework import Case
from hotline.clock import ManualClock
from hotline.routing import known, skipping
from hotline.routing.board import Board
from hotline.routing.known import Known
from hotline.routing.policy import Policy, Priority
from hotline.routing.room import Room
from hotline.store import Database
from hotline.tickets import CallFacts, open_for_call

NUMBER = "13900001111"


async def ticket(database: Database, name: str, at: datetime, **data: Any) -> None:
    async with database.write() as session:
        facts = CallFacts(call_id=name, number=NUMBER, started_at=at, topic="wages", place="")
        case = await session.get(Case, await open_for_call(session, facts, at))
        assert case is not None
        case.data = {**case.data, **data}


@pytest.mark.each_database
async def test_a_group_that_a_ticket_names_is_the_next_calls_class(
    database: Database, clock: ManualClock
) -> None:
    now = clock.now()
    async with database.write() as session:
        session.add(
            CallTable(
                id="1.1",
                number="13711112222",
                started_at=now,
                agent_id="wang",
                ended_at=now,
                solved=2,
            )
        )
    await ticket(database, "1.2", now - timedelta(days=200), special_group=["migrant", "woman"])
    await ticket(
        database, "1.3", now - timedelta(days=20), age_band="minor", special_group=["migrant"]
    )
    await ticket(database, "1.4", now - timedelta(days=1))
    asked = [NUMBER, "13711112222", "13600000000"]
    assert await known.look_up(database, asked, now, 30, 365) == {
        NUMBER: Known(classes=("migrant", "minor")),
        "13711112222": Known("wang", ("repeat",)),
    }
    assert NUMBER not in await known.look_up(database, [NUMBER], now, 30, 10)
    assert await known.look_up(database, [NUMBER], now, 30, 0) == {}


@pytest.mark.each_database
async def test_who_mends_a_mistake_in_a_later_ticket_is_believed(
    database: Database, clock: ManualClock
) -> None:
    now = clock.now()
    await ticket(database, "1.2", now - timedelta(days=2), age_band="minor")
    await ticket(database, "1.3", now - timedelta(days=1), age_band="adult")
    found = await known.look_up(database, [NUMBER], now, 30, 365)
    assert found[NUMBER].classes == ()


@pytest.mark.each_database
async def test_the_old_and_the_unhelped_skip_the_menu(
    database: Database, clock: ManualClock
) -> None:
    now = clock.now()
    async with database.write() as session:
        for number, solved in (("13711112222", 2), ("13711113333", 1), ("anonymous", 2)):
            session.add(
                CallTable(
                    id=number,
                    number=number,
                    started_at=now,
                    agent_id="wang",
                    ended_at=now,
                    solved=solved,
                )
            )
    await ticket(database, "1.2", now - timedelta(days=20), special_group=["woman", "elderly"])
    policy = Policy()
    assert await skipping.wanted(database, policy, now) == {
        NUMBER: "elderly",
        "13711112222": "unsolved",
    }
    nobody = policy.model_copy(update={"skip_menu": ()})
    assert await skipping.wanted(database, nobody, now) == {}
    await ticket(database, "1.3", now - timedelta(days=1), special_group=["woman"])
    assert await skipping.wanted(database, policy, now) == {"13711112222": "unsolved"}


def test_of_several_classes_the_one_counts_that_helps_most(clock: ManualClock) -> None:
    policy = Policy(
        priorities={
            "normal": Priority(name="普通"),
            "minor": Priority(name="未成年人", head_start=120),
            "migrant": Priority(name="农民工", head_start=45),
        }
    )
    room = Room(Board(policy, clock.monotonic()), clock)
    live, _ = room.starts(said.Started("1.1", NUMBER, "12348", ""), "PJSIP/trunk-1", clock.now())
    room.waits(live, said.Waits("1.1", NUMBER, "", "zh", "", 0.0, 0, ""), clock.now())
    room.known.callers[NUMBER] = Known(classes=("migrant", "minor", "elderly"))
    room.learnt(NUMBER)
    assert live.call.priority == "minor"
    assert room.board.waiting["1.1"].caller.priority == "minor"
