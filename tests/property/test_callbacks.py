"""Call-backs in any order of events: once per number, in turn, never more than free people."""

from __future__ import annotations

import os
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, cast

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from hotline.calls import events as said
from hotline.calls.live import Phase
from hotline.clock import ManualClock
from hotline.routing.board import Board
from hotline.routing.controller import Controller
from hotline.routing.decide import Decision, Kind, decide
from hotline.routing.people import Agent, AgentKind, Wish
from hotline.routing.policy import CallBack, Policy, Step, To
from hotline.routing.room import Room
from hotline.routing.tables import OfferOutcome
from hotline.routing.waiting.agenda import Why
from hotline.routing.waiting.announcer import Announcer
from hotline.routing.waiting.recall import CallBacks, Outside
from hotline.store import Database
from hotline.worktime import Calendar, Hours, Span, Week, WorkTime

NUMBERS = ("13800000001", "13800000002", "13800000003", "13800000004", "")
NAMES = ("wang", "li")
POLICY = Policy(
    ladder=(Step(after=0, to=To.LAWYERS), Step(after=900, to=To.VOICEMAIL)),
    wrapup_seconds={AgentKind.LAWYER: 5},
    missed_limit=3,
    again_after=20,
    callback=CallBack(pauses=(1, 5)),
)
DAY = Week(workdays=(Span.parse("08:30-12:00"), Span.parse("14:00-17:30")))
HOURS = WorkTime(Calendar(), Hours(DAY))


class Trunk:
    """The only telephone that call-backs ask for."""

    def __init__(self) -> None:
        self.is_there = True

    def can_reach(self, endpoint: str) -> bool:
        assert endpoint == "trunk"
        return self.is_there


class Hands:
    """Ends the legs that call-backs do not want any more."""

    def __init__(self) -> None:
        self.hung_up: list[str] = []

    def hang_up(self, live: Any) -> None:
        self.hung_up.append(live.call.id)


class Bare:
    """As much of a controller as call-backs ask of."""

    def __init__(self, room: Room, clock: ManualClock) -> None:
        self.room = room
        self.clock = clock
        self.call_back: Any = None
        self.dialling = Hands()
        self.telephones = Trunk()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        # Dialling is played by the rules of the machine.
        work.close()

    def decide(self) -> None:
        """Decisions are a rule of the machine."""


