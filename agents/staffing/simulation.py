"""What if (话务仿真): calls go through the very decision that runs live, on a virtual clock.

The board and :func:`hotline.routing.decide.decide` are the live ones; only Asterisk, the callers
and the lawyers are played. The same traffic, people and seed give the same result.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from agents.staffing.traffic import DAY, Offered, Traffic
from hotline.routing.board import Board
from hotline.routing.decide import Decision, Kind, decide
from hotline.routing.people import Agent, Wish
from hotline.routing.policy import Policy
from hotline.routing.standing import Caller
from hotline.routing.tables import OfferOutcome

GRAIN = 1e-6
"""Time goes this far past a timer of the board: ``since + after - since`` may round below
``after``, and a virtual clock that stands exactly there would miss the step."""

RIGHT_LEVEL = 2
"""From this level on somebody has the right skill, whatever the policy asks for."""

HOURS_LOOKED_AT = 900.0
"""How often opening hours of stations are looked at, in seconds."""

Spans = tuple[tuple[float, float], ...]


class End(StrEnum):
    """How a simulated call ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    VOICEMAIL = "voicemail"
    UNSERVED = "unserved"
    """Still in line when nothing could happen any more: nobody suitable, and no end of patience."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How one call went."""

    call: Offered
    end: End
    waited: float
    agent_id: str = ""
    right: bool | None = None
    """Whether who answered has the topic; ``None`` where the caller had none that anybody has."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Somebody and when they are on duty, in seconds; without spans all the time."""

    agent: Agent
    spans: Spans = ()


@dataclass(frozen=True, slots=True)
class Conduct:
    """How people answer. All are assumptions, told with the result."""

    answer_seconds: float = 3.0
    """From ringing to picking up."""
    missed: float = 0.0
    """Share of offers that nobody picks up."""
    back_seconds: float = 300.0
    """After so long somebody who was paused for missed offers is ready again."""


@dataclass(frozen=True)
class Run:
    """What came of it."""

    endings: tuple[Ending, ...]
    """In the order in which the calls ended."""
    duties: tuple[Duty, ...]
    busy: Mapping[str, Sequence[tuple[float, float]]]
    """By person: ringing, talking and wrapping up, from and until."""
    horizon: float
    """The last call's coming; occupancy is looked at until then."""


def simulate(
    traffic: Traffic,
    duties: Sequence[Duty],
    policy: Policy,
    chance: random.Random,
    conduct: Conduct = Conduct(),
) -> Run:
    """Play ``traffic``, of which talk and patience are known (:meth:`Traffic.completed`)."""
    return _Play(traffic, duties, policy, chance, conduct).run()


Happening = tuple[float, int, Callable[[str, float], None], str]


