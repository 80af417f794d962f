"""The controller dies and comes back at random: every call is kept as it was, once.

What Asterisk does meanwhile goes on without it; its own journal of calls and its channels are all
that is left to tell. What was not written yet when the controller died is lost with it.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import pytest

from hotline.ami import events
from hotline.asterisk.journal import COLUMNS
from hotline.calls import reconcile
from hotline.calls.live import Call
from hotline.routing import absence
from hotline.routing.board import Board
from hotline.routing.people import Agent, AgentKind, Wish
from hotline.routing.room import Room
from hotline.routing.takeup import Leg, take_up

from .test_routing_events import NAMES, POLICY, Lossy, QuietController

SCHEDULES = int(os.environ.get("HOTLINE_TEST_ABSENCES", "2000"))
STEPS = 40
NEARLY = 2.0
"""Seconds: Asterisk's journal and variables know whole ones, and a talk's length is one of two."""


@dataclass
class Truth:
    """What a call truly was."""

    started: float
    since: float | None = None
    answered: float | None = None
    by: str = ""
    talk_ended: float | None = None
    satisfaction: int | None = None
    ended: float | None = None

    @property
    def outcome(self) -> str:
        if self.answered is not None:
            return "answered"
        return "abandoned" if self.since is not None else "abandoned_menu"


class Absences(Lossy):
    """Asterisk, and a controller that is there or is not."""

    def __init__(self) -> None:
        super().__init__()
        self.there = True
        self.truth: dict[str, Truth] = {}
        self.rung: dict[str, float] = {}
        self.journal: list[dict[str, str]] = []
        self.written: dict[str, Call] = {}
        self.read_until = self.read = self.lives = 0
        self.heartbeat_is_stale = False

    # -- the controller's lives ------------------------------------------------------------------

    def what_happened_is_written(self) -> None:
        if self.there:
            self.written |= self.room.gather().calls
            self.read_until = self.read

    def it_dies(self) -> None:
        if self.there:
            self.there, self.heartbeat_is_stale = False, False
        self.queue.clear()
        self.wire.sent.clear()

    def it_comes_back(self) -> None:
        if self.there:
            return
        self.there, self.read = True, self.read_until
        self.lives += 1
        board = Board(POLICY, self.clock.monotonic())
        self.room = Room(board, self.clock, boot=f"life{self.lives}")
        self.room.set_people(
            tuple(Agent(n, n, AgentKind.LAWYER, f"PJSIP/{n}", {"wages": 3}) for n in NAMES)
        )
        for name in NAMES:
            self.room.board.set_wish(name, Wish.READY, "", self.clock.monotonic())
        self.room.known.open_calls = {
            call.id: call.copy() for call in self.written.values() if call.ended_at is None
        }
        self.controller = QuietController(self.wire, self.room, self.clock)
        self.controller.on_event = self.controller._take  # type: ignore[method-assign]
        take_up(self.controller, self._legs(), dict.fromkeys(NAMES, ("sip:there",)))
        self.obey()
        self.journal_is_read()

    def journal_is_read(self) -> None:
        if not self.there:
            return
        past = reconcile.past_calls(self.journal[self.read :])
        self.what_happened_is_written()
        self.read = len(self.journal)
        answered = {one.call_id for one in past if one.answered_at is not None}
        kept = {one.call_id: self.written.get(one.call_id) for one in past}
        open_ = {
            call_id: call.copy()
            for call_id, call in kept.items()
            if call is not None and reconcile.is_unfinished(call, answered)
        }
        over = {call_id for call_id, call in kept.items() if call is not None} - open_.keys()
        absence.bring_in(self.room, past, open_, over, lambda _call, _message: None)
        absence.end_untold(self.room)

    # -- Asterisk, which tells whoever is there --------------------------------------------------

    def tell(self, event: events.Event) -> None:
        if self.there:
            super().tell(event)

    def time_passes(self, seconds: float) -> None:
        if self.there:
            super().time_passes(seconds)
        else:
            self.clock.advance(seconds)

    def somebody_calls(self) -> None:
        self.born += 1
        call = f"17{self.born}.{self.born}"
        self.model.where[call] = "ivr"
        self.truth[call] = Truth(self.at)
        self.said("HLCall", call, Number="138", Dialled="12348")

    def the_menu_is_done(self, chance: Random) -> None:
        if call := self.pick(chance, "ivr"):
            self.truth[call].since = self.at
            if self.there and chance.random() < 0.5:
                self.ask(call)
                self.said("HLMenuDone", call, Topic="wages", Lang="zh", Path="1")
                return
            self.said("HLMenuDone", call, Topic="wages", Lang="zh", Path="1")
            # Whom an earlier life laid out is taken as long as its heartbeat is fresh.
            fresh = self.there or not self.heartbeat_is_stale
            if fresh and self.takes_who_is_next(call):
                return
            self.model.where[call], self.model.since[call] = "waiting-room", self.at
            self.announce(call)

    def the_plain_queue_serves(self, chance: Random) -> None:
        """Whoever looks again and finds no sign of life goes there; it rings who is free."""
        if self.there:
            return
        self.heartbeat_is_stale = True
        if call := self.pick(chance, "waiting-room", "fallback"):
            free = [name for name in NAMES if not self.model.busy(name)]
            self.model.where[call] = "fallback"
            if free:
                self.model.where[call], self.model.agent[call] = "queued", chance.choice(free)
                self.rung[call] = self.at

    def the_queue_gives_up(self, chance: Random) -> None:
        if not self.there and (call := self.pick(chance, "queued")):
            self.model.where[call] = "fallback"

    def somebody_answers_them(self, chance: Random) -> None:
        calls = sorted(c for c, w in self.model.where.items() if w in {"ringing", "queued"})
        if calls:
            call = chance.choice(calls)
            self.truth[call].answered, self.truth[call].by = self.at, self.model.agent[call]
            self.model.where[call] = "talking"
            legs = self.model.channel(call), self.model.leg(call)
            self.tell(events.DialEnd(self.at, *legs, "ANSWER"))

    def the_person_leaves(self, chance: Random) -> None:
        if call := self.pick(chance, "talking"):
            self.truth[call].talk_ended = self.at
            self.model.where[call] = "survey"
            offer, agent = self.model.offer.get(call, ""), self.model.agent[call]
            self.said("HLOffer", call, Offer=offer, Agent=agent, Status="ANSWER")
            self.tell(events.Hangup(self.at, self.model.leg(call), 16, ""))

    def the_caller_rates(self, chance: Random) -> None:
        call = self.pick(chance, "survey")
        if call and self.truth[call].satisfaction is None:
            self.truth[call].satisfaction = chance.choice((1, 2, 3))
            answer = str(self.truth[call].satisfaction)
            self.said("HLSurvey", call, Question="satisfaction", Answer=answer)

    def the_caller_leaves(self, chance: Random) -> None:
        if call := self.pick(
            chance, "ivr", "waiting-room", "fallback", "ringing", "queued", "talking", "survey"
        ):
            self.leaves(call)

    def leaves(self, call: str) -> None:
        truth = self.truth[call]
        truth.ended = self.at
        if truth.answered is not None and truth.talk_ended is None:
            truth.talk_ended = self.at
        self.model.where[call] = "gone"
        self.journal += _lines(call, truth)
        self.tell(events.Hangup(self.at, self.model.channel(call), 16, ""))

    def _legs(self) -> list[Leg]:
        """The legs with what the dialplan keeps in their variables."""
        found = []
        for leg in self.model.legs():
            call, variables = leg.call_id, dict(leg.variables)
            truth = self.truth[call]
            seconds = self.at - truth.started
            if leg.uniqueid != call:
                seconds = self.at - self.rung.get(call, truth.started)
                if truth.answered is not None:
                    variables["HL_ANSWERED"] = str(int(truth.answered))
            elif truth.talk_ended is not None and truth.answered is not None:
                variables["HL_TALKED"] = str(int(truth.talk_ended))
                variables["ANSWEREDTIME"] = str(int(truth.talk_ended - truth.answered))
                variables["HL_AGENT"] = truth.by
                variables["HL_SATISFACTION"] = str(truth.satisfaction or "")
            found.append(dataclasses.replace(leg, seconds=int(seconds), variables=variables))
        return found

    # -- what must hold --------------------------------------------------------------------------

    def all_is_over(self) -> None:
        for call, where in list(self.model.where.items()):
            if where != "gone":
                self.leaves(call)
        self.it_comes_back()
        self.journal_is_read()
        self.what_happened_is_written()

    def each_call_is_kept_as_it_was(self) -> None:
        assert self.written.keys() == self.truth.keys()
        for call_id, truth in self.truth.items():
            kept = self.written[call_id]
            assert kept.outcome == truth.outcome, (call_id, kept, truth)
            assert (kept.agent_id or "") == truth.by, (call_id, kept, truth)
            assert kept.satisfaction == truth.satisfaction, (call_id, kept, truth)
            for name, told, true in (
                ("started", kept.started_at, truth.started),
                ("waits", kept.waiting_since, truth.since),
                ("answered", kept.answered_at, truth.answered),
                ("talked", kept.talk_ended_at, truth.talk_ended),
                ("ended", kept.ended_at, truth.ended),
            ):
                assert _near(told, true), (call_id, name, told, true, kept, truth)


def _near(told: datetime | None, true: float | None) -> bool:
    if told is None or true is None:
        return (told is None) == (true is None)
    return abs((told - datetime.fromtimestamp(true, UTC)).total_seconds()) <= NEARLY


def _lines(call: str, truth: Truth) -> list[dict[str, str]]:
    """What Asterisk's journal has of a call: a line of the talk, and one of the rest."""
    assert truth.ended is not None
    empty = dict.fromkeys(COLUMNS, "")
    common = empty | {"uniqueid": call, "channel": f"PJSIP/trunk-{call}"}
    begun, lines, talked = truth.started, [], ""
    if truth.answered is not None and truth.talk_ended is not None:
        times = {"start": str(begun), "end": str(truth.talk_ended)}
        lines.append(common | times | {"dstchannel": f"PJSIP/{truth.by}-{call}"})
        begun, talked = truth.talk_ended, str(int(truth.talk_ended - truth.answered))
    since = "" if truth.since is None else str(int(truth.since))
    own = {
        "start": str(begun),
        "end": str(truth.ended),
        "hl_call": call,
        "hl_number": "138",
        "hl_topic": "wages" if since else "",
        "hl_lang": "zh",
        "hl_path": "1" if since else "",
        "hl_agent": f"PJSIP/{truth.by}" if truth.by else "",
        "hl_outcome": truth.outcome,
        "hl_survey": f"{truth.satisfaction or ''}/",
        "hl_recording": f"{since}/{talked}/",
    }
    return [*lines, common | own]


