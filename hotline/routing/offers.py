"""Offers (派话): who is rung for whom, on the board, in the calls, and as rows for the journal.

Nothing here waits or talks to Asterisk; that is :mod:`hotline.routing.dialling`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hotline.calls import timeline
from hotline.calls.live import Calls, Live, Phase
from hotline.clock import Clock
from hotline.routing import reasons
from hotline.routing.board import Board, Offered
from hotline.routing.decide import Decision, as_laid_out
from hotline.routing.known import Knowledge
from hotline.routing.people import Agent, AgentKind
from hotline.routing.tables import OfferOutcome


@dataclass(slots=True)
class Ringing:
    """An offer on its way to a telephone."""

    offered: Offered
    row: dict[str, Any]
    """The offer as a row of its table."""
    sent: int = 0
    """How often Asterisk was told to ring."""
    rings: bool = False
    mark: str = ""
    """What the caller's leg must bear alone, where the person is laid out for others too."""
    outside: bool = False
    """A mobile or another district, through the trunk: only a key counts as an answer."""


class Offers:
    """See the module. ``node`` and ``boot`` name this life of the controller."""

    def __init__(
        self,
        board: Board,
        calls: Calls,
        clock: Clock,
        known: Knowledge,
        afterwards: Callable[[Callable[[], None]], None],
        *,
        node: str,
        boot: str,
    ) -> None:
        self.out: dict[str, Ringing] = {}
        """Offers that are out, by call."""
        self._board = board
        self._calls = calls
        self._clock = clock
        self._known = known
        self._afterwards = afterwards
        """Does something once the caller who asks has their answer."""
        self._node = node
        self._boot = boot
        self._made = 0
        self._changed: dict[str, dict[str, Any]] = {}
        """Rows that are to be written, by id."""

    def make(self, live: Live, decision: Decision, offer_id: str = "") -> Ringing:
        """Note that a caller is offered to a person; ``offer_id`` where the offer has one."""
        offer_id, at = offer_id or self._new_offer(), self._clock.now()
        offered = self._board.offer(offer_id, decision.call_id, decision.agent_id, self._board.now)
        ringing = Ringing(offered, {}, outside=self._is_outside(offered.agent_id))
        self.out[decision.call_id] = ringing
        live.phase = Phase.RINGING

        def tell() -> None:
            words = reasons.words(decision.reason, self._known.topics)
            detail = reasons.detail(decision.reason)
            ringing.row |= self._row(offered, at, decision.reason.code.value, words)
            ringing.row["detail"] = detail
            self._changed[offer_id] = ringing.row
            self._calls.offered(live, at, words, detail)

        self._afterwards(tell)
        return ringing

    def _new_offer(self) -> str:
        self._made += 1
        return f"{self._boot}-{self._made:x}"

    def to(self, agent_id: str) -> Ringing | None:
        """Return the offer that is out for a person."""
        person = self._board.people.get(agent_id)
        return self.out.get(person.offer) if person is not None else None

    def rings(self, ringing: Ringing, at: datetime) -> None:
        """Note that the telephone of an offer rings."""
        ringing.rings = True
        ringing.row["ringing_at"] = at
        self._changed[ringing.offered.offer_id] = ringing.row

    def ended(self, live: Live, outcome: OfferOutcome, at: datetime) -> None:
        """End the offer of a call, in the board, in the call and in its row."""
        ringing = self.out.pop(live.call.id, None)
        offered = self._board.offer_ended(live.call.id, outcome, self._clock.monotonic())
        if ringing is None or offered is None:
            return
        self._close_row(ringing.row, outcome, at)
        agent = self._agent(offered.agent_id)
        who = reasons.who(agent) if agent is not None else offered.agent_id
        if outcome is OfferOutcome.ANSWERED:
            station = agent is not None and agent.kind is AgentKind.STATION
            self._calls.answered(live, offered.agent_id, who, at, station=station)
        else:
            # Whom we call back in vain never let the person's telephone ring.
            unrung = live.call.callback_id is not None and not ringing.rings
            freed = outcome is OfferOutcome.CANCELLED and unrung
            self._calls.not_answered(
                live, who, "freed" if freed else outcome.value, at, self._rests(offered.agent_id)
            )

    def _rests(self, agent_id: str) -> tuple[int, float]:
        """Return how often a telephone that is left alone failed, and for how many seconds."""
        person = self._board.people.get(agent_id)
        if person is None or not person.broken:
            return 0, 0.0
        return person.failures, self._board.policy.broken_seconds

    def not_taken(self, live: Live, words: str, at: datetime) -> None:
        """Free the person reserved for a call-back that nobody takes; the leg still ends."""
        self.ended(live, OfferOutcome.CANCELLED, at)
        self._board.leaves(live.call.id, self._clock.monotonic())
        self._calls.noted(live, at, "callback_failed", words)

    def steps_aside(self, live: Live) -> None:
        """Take a caller out of line who could not be found, until they are heard of again."""
        self.ended(live, OfferOutcome.CANCELLED, self._clock.now())
        self._board.leaves(live.call.id, self._clock.monotonic())

    def adopt(
        self, live: Live, offer_id: str, agent_id: str, *, rings: bool = True
    ) -> Ringing | None:
        """Take over an offer that an earlier life of the controller made and that is still out.

        Without ``rings`` the person is reserved, and their telephone does not ring yet.
        """
        known = self.out.get(live.call.id)
        if known is None:
            if rings:
                self._lose(self.to(agent_id))
            now = self._clock.monotonic()
            offered = self._board.adopt(offer_id, live.call.id, agent_id, now)
            if offered is None:
                return None
            row = self._known.open_offers.pop(offer_id, None)
            # A crash may have taken the row; nobody is rung twice for that.
            row = row or self._row(offered, self._clock.now(), "taken_up", timeline.TAKEN_UP)
            outside = self._is_outside(agent_id)
            known = Ringing(offered, row, sent=1, outside=outside)
            self.out[live.call.id] = known
        known.rings = known.rings or rings
        live.phase = Phase.RINGING
        return known

    def rung_by_the_queue(self, live: Live, agent_id: str) -> Ringing | None:
        """Take over what the plain queue rings just now: that person isn't free, nor this caller.

        Returns:
            The offer; ``None`` where it is known already.
        """
        known = self.out.get(live.call.id)
        if known is not None and known.offered.agent_id == agent_id:
            return None
        ringing = self._is_rung(live, agent_id, self._new_offer(), ("fallback", timeline.FALLBACK))
        if ringing is not None:
            ringing.rings, ringing.row["ringing_at"] = True, self._clock.now()
        return ringing

    def takes_next(self, live: Live, agent_id: str, offer_id: str) -> Ringing | None:
        """Note that a caller in line took the person who was next (:mod:`.next_up`).

        Returns:
            The offer; ``None`` where it can't be one.
        """
        person = self._board.people.get(agent_id)
        if person is not None and person.entry is not None:
            return self.make(live, as_laid_out(self._board, live.call.id, agent_id), offer_id)
        # They were offered to somebody else, or went away, a moment ago. Whom they were offered to
        # will find them taken, or rings them all the same because this caller is gone by now.
        other = self.to(agent_id)
        if other is not None and not other.rings:
            self.steps_aside(self._calls.live[other.offered.call_id])
        ringing = self._is_rung(live, agent_id, offer_id, ("skilled", timeline.TOOK_NEXT))
        if ringing is not None:
            self._calls.offered(live, self._clock.now(), timeline.TOOK_NEXT, {})
        return ringing

    def _is_rung(
        self, live: Live, agent_id: str, offer_id: str, why: tuple[str, str]
    ) -> Ringing | None:
        """Believe that a person is rung: offers to either that we know of are lost."""
        self._lose(self.out.get(live.call.id))
        self._lose(self.to(agent_id))
        offered = self._board.adopt(offer_id, live.call.id, agent_id, self._clock.monotonic())
        if offered is None:
            return None
        row = self._row(offered, self._clock.now(), *why)
        self._changed[offer_id] = row
        ringing = self.out[live.call.id] = Ringing(offered, row, sent=1)
        live.phase = Phase.RINGING
        return ringing

    def _lose(self, ringing: Ringing | None) -> None:
        """Give up an offer that we believe in: what rings is the truth."""
        other = self._calls.live.get(ringing.offered.call_id) if ringing is not None else None
        if other is not None:
            self.ended(other, OfferOutcome.LOST, self._clock.now())

    def outrun(self, live: Live, agent: Agent, at: datetime) -> None:
        """Close the offer of a call that talks by now, in a talk that we did not arrange."""
        ringing = self.out.pop(live.call.id, None)
        if ringing is not None:
            taken = ringing.offered.agent_id == agent.id
            outcome = OfferOutcome.ANSWERED if taken else OfferOutcome.CANCELLED
            self._close_row(ringing.row, outcome, at)

    def lose_the_forgotten(self) -> None:
        """Close the rows of an earlier life whose offers are not out any more."""
        for row in self._known.open_offers.values():
            self._close_row(row, OfferOutcome.LOST, self._clock.now())
        self._known.open_offers.clear()

    def take(self) -> dict[str, dict[str, Any]]:
        """Return the rows that changed since the last time, by id, once."""
        # Rows are shared with offers that still ring; what is written must not change any more.
        rows = {offer_id: dict(row) for offer_id, row in self._changed.items()}
        self._changed.clear()
        return rows

    def _row(self, offered: Offered, at: datetime, code: str, words: str) -> dict[str, Any]:
        return {
            "id": offered.offer_id,
            "call_id": offered.call_id,
            "agent_id": offered.agent_id,
            "made_at": at,
            "ringing_at": None,
            "ended_at": None,
            "outcome": None,
            "reason_code": code,
            "words": words,
            "detail": {},
            "node": self._node,
        }

    def _is_outside(self, agent_id: str) -> bool:
        """Whether this person is rung through the trunk, so that only a key is an answer."""
        person = self._board.people[agent_id]
        return person.on_mobile or person.agent.kind is AgentKind.DISTRICT

    def _close_row(self, row: dict[str, Any], outcome: OfferOutcome, at: datetime) -> None:
        row["ended_at"], row["outcome"] = at, outcome.value
        self._changed[row["id"]] = row

    def _agent(self, agent_id: str) -> Agent | None:
        person = self._board.people.get(agent_id)
        return person.agent if person is not None else None