@dataclass
class _Play:
    traffic: Traffic
    duties: Sequence[Duty]
    policy: Policy
    chance: random.Random
    conduct: Conduct
    endings: list[Ending] = field(default_factory=list)
    busy: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    _agenda: list[Happening] = field(default_factory=list)
    _number: int = 0
    _talked: dict[str, tuple[str, float]] = field(default_factory=dict)

    def run(self) -> Run:
        calls = self.traffic.calls
        horizon = calls[-1].at if calls else 0.0
        self.board = board = Board(self.policy, 0.0)
        self._people = {duty.agent.id: duty for duty in self.duties}
        self._held = {
            topic
            for duty in self.duties
            for topic, level in duty.agent.skills.items()
            if level >= RIGHT_LEVEL
        }
        board.set_people([duty.agent for duty in self.duties], 0.0)
        self._plan_duties(horizon)
        for index, call in enumerate(calls):
            self._at(call.at, self._comes, str(index))
        while len(self.endings) < len(calls):
            soon = board.next_change()
            now = min(
                self._agenda[0][0] if self._agenda else math.inf,
                math.inf if soon is None else soon + GRAIN,
            )
            if math.isinf(now):
                break
            board.advance(now)
            while self._agenda and self._agenda[0][0] <= now:
                _, _, happens, name = heapq.heappop(self._agenda)
                happens(name, now)
            while (decision := decide(board)) is not None:
                self._do(decision, now)
        for call_id in list(board.waiting):
            self._ends(call_id, End.UNSERVED, board.now)
        return Run(tuple(self.endings), tuple(self.duties), self.busy, horizon)

    # -- what happens ------------------------------------------------------------------------

    def _at(self, when: float, happens: Callable[[str, float], None], name: str) -> None:
        self._number += 1
        heapq.heappush(self._agenda, (when, self._number, happens, name))

    def _plan_duties(self, horizon: float) -> None:
        for duty in self.duties:
            for start, end in duty.spans or ((0.0, math.inf),):
                self._at(start, self._comes_on_duty, duty.agent.id)
                if math.isfinite(end):
                    self._at(end, self._goes_off_duty, duty.agent.id)
            if duty.agent.hours and self.traffic.origin is not None:
                # Callers may wait on after the last one came; a day more is more than enough.
                for step in range(int((horizon + DAY) // HOURS_LOOKED_AT)):
                    self._at(step * HOURS_LOOKED_AT, self._looks_at_hours, duty.agent.id)

    def _comes_on_duty(self, agent_id: str, now: float) -> None:
        self.board.set_wish(agent_id, Wish.READY, "", now)

    def _goes_off_duty(self, agent_id: str, now: float) -> None:
        self.board.set_wish(agent_id, Wish.OFFLINE, "下班", now)

    def _comes_back(self, agent_id: str, now: float) -> None:
        if self.board.people[agent_id].wish is Wish.PAUSED:
            self.board.set_wish(agent_id, Wish.READY, "", now)

    def _looks_at_hours(self, agent_id: str, now: float) -> None:
        when = self.traffic.when(now)
        if when is not None:
            is_open = self._people[agent_id].agent.is_open(when)
            self.board.set_open(agent_id, now, is_open=is_open)

    def _comes(self, call_id: str, now: float) -> None:
        call = self._call(call_id)
        last = self._talked.get(call.number) if call.number else None
        known = last is not None and now - last[1] <= self.policy.last_agent_days * DAY
        caller = Caller(
            call_id,
            call.at,
            call.topic,
            call.language,
            call.place,
            call.priority,
            last[0] if last is not None and known else "",
        )
        self.board.waits(caller, now)
        if call.patience is not None and math.isfinite(call.patience):
            self._at(call.at + call.patience, self._gives_up, call_id)

    def _gives_up(self, call_id: str, now: float) -> None:
        if call_id in self.board.waiting:
            self._leaves(call_id, End.ABANDONED, now)

    def _do(self, decision: Decision, now: float) -> None:
        call_id = decision.call_id
        if decision.kind is Kind.VOICEMAIL:
            self._leaves(call_id, End.VOICEMAIL, now)
            return
        self._number += 1
        offer_id = str(self._number)
        self.board.offer(offer_id, call_id, decision.agent_id, now)
        if self.conduct.missed and self.chance.random() < self.conduct.missed:
            self._at(now + self.policy.ring_seconds, self._misses, f"{offer_id} {call_id}")
        else:
            self._at(now + self.conduct.answer_seconds, self._answers, f"{offer_id} {call_id}")

    def _answers(self, names: str, now: float) -> None:
        offer_id, call_id = names.split()
        offered = self.board.offers.get(call_id)
        if offered is None or offered.offer_id != offer_id:
            return
        self.board.offer_ended(call_id, OfferOutcome.ANSWERED, now)
        call, agent = self._call(call_id), self._people[offered.agent_id].agent
        right = None
        if call.topic in self._held:
            right = agent.skills.get(call.topic, 0) >= RIGHT_LEVEL
        self._ends(call_id, End.ANSWERED, now, agent.id, right)
        until = now + (call.talk or 0.0)
        self.busy[agent.id].append((offered.made_at, until + self.policy.wrapup(agent.kind)))
        if call.number:
            self._talked[call.number] = agent.id, until
        self._at(until, self._talk_ends, f"{agent.id} {call_id}")

    def _misses(self, names: str, now: float) -> None:
        offer_id, call_id = names.split()
        offered = self.board.offers.get(call_id)
        if offered is None or offered.offer_id != offer_id:
            return
        self.board.offer_ended(call_id, OfferOutcome.MISSED, now)
        self.busy[offered.agent_id].append((offered.made_at, now))
        if self.board.people[offered.agent_id].wish is Wish.PAUSED:
            self._at(now + self.conduct.back_seconds, self._comes_back, offered.agent_id)

    def _talk_ends(self, names: str, now: float) -> None:
        agent_id, call_id = names.split()
        self.board.talk_ended(call_id, agent_id, now)

    def _leaves(self, call_id: str, end: End, now: float) -> None:
        offered = self.board.leaves(call_id, now)
        if offered is not None:
            self.busy[offered.agent_id].append((offered.made_at, now))
        self._ends(call_id, end, now)

    def _ends(
        self, call_id: str, end: End, now: float, agent_id: str = "", right: bool | None = None
    ) -> None:
        call = self._call(call_id)
        self.endings.append(Ending(call, end, max(0.0, now - call.at), agent_id, right))

    def _call(self, call_id: str) -> Offered:
        return self.traffic.calls[int(call_id)]