Act = Callable[[Absences, Random], None]
ACTS: tuple[tuple[int, Act], ...] = (
    (5, lambda world, chance: world.time_passes(chance.uniform(0.1, 9))),
    (6, lambda world, _: world.somebody_calls()),
    (6, lambda world, chance: world.the_menu_is_done(chance)),
    (3, lambda world, chance: world.a_caller_announces_themselves(chance)),
    (6, lambda world, chance: world.somebody_answers_them(chance)),
    (2, lambda world, chance: world.nobody_answers(chance, "NOANSWER")),
    (5, lambda world, chance: world.the_plain_queue_serves(chance)),
    (1, lambda world, chance: world.the_queue_gives_up(chance)),
    (4, lambda world, chance: world.the_person_leaves(chance)),
    (3, lambda world, chance: world.the_caller_rates(chance)),
    (4, lambda world, chance: world.the_caller_leaves(chance)),
    (3, lambda world, _: world.what_happened_is_written()),
    (1, lambda world, _: world.journal_is_read()),
    (2, lambda world, _: world.it_dies()),
    (2, lambda world, _: world.it_comes_back()),
)


def play(seed: int) -> None:
    """Play one schedule; whatever is wrong with it names its seed."""
    chance, world = Random(seed), Absences()
    world.people_come(seed)
    world.weather = ("whole",)
    acts, weights = [act for _, act in ACTS], [weight for weight, _ in ACTS]
    try:
        for act in chance.choices(acts, weights, k=STEPS):
            act(world, chance)
        world.all_is_over()
        world.each_call_is_kept_as_it_was()
    except Exception as error:
        raise AssertionError(f"schedule of seed {seed}: {error}") from error


@pytest.mark.usefixtures("quiet")
def test_a_controller_that_dies_and_comes_back_misses_no_call() -> None:
    for seed in range(SCHEDULES):
        play(seed)
