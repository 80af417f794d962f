"""The waiting room (等候室): brings together the board, the calls and what is written of both.

Each method is something that happened. Nothing here waits or talks to Asterisk, so that every
order of events can be played through in a test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

import structlog

from hotline.calls import events as said
from hotline.calls import timeline
from hotline.calls.live import Call, Calls, Live, Phase
from hotline.clock import Clock
from hotline.routing import reasons
from hotline.routing.batches import Batch
from hotline.routing.board import Board
from hotline.routing.decide import Decision
from hotline.routing.interfaces import PresenceChange
from hotline.routing.known import Knowledge
from hotline.routing.offers import Offers
from hotline.routing.people import Agent, AgentKind, Wish
from hotline.routing.standing import Caller
from hotline.routing.tables import OfferOutcome

log = structlog.get_logger(__name__)

SKIP_PRIORITIES = {"elderly": "elderly", "unsolved": "repeat"}
"""Why the menu was skipped, as a priority class."""

EMERGENCY = "emergency"
"""The class of who pressed the key for emergencies at night."""

WHOLE_SECONDS = 2.0
"""The dialplan's clock has whole seconds: less than this is no wait."""


class Room:
    """Everybody who waits, rings or talks. ``node`` and ``boot`` name this life of it."""

    def __init__(self, board: Board, clock: Clock, *, node: str = "", boot: str = "0") -> None:
        self.board = board
        self.calls = Calls()
        self.clock = clock
        self.known = Knowledge()
        self.offers = Offers(
            board, self.calls, clock, self.known, self.afterwards, node=node, boot=boot
        )
        self.vanished: set[str] = set()
        """Calls that ended unwatched and wait for Asterisk's journal."""
        self.recorded: Callable[[str, str | None], None] = lambda _call, _message: None
        """Called with each call that ended and left a talk, or a message (its file's name)."""
        self.left: Callable[[Call], None] = lambda _: None
        """Called with each call that is over, for call-backs."""
        self.later: list[Callable[[], None]] | None = None
        """While a caller waits for an answer: what may be done a moment later."""
        self.place_of: Callable[[Call], datetime | None] = lambda _: None
        """Asked for each caller who comes in line: since when they have kept a place."""
        self.boot = boot
        self._by_endpoint: dict[str, str] = {}
        self._batch = Batch()

    # -- calls come in -------------------------------------------------------------------------

    def starts(self, told: said.Started, channel: str, at: datetime) -> tuple[Live, str | None]:
        """Note a call; also return why it is to be refused, where it is."""
        place = told.place or self._place(told.number)
        live = self.calls.starts(
            told.call_id, channel, told.number, at, dialled=told.dialled, place=place
        )
        live.came = live.came or self.clock.monotonic()
        if told.number:
            self.known.unknown.add(told.number)
        reason = self.known.blocked.get(told.number)
        if reason is not None:
            self.calls.refused(live, f"{timeline.BLOCKED}：{reason}", at)
        return live, reason

    def menu_done(self, live: Live, told: said.MenuDone, at: datetime) -> None:
        """Note the end of the menu."""
        self.calls.menu_done(live, told.topic, told.language, told.path, at)
        urgent = EMERGENCY if told.urgent else ""
        priority = urgent or SKIP_PRIORITIES.get(told.skip, "")
        if priority:
            # The caller may stand in line already: to ask is quicker than to be told of.
            self.moves_up(live, priority, at)

    def waits(self, live: Live, told: said.Waits, at: datetime) -> None:
        """Put a caller in line, or hear again that they are in the waiting room."""
        call = live.call
        ringing = self.offers.out.get(call.id)
        if ringing is not None:
            if told.offer != ringing.offered.offer_id:
                return  # the redirect is on its way
            # It was dialled and is over, and the word of it was lost.
            self.offers.ended(live, OfferOutcome.MISSED, at)
        if live.phase is Phase.TALKING:
            # So the talk is over, and the word of that was lost.
            self.talk_ended(live, at)
        waited = at.timestamp() - told.since if told.since else 0.0
        waited = waited if waited > WHOLE_SECONDS else 0.0
        call.topic, call.language = told.topic or call.topic, told.language
        call.place = told.place or call.place
        since = self.clock.monotonic() - waited
        known = self.board.waiting.get(call.id)
        if known is not None:
            # Whoever is in line keeps their time, whatever the machine's clock was set to.
            since = known.caller.since
        elif (kept := self.place_of(call)) is not None:
            since = min(since, self.clock.monotonic() - (at - kept).total_seconds())
            self.calls.announced(live, at, "接续登记的回电，按原来的位置排队", {})
        self.calls.waits(live, at - timedelta(seconds=waited), at)
        self._line_up(live, since, told.tries)

    def wants_call_back(self, live: Live, at: datetime) -> None:
        """Note that the caller will be called back: nobody is to be offered this leg any more."""
        self.board.leaves(live.call.id, self.clock.monotonic())
        self.calls.wants_call_back(live, at)

    def learnt(self, number: str) -> None:
        """Something became known of a number: put its callers where they belong."""
        for live in self.calls.live.values():
            waiting = self.board.waiting.get(live.call.id)
            if live.call.number == number and waiting is not None:
                self._line_up(live, waiting.caller.since, waiting.caller.tries)

    def _line_up(self, live: Live, since: float, tries: int) -> None:
        call = live.call
        known = self.known.callers.get(call.number)
        if known is not None and known.classes and not call.priority:
            self._prioritise(live, self._foremost(known.classes), self.clock.now())
        entered = None
        if call.callback_id is not None:
            # The place is kept since long ago, but the ladder begins with this call.
            stood = self.board.waiting.get(call.id)
            entered = stood.caller.entered if stood is not None else self.clock.monotonic()
        caller = Caller(
            call.id,
            since,
            call.topic,
            call.language,
            call.place,
            call.priority,
            known.last_agent if known is not None else "",
            tries,
            entered=entered,
        )
        self.board.waits(caller, self.clock.monotonic())

    def moves_up(self, live: Live, priority: str, at: datetime) -> None:
        """Give a caller a priority class; who waits is lined up anew."""
        self._prioritise(live, priority, at)
        waiting = self.board.waiting.get(live.call.id)
        if waiting is not None:
            self._line_up(live, waiting.caller.since, waiting.caller.tries)

    def _foremost(self, classes: Sequence[str]) -> str:
        """Return the class that helps most, of those that the policy knows."""
        known = self.board.policy.priorities
        return max(
            (name for name in classes if name in known),
            key=lambda name: (known[name].head_start, -known[name].longest),
            default="",
        )

    def _prioritise(self, live: Live, priority: str, at: datetime) -> None:
        if priority:
            name = self.board.policy.priority(priority).name
            self.calls.prioritised(live, priority, name, at)

    def _place(self, number: str) -> str:
        for length in range(len(number), 2, -1):
            place = self.known.places.get(number[:length])
            if place is not None:
                return place
        return ""

    # -- decisions and offers ------------------------------------------------------------------

    def rings(self, call_id: str, endpoint: str, at: datetime) -> None:
        """Note that a telephone rings."""
        ringing = self.offers.out.get(call_id)
        if ringing is None or ringing.rings:
            return
        if ringing.outside or self._by_endpoint.get(endpoint) == ringing.offered.agent_id:
            self.offers.rings(ringing, at)

    def afterwards(self, work: Callable[[], None]) -> None:
        """Do something now, or (:attr:`later`) once the caller who asks has their answer."""
        if self.later is None:
            work()
        else:
            self.later.append(work)

    def settle(self) -> None:
        """Do what was left for later."""
        works, self.later = self.later, None
        if works:
            # All of it, whatever becomes of one.
            with ExitStack() as stack:
                for work in reversed(works):
                    stack.callback(work)

    def to_voicemail(self, live: Live, decision: Decision) -> None:
        """Note that a caller is asked for a message."""
        words = reasons.words(decision.reason, self.known.topics)
        self.board.leaves(live.call.id, self.board.now)
        self.calls.voicemail(live, self.clock.now(), words, reasons.detail(decision.reason))

    # -- talking and the end -------------------------------------------------------------------

    def talks(self, live: Live, agent: Agent, at: datetime) -> None:
        """Note a talk that we did not arrange: the plain queue's, or one found in Asterisk."""
        self.offers.outrun(live, agent, at)
        self.board.talks(live.call.id, agent.id, self.clock.monotonic())
        station = agent.kind is AgentKind.STATION
        self.calls.answered(live, agent.id, reasons.who(agent), at, station=station)

    def talk_ended(self, live: Live, at: datetime) -> None:
        """The person left: their wrap-up begins."""
        if live.phase is Phase.TALKING:
            self._leave_person(live)
            self.calls.talk_ended(live, at)

    def passes_on(self, live: Live, agent: Agent, at: datetime) -> None:
        """Note that somebody took over the talk from the person who led it."""
        self._leave_person(live)
        self.calls.answered(
            live, agent.id, reasons.who(agent), at, station=agent.kind is AgentKind.STATION
        )

    def leaves_to_outside(self, live: Live, words: str, at: datetime) -> None:
        """Note that the person left the caller with a body outside the house."""
        self._leave_person(live)
        self.calls.handed_out(live, at, words)

    def over(self, live: Live, cause: int | None, at: datetime) -> None:
        """The caller's leg is gone: the call is over, an offer is cancelled."""
        call = live.call
        if call.id in self.offers.out:
            self.offers.ended(live, OfferOutcome.CANCELLED, at)
        self._leave_person(live)
        self.board.leaves(call.id, self.clock.monotonic())
        self.calls.ends(live, cause, at)
        self.known.callers.pop(call.number, None)
        if call.answered_at is not None or call.voicemail:
            self.recorded(call.id, call.voicemail)
        self.left(call)

    def vanishes(self, live: Live) -> None:
        """A call ended unwatched: free its person; Asterisk's journal will tell how it was."""
        if live.call.id in self.offers.out:
            self.offers.ended(live, OfferOutcome.LOST, self.clock.now())
        self._leave_person(live)
        self.board.leaves(live.call.id, self.clock.monotonic())
        self.vanished.add(live.call.id)

    def _leave_person(self, live: Live) -> None:
        if live.phase is Phase.TALKING:
            self.board.talk_ended(live.call.id, live.call.agent_id or "", self.clock.monotonic())

    def free_the_forgotten(self) -> None:
        """Free whoever seems to talk in a call that does not know of it; close lost offers."""
        for agent_id, person in self.board.people.items():
            for call_id in list(person.talks):
                live = self.calls.live.get(call_id)
                talks = live is not None and live.phase is Phase.TALKING
                if not talks or live is None or live.call.agent_id != agent_id:
                    self.board.talk_ended(call_id, agent_id, self.clock.monotonic())
        self.offers.lose_the_forgotten()

    # -- people --------------------------------------------------------------------------------

    def set_people(self, agents: tuple[Agent, ...]) -> None:
        """Take a new list of people."""
        self.board.set_people(agents, self.clock.monotonic())
        # Other districts share the trunk with everybody outside: it tells nobody apart.
        own = [agent for agent in agents if agent.kind is not AgentKind.DISTRICT]
        self._by_endpoint = {agent.endpoint: agent.id for agent in own}

    def wish(self, wish_id: int, agent_id: str, wish: str, reason: str) -> None:
        """Apply what a person asked to be, and take it off the list with the next batch."""
        self._batch.wishes_done.append(wish_id)
        if wish in set(Wish):
            self.board.set_wish(agent_id, Wish(wish), reason, self.clock.monotonic())
        else:
            log.warning("unknown wish", agent=agent_id, wish=wish[:40])

    def agent_of(self, endpoint: str) -> Agent | None:
        """Return whose telephone ``PJSIP/lawyer1`` is."""
        return self.agent(self._by_endpoint.get(endpoint, ""))

    def agent(self, agent_id: str) -> Agent | None:
        """Return a person by id."""
        person = self.board.people.get(agent_id)
        return person.agent if person is not None else None

    # -- for the journal -----------------------------------------------------------------------

    def gather(self) -> Batch:
        """Return what happened since the last time, once."""
        self.settle()
        batch, self._batch = self._batch, Batch()
        told = self.calls.take()
        batch.calls = {call.id: call for call in told.calls}
        batch.steps = list(told.steps)
        batch.born = {call_id: batch.calls[call_id] for call_id in told.born}
        batch.ended = {call_id: batch.calls[call_id] for call_id in told.ended}
        batch.offers = self.offers.take()
        now = self.clock.now()
        for person in self.board.take_changes():
            batch.presences[person.agent.id] = PresenceChange(
                person.agent.id,
                person.presence,
                person.reason,
                now,
                person.wish,
                person.call_id or None,
                person.answers,
                person.missed,
            )
        return batch

    def read_until(self, file: str, offset: int) -> None:
        """Keep how far Asterisk's journal of calls was read, with the next batch."""
        self._batch.positions[file] = offset

    def tell(self, topic: str, key: str, payload: Mapping[str, Any]) -> None:
        """Put a row of our own into the outbox with the next batch."""
        self._batch.told.append({"topic": topic, "key": key, "payload": dict(payload)})
