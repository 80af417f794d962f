"""Whatever is asked in whatever order, a caller is with somebody, hears music, or is in line."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hotline.ami import events
from hotline.clock import ManualClock
from hotline.routing.board import Board
from hotline.routing.controller import Controller
from hotline.routing.people import Agent, AgentKind, Wish
from hotline.routing.policy import Policy, Step, To
from hotline.routing.room import Room
from hotline.routing.takeup import take_up
from hotline.talks.acts import carry_out
from hotline.talks.book import Book, Outside
from hotline.talks.desk import Desk
from hotline.talks.legs import Legs
from hotline.talks.orders import SEAT_KINDS, Kind
from hotline.talks.state import Place
from hotline.talks.tables import CallOrderTable
from tests.property.exchange import CALL, Exchange

POLICY = Policy(
    ladder=(Step(after=0, to=To.LAWYERS),), wrapup_seconds={AgentKind.LAWYER: 1}, again_after=2
)
BOOK = Book(version=1, outside=(Outside(code="110", name="公安报警", number="110"),))
NAMES = ("a", "b", "c")
TARGETS = ("agent:a", "agent:b", "agent:c", "agent:nobody", "outside:110", "topic:wages")


class NoDatabase:
    """Nothing is kept in these tests."""


class Talks(RuleBasedStateMachine):
    @initialize()
    def opens(self) -> None:
        self.runner = asyncio.Runner()
        self.clock = ManualClock(datetime(2026, 11, 24, 2, 0, tzinfo=UTC))
        self.exchange = Exchange(self.clock)
        self.number = 0
        self.late: list[events.Event] = []
        self.runner.run(self.start())

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            for _, done in self.exchange.ringing.values():
                done.cancel()
            self.runner.close()

    async def start(self) -> None:
        self.new_controller()
        self.exchange.add(CALL, "trunk", "arrived")
        self.exchange.says("HLCall", Number="13800000001")
        self.exchange.goes(CALL, "waiting-room")
        await self.settle()
        await self.answer()

    def new_controller(self) -> None:
        room = Room(Board(POLICY, self.clock.monotonic()), self.clock, boot="b")
        room.known.topics = {"wages": "劳动报酬"}
        room.set_people(tuple(Agent(n, n, AgentKind.LAWYER, f"PJSIP/{n}") for n in NAMES))
        for name in NAMES:
            room.board.set_wish(name, Wish.READY, "", self.clock.monotonic())
        self.controller = Controller(self.exchange, room, self.clock)
        hands = Legs(self.exchange, Path("/recordings"))
        self.desk = Desk(self.controller, hands, NoDatabase(), BOOK, carry_out)  # type: ignore[arg-type]
        self.controller.talks = self.desk
        self.controller.ready = True
        self.exchange.tell = self.controller.on_event

    async def settle(self) -> None:
        """Let everything that was begun come to its end."""
        for _ in range(60):
            await asyncio.sleep(0)

    async def answer(self) -> None:
        """The person whom the caller is offered to picks up."""
        where, name = self.exchange.where.get(CALL), self.exchange.offered
        if where != "offer" or not name or CALL in self.exchange.peer:
            return
        self.exchange.made += 1
        leg = self.exchange.add(f"leg{self.exchange.made}", name, "from-agent")
        self.exchange.peer |= {CALL: leg, leg: CALL}
        at = self.clock.now().timestamp()
        caller, called = self.exchange.channel(CALL), self.exchange.channel(leg)
        self.exchange.tell(events.DialBegin(at, caller, called, name))
        self.exchange.tell(events.DialEnd(at, caller, called, "ANSWER"))
        await self.settle()

    @property
    def lives(self) -> bool:
        return hasattr(self, "exchange") and CALL in self.exchange.where

    # -- what may happen ---------------------------------------------------------------------

    @precondition(lambda self: self.lives)
    @rule(kind=st.sampled_from(sorted(SEAT_KINDS - {Kind.DIAL})), whom=st.sampled_from(TARGETS))
    def asks(self, kind: Kind, whom: str) -> None:
        live = self.controller.room.calls.live.get(CALL)
        agent = (live.call.agent_id if live is not None else None) or "a"
        self.runner.run(self.orders([self.row(kind, agent, whom)]))

    @precondition(lambda self: self.lives)
    @rule(
        kinds=st.lists(st.sampled_from(sorted(SEAT_KINDS - {Kind.DIAL})), min_size=2, max_size=4),
        whom=st.sampled_from(TARGETS),
    )
    def asks_at_once(self, kinds: list[Kind], whom: str) -> None:
        live = self.controller.room.calls.live.get(CALL)
        agent = (live.call.agent_id if live is not None else None) or "a"
        self.runner.run(self.orders([self.row(kind, agent, whom) for kind in kinds]))

    def row(self, kind: Kind, agent: str, target: str) -> CallOrderTable:
        self.number += 1
        if kind is Kind.DROP:
            target = f"party:p{self.number % 3 + 1}"
        return CallOrderTable(
            id=self.number,
            call_id=CALL,
            agent_id=agent,
            by=agent,
            kind=kind.value,
            target=target,
            reason="试",
            key=str(self.number),
            asked_at=self.clock.now(),
        )

    @precondition(lambda self: self.lives)
    @rule(kind=st.sampled_from([Kind.LISTEN, Kind.WHISPER, Kind.BARGE]))
    def a_supervisor_asks(self, kind: Kind) -> None:
        row = self.row(kind, "c", "")
        row.by = "user:1:周班长"
        self.runner.run(self.orders([row]))

    async def orders(self, rows: list[CallOrderTable]) -> None:
        for row in rows:
            self.controller.spawn(self.desk.carry_out(row))
        await self.settle()

    @precondition(lambda self: self.lives and self.exchange.ringing)
    @rule(answers=st.booleans())
    def third_rings_off(self, *, answers: bool) -> None:
        async def work() -> None:
            self.exchange.third(next(iter(self.exchange.ringing)), answers=answers)
            await self.settle()

        self.runner.run(work())

    @precondition(lambda self: self.lives)
    @rule(which=st.integers(0, 5))
    def somebody_hangs_up(self, which: int) -> None:
        async def work() -> None:
            legs = [u for u in self.exchange.where if u != CALL]
            if legs:
                self.exchange.hangs_up(legs[which % len(legs)])
            await self.settle()

        self.runner.run(work())

    @precondition(lambda self: self.lives)
    @rule(seconds=st.sampled_from([0.5, 2.0, 7.0, 30.0]))
    def time_passes(self, seconds: float) -> None:
        async def work() -> None:
            self.clock.advance(seconds)
            self.controller.decide()
            await self.settle()
            if self.exchange.where.get(CALL) == "talk-hold" and not self.exchange.persons():
                self.exchange.says("HLTalk", What="alone")
                self.exchange.goes(CALL, "talk-again")
            if self.exchange.where.get(CALL) == "waiting-room":
                self.exchange.waits()
            await self.settle()

        self.runner.run(work())

    @precondition(lambda self: self.lives)
    @rule()
    def the_offer_is_answered(self) -> None:
        self.runner.run(self.answer())

    @precondition(lambda self: self.lives and self.exchange.where[CALL] == "talk-outside")
    @rule(talked=st.booleans())
    def the_outside_body_is_done(self, *, talked: bool) -> None:
        async def work() -> None:
            status = "ANSWER" if talked else "BUSY"
            self.exchange.says("HLTalk", What="outside", Target="110", Status=status)
            self.exchange.goes(CALL, "talk-over" if talked else "talk-again")
            await self.settle()

        self.runner.run(work())

    @precondition(lambda self: self.lives and self.exchange.where[CALL] != "offer")
    @rule()
    def the_controller_is_restarted(self) -> None:
        async def work() -> None:
            ringing = dict(self.exchange.ringing)
            self.new_controller()
            take_up(self.controller, self.exchange.legs(), dict.fromkeys(NAMES, ("sip:there",)))
            # Who is rung for a controller that is gone comes into the room by themselves.
            await self.settle()
            for uniqueid in ringing:
                self.exchange.ringing.pop(uniqueid, None)
            if self.exchange.where.get(CALL) == "waiting-room":
                self.exchange.waits()
            await self.settle()

        self.runner.run(work())

    @precondition(lambda self: self.lives)
    @rule()
    def the_caller_hangs_up(self) -> None:
        async def work() -> None:
            self.exchange.hangs_up(CALL)
            await self.settle()

        self.runner.run(work())

    @precondition(lambda self: not self.lives)
    @rule()
    def somebody_calls_anew(self) -> None:
        self.teardown()
        self.opens()

    # -- what always holds -------------------------------------------------------------------

    @invariant()
    def a_caller_is_never_left_alone(self) -> None:
        if not self.lives:
            return
        where = self.exchange.where[CALL]
        if where == "talk-caller":
            assert self.exchange.persons(), "alone in the room"
        if CALL in self.exchange.peer:
            assert self.exchange.peer[CALL] in self.exchange.where
            return
        assert where in {
            "talk-caller",
            "talk-hold",
            "talk-outside",
            "waiting-room",
            "offer",
            "survey",
        }, where

    @invariant()
    def who_called_for_help_is_not_sent_away(self) -> None:
        if self.lives and self.exchange.where[CALL] == "survey":
            assert self.exchange.variables[CALL].get("HL_EMERGENCY") != "raised"

    @invariant()
    def nobody_sits_in_a_room_without_a_caller(self) -> None:
        if not self.lives and hasattr(self, "exchange"):
            assert self.exchange.persons() == []

    @invariant()
    def whoever_is_in_the_talk_is_busy_and_nobody_else(self) -> None:
        if not hasattr(self, "controller"):
            return
        room = self.controller.room
        there = set()
        for uniqueid, where in self.exchange.where.items():
            agent = room.agent_of(self.exchange.names[uniqueid].rpartition("-")[0])
            if agent is not None and (where == "talk-person" or uniqueid in self.exchange.peer):
                there.add(agent.id)
        rung = {
            action.channel.removeprefix("PJSIP/")
            for action, _ in self.exchange.ringing.values()
            if "@" not in action.channel
        }
        busy = {name for name, person in room.board.people.items() if person.talks}
        assert there <= busy, "somebody in a talk would be rung"
        assert busy <= there | rung, "somebody is kept busy by nothing"

    @invariant()
    def the_desk_knows_where_the_caller_is(self) -> None:
        if not self.lives:
            return
        talk = self.desk.talks.get(CALL)
        if talk is None:
            return
        where = self.exchange.where[CALL]
        if talk.place is Place.HOLD:
            assert where == "talk-hold"
        elif talk.place is Place.ROOM:
            assert where == "talk-caller"


TestTalks = Talks.TestCase
TestTalks.settings = settings(
    max_examples=int(os.environ.get("HOTLINE_TEST_SCHEDULES", "60")),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


# Faults that these machines found once, each as it was found.


def test_the_cry_for_help_stays_with_the_call_whoever_leads_it() -> None:
    house = Talks()
    house.opens()
    house.asks(Kind.EMERGENCY, "agent:a")
    house.somebody_hangs_up(0)
    house.the_offer_is_answered()
    house.asks(Kind.HOLD, "agent:a")
    house.asks(Kind.HANGUP, "agent:a")
    assert house.exchange.where[CALL] == "talk-hold", "hung up though nobody has seen the alarm"
    house.the_desk_knows_where_the_caller_is()
    house.teardown()


def test_a_supervisor_who_is_handed_the_caller_may_put_the_listening_telephone_down() -> None:
    house = Talks()
    house.opens()
    house.a_supervisor_asks(Kind.LISTEN)
    house.third_rings_off(answers=True)
    house.asks(Kind.TRANSFER, "agent:c")
    house.the_offer_is_answered()
    house.somebody_hangs_up(0)
    house.whoever_is_in_the_talk_is_busy_and_nobody_else()
    house.teardown()


def test_who_talks_on_with_an_outside_body_leaves_nobody_behind_after_a_restart() -> None:
    house = Talks()
    house.opens()
    house.asks(Kind.CONFERENCE, "outside:110")
    house.third_rings_off(answers=True)
    house.somebody_hangs_up(0)
    house.the_controller_is_restarted()
    house.the_caller_hangs_up()
    house.nobody_sits_in_a_room_without_a_caller()
    house.teardown()
