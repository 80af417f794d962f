"""Call-backs between the rows and the line: what others change is followed, what is lost ends."""

from __future__ import annotations

from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import select, update

from hotline.calls.tables import CallBackTable, CallTable
from hotline.clock import ManualClock
from hotline.routing.board import Board
from hotline.routing.controller import Controller
from hotline.routing.people import Agent, AgentKind, Wish
from hotline.routing.policy import Policy, Step, To
from hotline.routing.room import Room
from hotline.routing.waiting import recall
from hotline.routing.waiting.recall import CallBacks, Outside
from hotline.store import Database
from hotline.worktime import ALWAYS, Calendar, WorkTime

POLICY = Policy(ladder=(Step(after=0, to=To.LAWYERS), Step(after=600, to=To.VOICEMAIL)))


class Trunk:
    def __init__(self) -> None:
        self.there = True

    def can_reach(self, endpoint: str) -> bool:
        del endpoint
        return self.there


class Bare:
    """As much of a controller as call-backs ask of; nothing is dialled."""

    def __init__(self, room: Room, clock: ManualClock) -> None:
        self.room = room
        self.clock = clock
        self.call_back: Any = None
        self.telephones = Trunk()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        work.close()

    def decide(self) -> None:
        """Nothing is decided here."""


@pytest.fixture
def backs(database: Database, clock: ManualClock) -> CallBacks:
    room = Room(Board(POLICY), clock)
    room.set_people((Agent("wang", "王晓梅", AgentKind.LAWYER, "PJSIP/wang"),))
    room.board.set_wish("wang", Wish.READY, "", 0.0)
    bare = Bare(room, clock)
    made = CallBacks(database, cast(Controller, bare), cast(Any, None), Outside())
    made.hours = WorkTime(Calendar(), ALWAYS)
    return made


async def asks(database: Database, clock: ManualClock, **changes: Any) -> None:
    now = clock.now()
    values = {
        "id": "w1",
        "number": "13800000001",
        "asked": "web",
        "since": now,
        "due_at": now,
        "created_at": now - timedelta(minutes=1),
    }
    async with database.write() as session:
        session.add(CallBackTable(**values | changes))


def in_line(backs: CallBacks) -> set[str]:
    return set(backs._room.board.waiting)


async def test_what_the_public_page_wrote_stands_in_line(
    backs: CallBacks, database: Database, clock: ManualClock
) -> None:
    await asks(database, clock)
    await backs.tick()
    assert in_line(backs) == {"w1-1"}


async def test_who_is_not_due_yet_is_called_at_once_where_a_leader_says_so(
    backs: CallBacks, database: Database, clock: ManualClock
) -> None:
    await asks(database, clock, due_at=clock.now() + timedelta(hours=2))
    await backs.tick()
    assert in_line(backs) == set()
    async with database.write() as session:
        await session.execute(update(CallBackTable).values(due_at=clock.now()))
    await backs.tick()
    assert in_line(backs) == {"w1-1"}


async def test_what_was_cancelled_leaves_the_line(
    backs: CallBacks, database: Database, clock: ManualClock
) -> None:
    await asks(database, clock)
    await backs.tick()
    async with database.write() as session:
        await session.execute(update(CallBackTable).values(closed_at=clock.now()))
    await backs.tick()
    assert in_line(backs) == set()


async def test_a_trunk_that_is_gone_keeps_everybody_out_of_the_line_until_it_is_back(
    backs: CallBacks, database: Database, clock: ManualClock
) -> None:
    await asks(database, clock)
    bare = cast(Bare, backs._controller)
    bare.telephones.there = False
    await backs.tick()
    assert in_line(backs) == set()
    bare.telephones.there = True
    await backs.tick()
    assert in_line(backs) == {"w1-1"}


async def test_who_is_dialled_through_a_dialplan_needs_no_trunk_that_answers(
    backs: CallBacks, database: Database, clock: ManualClock
) -> None:
    backs._outside = Outside(template="Local/{number}@to-the-exchange")
    await asks(database, clock)
    cast(Bare, backs._controller).telephones.there = False
    await backs.tick()
    assert in_line(backs) == {"w1-1"}


async def test_a_try_of_which_a_crash_took_even_the_beginning_ends(
    backs: CallBacks, database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recall, "UNTOLD_TICKS", 2)
    await asks(database, clock, tries=1, try_call="w1-1", dialling=True)
    for _ in range(4):
        await backs.tick()
    async with database.read() as session:
        row = await session.scalar(select(CallBackTable))
    assert row is not None
    assert not row.dialling
    assert row.due_at == clock.now() + timedelta(minutes=10)
    clock.advance(601)
    await backs.tick()
    assert in_line(backs) == {"w1-2"}


async def test_a_try_that_was_told_as_any_call_is_a_try_all_the_same(
    backs: CallBacks, database: Database, clock: ManualClock
) -> None:
    """Asterisk's journal does not tell that we dialled, where a crash took all else of it."""
    await asks(database, clock, tries=1, try_call="w1-1", dialling=True)
    now = clock.now()
    told = {"outcome": "abandoned_menu", "started_at": now, "ended_at": now}
    async with database.write() as session:
        session.add(CallTable(id="w1-1", number="13800000001", **told))
    await backs.tick()
    await backs.tick()
    async with database.read() as session:
        row = await session.scalar(select(CallBackTable))
    assert row is not None
    assert not row.dialling
    assert "第 1 次回拨未接通（原因不明）" in row.words