class Recall(RuleBasedStateMachine):
    """Callers who wait, give up, ask to be called back, call again; lawyers who come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock(datetime(2026, 11, 24, 2, 0, tzinfo=UTC))
        self.room = Room(Board(POLICY), self.clock)
        self.bare = Bare(self.room, self.clock)
        self.backs = CallBacks(
            cast(Database, None), cast(Controller, self.bare), cast(Any, None), Outside()
        )
        self.backs.hours = HOURS
        self.announcer = Announcer(self.room, lambda live, text: self.hears(live.call.id, text))
        self.heard: dict[str, tuple[int, int, int]] = {}
        self.born = 0
        self.dialled: list[str] = []
        self.asked: set[str] = set()
        self.closed: set[str] = set()

    @initialize()
    def people_come(self) -> None:
        self.room.set_people(tuple(Agent(n, n, AgentKind.LAWYER, f"PJSIP/{n}") for n in NAMES))
        for name in NAMES:
            self.room.board.set_wish(name, Wish.READY, "", 0.0)

    # -- helpers -------------------------------------------------------------------------------

    def calls(self, *phases: Phase, tries: bool | None = None) -> list[str]:
        return sorted(
            call_id
            for call_id, live in self.room.calls.live.items()
            if live.phase in phases
            and (tries is None or (live.call.callback_id is not None) == tries)
        )

    def hears(self, call_id: str, text: str) -> None:
        """What a caller hears never rises without its reason."""
        assert call_id in self.room.board.waiting
        assert call_id not in self.room.board.offers, "told to wait while it rings for them"
        _, why, ahead, least, most, _, _ = text.split("*")
        before = self.heard.get(call_id)
        place = int(ahead) if ahead else (before[0] if before else 0)
        now = (place, int(least), int(most))
        if before is not None and any(n > b for n, b in zip(now, before, strict=True)):
            assert why, (before, now)
        self.heard[call_id] = now

    def settle(self) -> None:
        """Take what would be written down."""
        for item in self.backs._unwritten:
            if getattr(item, "closed", None) is not None:
                self.closed.add(item.entry.id)  # type: ignore[union-attr]
            elif not hasattr(item, "closed"):
                self.asked.add(item.id)
        self.backs._unwritten.clear()
        self.room.gather()

    # -- what happens --------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.5, 3.0, 20.0, 130.0, 3600.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.room.board.advance(self.clock.monotonic())
        self.backs.line_up()
        self.announcer.tick()

    @rule(number=st.sampled_from(NUMBERS))
    def somebody_calls(self, number: str) -> None:
        self.born += 1
        call, now = f"17.{self.born}", self.clock.now()
        started = said.Started(call, number, "12348", "")
        live, _ = self.room.starts(started, f"PJSIP/trunk-{self.born}", now)
        waits = said.Waits(call, number, "", "zh", "", 0.0, 0, "")
        entry = self.backs.agenda.of_number(number)
        self.room.waits(live, waits, now)
        if entry is not None:
            assert self.backs.agenda.of_number(number) is None, "called back and in line at once"
            if not entry.keeps_place:
                return
            kept = self.clock.monotonic() - (now - entry.since).total_seconds()
            assert self.room.board.waiting[call].caller.since <= kept + 1e-6, "the place is lost"

    @precondition(lambda self: self.calls(Phase.WAITING, tries=False))
    @rule(data=st.data())
    def a_caller_presses_the_key(self, data: st.DataObject) -> None:
        call = data.draw(st.sampled_from(self.calls(Phase.WAITING, tries=False)))
        live = self.room.calls.live[call]
        self.room.wants_call_back(live, self.clock.now())
        assert call not in self.room.board.waiting, "may be rung while saying goodbye"
        self.room.over(live, 16, self.clock.now())

    @precondition(lambda self: self.calls(Phase.WAITING, Phase.RINGING, tries=False))
    @rule(data=st.data())
    def a_caller_gives_up(self, data: st.DataObject) -> None:
        call = data.draw(st.sampled_from(self.calls(Phase.WAITING, Phase.RINGING, tries=False)))
        self.room.over(self.room.calls.live[call], 16, self.clock.now())

    @rule()
    def the_controller_decides(self) -> None:
        board = self.room.board
        self.backs.line_up()
        board.advance(self.clock.monotonic())
        while (decision := decide(board)) is not None:
            self.do(decision)

    def do(self, decision: Decision) -> None:
        board, call_id = self.room.board, decision.call_id
        if not board.waiting[call_id].caller.absent:
            live = self.room.calls.live[call_id]
            if decision.kind is Kind.VOICEMAIL:
                self.room.to_voicemail(live, decision)
            else:
                self.room.offers.make(live, decision)
            return
        assert decision.kind is Kind.OFFER, "a message was asked of somebody who is not there"
        mine = board.waiting[call_id].key
        overtaken = [
            w
            for w in board.waiting.values()
            if w.key < mine and w.caller.call_id not in board.offers and not w.excluded
        ]
        entry = next(e for e in self.backs.agenda if e.next_call == call_id)
        free = sum(1 for person in board.people.values() if person.entry is not None)
        self.bare.call_back(decision)
        if call_id not in self.room.offers.out:
            return
        assert not overtaken, "a call-back overtook somebody"
        assert free >= 1
        assert entry.number not in self.backs._calling(), "called while on the line"
        assert HOURS.is_open(self.clock.now()), "called out of hours"
        assert entry.number not in self.room.known.blocked, "called though it is blocked"
        assert self.bare.telephones.is_there, "called through a trunk that is not there"
        assert entry.tries < POLICY.callback.tries
        self.dialled.append(call_id)

    @precondition(lambda self: self.calls(Phase.RINGING, tries=True))
    @rule(data=st.data())
    def a_try_is_not_picked_up(self, data: st.DataObject) -> None:
        call = data.draw(st.sampled_from(self.calls(Phase.RINGING, tries=True)))
        self.backs.try_failed(self.room.calls.live[call], Why.NO_ANSWER)
        assert call not in self.room.board.waiting
        assert call not in self.room.board.offers, "the lawyer stays reserved"

    @precondition(lambda self: self.calls(Phase.RINGING, tries=True))
    @rule(data=st.data(), twice=st.booleans())
    def a_mailbox_picks_up(self, data: st.DataObject, twice: bool) -> None:
        call = data.draw(st.sampled_from(self.calls(Phase.RINGING, tries=True)))
        live = self.room.calls.live[call]
        for _ in range(1 + twice):
            self.backs.picked_up(live, taken=False)
            assert call not in self.room.board.waiting, "a machine is offered to somebody"
            assert call not in self.room.board.offers, "the lawyer stays reserved"
        self.room.over(live, 16, self.clock.now())
        entry = self.backs.agenda.entries.get(live.call.callback_id or "")
        assert entry is None or not entry.dialling, "the try never ends"

    @precondition(lambda self: self.calls(Phase.RINGING))
    @rule(data=st.data(), outcome=st.sampled_from([OfferOutcome.ANSWERED, OfferOutcome.MISSED]))
    def a_lawyer_is_rung(self, data: st.DataObject, outcome: OfferOutcome) -> None:
        call = data.draw(st.sampled_from(self.calls(Phase.RINGING)))
        live, now = self.room.calls.live[call], self.clock.now()
        self.room.offers.ended(live, outcome, now)
        if outcome is OfferOutcome.MISSED:
            # The leg is back in the waiting room, the called-back one too.
            offer = self.room.board.waiting[call].caller
            self.room.waits(live, said.Waits(call, live.call.number, "", "zh", "", 0, 0, ""), now)
            stands = self.room.board.waiting[call].caller
            assert not stands.absent
            assert stands.since == offer.since, "the place is lost"

    @precondition(lambda self: self.calls(Phase.TALKING, Phase.VOICEMAIL))
    @rule(data=st.data())
    def a_talk_or_message_ends(self, data: st.DataObject) -> None:
        call = data.draw(st.sampled_from(self.calls(Phase.TALKING, Phase.VOICEMAIL)))
        live = self.room.calls.live[call]
        entry = self.backs.agenda.entries.get(live.call.callback_id or "")
        self.room.over(live, 16, self.clock.now())
        if entry is not None and entry.try_call == call:
            assert entry.id not in self.backs.agenda.entries, "called back again after a talk"

    @rule(numbers=st.sets(st.sampled_from(NUMBERS[:2])))
    def numbers_are_blocked(self, numbers: set[str]) -> None:
        self.room.known.blocked = dict.fromkeys(numbers, "多次辱骂")

    @rule(there=st.booleans())
    def the_trunk_goes_or_comes(self, there: bool) -> None:
        self.bare.telephones.is_there = there

    @rule(name=st.sampled_from(NAMES), wish=st.sampled_from([Wish.READY, Wish.PAUSED]))
    def somebody_wishes(self, name: str, wish: Wish) -> None:
        self.room.board.set_wish(name, wish, "小休", self.clock.monotonic())

    # -- what must always hold -----------------------------------------------------------------

    @invariant()
    def one_call_back_for_a_number(self) -> None:
        numbers = [entry.number for entry in self.backs.agenda]
        assert len(set(numbers)) == len(numbers)
        assert all(POLICY.callback.may_dial(number) for number in numbers)
        absent = {c for c, w in self.room.board.waiting.items() if w.caller.absent}
        known = {e.next_call for e in self.backs.agenda} | {
            e.try_call for e in self.backs.agenda if e.dialling
        }
        assert absent <= known, "somebody stands in line whom nobody will call"

    @invariant()
    def never_more_rung_than_people_reserved(self) -> None:
        tries = self.calls(Phase.RINGING, tries=True)
        reserved = [self.room.board.offers[call].agent_id for call in tries]
        assert len(set(reserved)) == len(tries) <= len(NAMES)

    @invariant()
    def each_try_is_made_once(self) -> None:
        assert len(set(self.dialled)) == len(self.dialled)

    @invariant()
    def nobody_who_asked_is_forgotten(self) -> None:
        self.settle()
        assert set(self.backs.agenda.entries) == self.asked - self.closed


TestRecall = Recall.TestCase
TestRecall.settings = settings(
    max_examples=int(os.environ.get("HOTLINE_TEST_SCHEDULES", "400")),
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
