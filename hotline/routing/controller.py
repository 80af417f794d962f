"""The controller of the waiting room: hears Asterisk, decides, sends callers to people.

Events are dealt with in order, in the reader itself, and never wait: for the database there is
the journal, for Asterisk's answers there are tasks. The board says who waits and who is free,
``calls`` what each call is; this module only brings what happens to both and what is decided to
Asterisk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import structlog

from hotline.ami import AmiError, actions, events
from hotline.ami.errors import ActionFailedError
from hotline.ami.protocol import Response
from hotline.calls import events as said
from hotline.calls.live import Call, Calls, Live, Phase
from hotline.clock import Clock
from hotline.routing import reasons
from hotline.routing.batches import Batch
from hotline.routing.board import Board, Offered
from hotline.routing.decide import Decision, Kind, decide
from hotline.routing.interfaces import PresenceChange
from hotline.routing.known import Known
from hotline.routing.people import Agent, AgentKind, Wish
from hotline.routing.standing import Caller
from hotline.routing.tables import OfferOutcome

log = structlog.get_logger(__name__)

DIAL_PATIENCE = 1.0
"""Seconds after a redirect in which the telephone must be rung; Redirect once lied in 6,750."""
DIAL_TRIES = 3
RING_GRACE = 4.0
"""Seconds after the ring time-out in which Asterisk must tell how it ended."""

HEARD = frozenset(
    {
        "UserEvent",
        "DialBegin",
        "DialEnd",
        "Hangup",
        "ContactStatus",
        "AgentConnect",
        "AgentComplete",
    }
)
"""The events of Asterisk that the controller deals with."""

_STATUS = {
    "ANSWER": OfferOutcome.ANSWERED,
    "NOANSWER": OfferOutcome.MISSED,
    "BUSY": OfferOutcome.REFUSED,
    "DONTCALL": OfferOutcome.REFUSED,
    "TORTURE": OfferOutcome.REFUSED,
    "CANCEL": OfferOutcome.CANCELLED,
    "CHANUNAVAIL": OfferOutcome.UNREACHABLE,
    "CONGESTION": OfferOutcome.UNREACHABLE,
    "INVALIDARGS": OfferOutcome.UNREACHABLE,
}

SKIP_PRIORITIES = {"elderly": "elderly", "unsolved": "repeat"}
"""Why the menu was skipped, as a priority class."""


class Asterisk(Protocol):
    """What the controller needs of :class:`hotline.ami.Link`."""

    async def send(
        self, action: actions.Action, *, within: float | None = None, wait: bool = False
    ) -> Response:
        """Send an action and return its answer."""
        ...


@dataclass(slots=True)
class Ringing:
    """An offer on its way to a telephone."""

    offered: Offered
    row: dict[str, Any]
    """The offer as a row of its table."""
    sent: int = 0
    rings: bool = False


@dataclass(slots=True)
class Knowledge:
    """What the background tasks keep fresh for the controller."""

    topics: Mapping[str, str] = field(default_factory=dict)
    """Topic code to name."""
    places: Mapping[str, str] = field(default_factory=dict)
    """Beginning of a number to the code of its place."""
    blocked: Mapping[str, str] = field(default_factory=dict)
    callers: dict[str, Known] = field(default_factory=dict)
    """By number, for calls that go on."""
    unknown: set[str] = field(default_factory=set)
    """Numbers to be looked up."""
    open_calls: dict[str, Call] = field(default_factory=dict)
    """Calls that an earlier life of the controller kept without an end."""
    open_offers: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Rows of offers that an earlier life of the controller left open, by id."""


class Controller:
    """See the module. ``ready`` turns true when what is there has been taken up."""

    def __init__(
        self, asterisk: Asterisk, board: Board, clock: Clock, *, node: str, boot: str
    ) -> None:
        self.asterisk = asterisk
        self.board = board
        self.calls = Calls()
        self.clock = clock
        self.known = Knowledge()
        self.ready = False
        self.lost: Callable[[], None] = lambda: None
        """Called where what is there must be read back."""
        self.ended: Callable[[str], None] = lambda _: None
        """Called with each call that talked and ended: its recording is due."""
        self.has_message: Callable[[str], bool] = bool
        """Whether a message's file is there and not empty."""
        self.vanished: set[str] = set()
        """Calls that ended unwatched and wait for Asterisk's journal."""
        self.wishes_applied: set[int] = set()
        """Wishes that are applied and may still stand in the list."""
        self._node = node
        self._boot = boot
        self._made = 0
        self._ringing: dict[str, Ringing] = {}
        self._by_endpoint: dict[str, str] = {}
        self._batch = Batch()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._alarm: asyncio.TimerHandle | None = None

    # -- what Asterisk tells -------------------------------------------------------------------

    def on_event(self, event: events.Event) -> None:
        """Take one event; what goes wrong with it is logged and stops nothing else."""
        try:
            self._take(event)
        except Exception:
            log.exception("event could not be dealt with", event_=repr(event)[:500])

    def _take(self, event: events.Event) -> None:
        match event:
            case events.UserEvent():
                told = said.read(event)
                if told is not None:
                    self._said(told, event)
            case events.DialBegin(caller=events.Channel(uniqueid=call_id), called=called):
                self._rings(call_id, called.endpoint)
            case events.DialEnd(caller=events.Channel(uniqueid=call_id), status="ANSWER"):
                self._answered(call_id, self._time(event))
            case events.Hangup(channel=channel, cause=cause):
                self._hung_up(channel, cause, self._time(event))
            case events.ContactStatus(endpoint=endpoint, status=status):
                self.reachable(endpoint, reachable=status not in {"Unreachable", "Removed"})
            case events.QueueEvent():
                self._plain_queue(event)
            case events.LinkUp() | events.EventsLost():
                self.lost()
            case events.LinkDown():
                self.ready = False
            case _:
                pass

    def _said(self, told: said.Said, event: events.UserEvent) -> None:
        at = self._time(event)
        if isinstance(told, said.Started):
            self._starts(told, event, at)
            return
        live = self.calls.live.get(told.call_id) or self._unheard_of(told, event, at)
        if live is None:
            return
        match told:
            case said.MenuKey(key=key, result=result):
                self.calls.presses(live, key, result, at)
            case said.MenuDone(topic=topic, language=language, path=path, skip=skip):
                self.calls.menu_done(live, topic, language, path, at)
                self._prioritise(live, SKIP_PRIORITIES.get(skip, ""), at)
            case said.Waits():
                self.waits(live, told, event.at)
            case said.OfferEnded():
                self._offer_ended(live, told, at)
            case said.Surveyed(question=question, answer=answer):
                self.calls.surveyed(live, question, answer, at)
            case said.MessageLeft(file=file):
                self.calls.message_left(live, file if self.has_message(file) else "", at)
            case said.WantsCallBack():
                self.calls.wants_call_back(live, at)
            case said.FellBack(why=why):
                self.calls.fell_back(live, why, at)
                if self.ready:
                    # It looked just before the heartbeat came back; it is ours again.
                    self.redirect(live, "waiting-room", "s")
            case _:
                pass

    def _starts(self, told: said.Started, event: events.UserEvent, at: datetime) -> None:
        if event.channel is None:
            return
        place = told.place or self._place(told.number)
        live = self.calls.starts(
            told.call_id, event.channel.name, told.number, at, dialled=told.dialled, place=place
        )
        if told.number:
            self.known.unknown.add(told.number)
        reason = self.known.blocked.get(told.number)
        if reason is not None:
            self.calls.refused(live, f"号码在拦截名单内：{reason}", at)
            self.redirect(live, "refused", "s")

    def _unheard_of(self, told: said.Said, event: events.UserEvent, at: datetime) -> Live | None:
        """Make a call known whose beginning was not heard, from what it says of itself."""
        if not isinstance(told, said.Waits) or event.channel is None:
            return None
        if told.number:
            self.known.unknown.add(told.number)
        return self.calls.starts(
            told.call_id, event.channel.name, told.number, at, dialled="", place=told.place
        )

    # -- waiting -------------------------------------------------------------------------------

    def waits(self, live: Live, told: said.Waits, event_at: float) -> None:
        """Put a caller in line, or hear again that they are."""
        call, now = live.call, self.clock.monotonic()
        ringing = self._ringing.get(call.id)
        if ringing is not None:
            if told.offer == ringing.offered.offer_id:
                # It was dialled and is over, and the word of it was lost.
                self._close(live, OfferOutcome.MISSED, self._at(event_at))
            elif ringing.sent and not ringing.rings:
                return
            else:
                return
        if live.phase in {Phase.TALKING, Phase.REFUSED}:
            return
        waited = event_at - told.since if told.since else 0.0
        # The dialplan's clock has whole seconds; a caller who just came has waited none.
        waited = waited if waited > 2.0 else 0.0
        at = self._at(event_at)
        call.topic, call.language = told.topic or call.topic, told.language
        call.place = told.place or call.place
        self.calls.waits(live, at - timedelta(seconds=waited), at)
        self._line_up(live, now - waited, told.tries)
        self.decide()

    def _line_up(self, live: Live, since: float, tries: int = 0) -> None:
        call = live.call
        known = self.known.callers.get(call.number)
        if known is not None and known.priority and not call.priority:
            self._prioritise(live, known.priority, self.clock.now())
        caller = Caller(
            call.id,
            since,
            call.topic,
            call.language,
            call.place,
            call.priority,
            known.last_agent if known is not None else "",
            tries,
        )
        self.board.waits(caller, self.clock.monotonic())

    def learnt(self, number: str) -> None:
        """Something became known of a number: put its callers where they belong."""
        for live in self.calls.live.values():
            if live.call.number == number and live.phase is Phase.WAITING:
                waiting = self.board.waiting.get(live.call.id)
                if waiting is not None:
                    self._line_up(live, waiting.caller.since, waiting.caller.tries)

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

    # -- deciding ------------------------------------------------------------------------------

    def decide(self) -> None:
        """Do all that can be done now; wake up when time alone changes something."""
        if not self.ready:
            return
        board = self.board
        board.advance(self.clock.monotonic())
        while (decision := decide(board)) is not None:
            live = self.calls.live.get(decision.call_id)
            if live is None:
                log.error("a caller in line who has no call", call=decision.call_id)
                board.leaves(decision.call_id, board.now)
            elif decision.kind is Kind.VOICEMAIL:
                self._to_voicemail(live, decision)
            else:
                self._offer(live, decision)
        self._set_alarm()

    def _set_alarm(self) -> None:
        due = self.board.next_change()
        if due is None:
            return
        loop = asyncio.get_running_loop()
        when = loop.time() + max(0.001, due - self.clock.monotonic())
        if self._alarm is not None:
            if not self._alarm.cancelled() and loop.time() < self._alarm.when() <= when:
                return
            self._alarm.cancel()
        self._alarm = loop.call_at(when, self.decide)

    def _to_voicemail(self, live: Live, decision: Decision) -> None:
        words = reasons.words(decision.reason, self.known.topics)
        self.board.leaves(live.call.id, self.board.now)
        self.calls.voicemail(live, self.clock.now(), words, reasons.detail(decision.reason))
        self.redirect(live, "voicemail", "s")

    def _offer(self, live: Live, decision: Decision) -> None:
        self._made += 1
        offer_id, at = f"{self._boot}-{self._made:x}", self.clock.now()
        words = reasons.words(decision.reason, self.known.topics)
        detail = reasons.detail(decision.reason)
        offered = self.board.offer(offer_id, decision.call_id, decision.agent_id, self.board.now)
        row = {
            "id": offer_id,
            "call_id": decision.call_id,
            "agent_id": decision.agent_id,
            "made_at": at,
            "ringing_at": None,
            "ended_at": None,
            "outcome": None,
            "reason_code": decision.reason.code.value,
            "words": words,
            "detail": detail,
            "node": self._node,
        }
        self._batch.offers[offer_id] = row
        ringing = self._ringing[decision.call_id] = Ringing(offered, row)
        self._dial(live, ringing)
        self.calls.offered(live, at, words, detail)

    # -- dialling ------------------------------------------------------------------------------

    def _dial(self, live: Live, ringing: Ringing) -> None:
        ringing.sent += 1
        self.spawn(self._send_offer(live, ringing))

    async def _send_offer(self, live: Live, ringing: Ringing) -> None:
        offered = ringing.offered
        agent = self.board.people[offered.agent_id].agent
        waiting = self.board.waiting.get(offered.call_id)
        tries = (waiting.caller.tries if waiting is not None else 0) + 1
        seconds = int(self.board.policy.ring_seconds)
        endpoint = agent.endpoint.removeprefix("PJSIP/")
        exten = f"o*{offered.offer_id}*{agent.id}*{endpoint}*{seconds}*{tries}"
        try:
            await self.asterisk.send(actions.Redirect(live.channel, "offer", exten))
        except ActionFailedError as error:
            # The leg is gone; its hang-up is on its way, or was lost with the link.
            log.info("redirect refused", call=offered.call_id, reason=error.message)
        except AmiError as error:
            log.warning("redirect not answered", call=offered.call_id, reason=error.message)
        loop = asyncio.get_running_loop()
        loop.call_later(DIAL_PATIENCE, self._watch_dial, ringing)
        loop.call_later(seconds + RING_GRACE, self._watch_ring, ringing)

    def _watch_dial(self, ringing: Ringing) -> None:
        """Redirect again where nothing was rung; give up where that does not help."""
        call_id = ringing.offered.call_id
        live = self.calls.live.get(call_id)
        if ringing.rings or self._ringing.get(call_id) is not ringing:
            return
        if live is not None and ringing.sent < DIAL_TRIES and self.ready:
            log.warning("nothing was rung; redirecting again", call=call_id, tries=ringing.sent)
            self._dial(live, ringing)
            return
        self._give_up(ringing)

    def _watch_ring(self, ringing: Ringing) -> None:
        if self._ringing.get(ringing.offered.call_id) is ringing and ringing.rings:
            self._give_up(ringing)

    def _give_up(self, ringing: Ringing) -> None:
        """Nobody knows what became of it: free the person, read back what is there."""
        live = self.calls.live.get(ringing.offered.call_id)
        if live is not None:
            self._close(live, OfferOutcome.LOST, self.clock.now())
        self.lost()

    def _rings(self, call_id: str, endpoint: str) -> None:
        ringing = self._ringing.get(call_id)
        if ringing is None or ringing.rings:
            return
        if self._by_endpoint.get(endpoint) == ringing.offered.agent_id:
            ringing.rings = True
            ringing.row["ringing_at"] = self.clock.now()

    def _answered(self, call_id: str, at: datetime) -> None:
        live, ringing = self.calls.live.get(call_id), self._ringing.get(call_id)
        if live is not None and ringing is not None:
            self._close(live, OfferOutcome.ANSWERED, at)

    def _offer_ended(self, live: Live, told: said.OfferEnded, at: datetime) -> None:
        ringing = self._ringing.get(live.call.id)
        outcome = _STATUS.get(told.status, OfferOutcome.UNREACHABLE)
        if ringing is not None and ringing.offered.offer_id == told.offer:
            self._close(live, outcome, at)
        if outcome is OfferOutcome.ANSWERED:
            self.talk_ended(live, at)
        self.decide()

    def _close(self, live: Live, outcome: OfferOutcome, at: datetime) -> None:
        """End the offer of a call, in the board, in the call and in its row."""
        ringing = self._ringing.pop(live.call.id, None)
        offered = self.board.offer_ended(live.call.id, outcome, self.clock.monotonic())
        if ringing is None or offered is None:
            return
        ringing.row["ended_at"], ringing.row["outcome"] = at, outcome.value
        self._batch.offers[offered.offer_id] = ringing.row
        agent = self._agent(offered.agent_id)
        if outcome is OfferOutcome.ANSWERED:
            self.calls.answered(
                live,
                offered.agent_id,
                _who(agent, offered.agent_id),
                at,
                station=agent is not None and agent.kind is AgentKind.STATION,
            )
        else:
            who = _who(agent, offered.agent_id)
            self.calls.not_answered(live, who, outcome.value, at)

    # -- talking and the end -------------------------------------------------------------------

    def talk_ended(self, live: Live, at: datetime) -> None:
        """The person left: their wrap-up begins."""
        if live.phase is Phase.TALKING:
            self.board.talk_ended(live.call.id, live.call.agent_id or "", self.clock.monotonic())
            self.calls.talk_ended(live, at)

    def _hung_up(self, channel: events.Channel, cause: int, at: datetime) -> None:
        live = self.calls.live.get(channel.uniqueid)
        if live is not None:
            self.over(live, cause, at)
            return
        live = self.calls.live.get(channel.variables.get("HL_CALL", ""))
        if live is not None and live.phase is Phase.TALKING:
            agent_id = self._by_endpoint.get(channel.endpoint)
            if agent_id == live.call.agent_id:
                self.talk_ended(live, at)
                self.decide()

    def over(self, live: Live, cause: int | None, at: datetime) -> None:
        """The caller's leg is gone: the call is over, an offer is cancelled."""
        call = live.call
        if call.id in self._ringing:
            self._close(live, OfferOutcome.CANCELLED, at)
        if live.phase is Phase.TALKING:
            self.board.talk_ended(call.id, call.agent_id or "", self.clock.monotonic())
        self.board.leaves(call.id, self.clock.monotonic())
        self.calls.ends(live, cause, at)
        self.known.callers.pop(call.number, None)
        if call.answered_at is not None:
            self.ended(call.id)
        self.decide()

    def vanishes(self, live: Live) -> None:
        """A call ended unwatched: free its person; Asterisk's journal will tell how it was."""
        call = live.call
        if call.id in self._ringing:
            self._close(live, OfferOutcome.LOST, self.clock.now())
        if live.phase is Phase.TALKING:
            self.board.talk_ended(call.id, call.agent_id or "", self.clock.monotonic())
        self.board.leaves(call.id, self.clock.monotonic())
        self.vanished.add(call.id)

    def talks(self, live: Live, agent: Agent, at: datetime) -> None:
        """Note a talk that we did not arrange: the plain queue's, or one found in Asterisk."""
        ringing = self._ringing.pop(live.call.id, None)
        if ringing is not None:
            taken = ringing.offered.agent_id == agent.id
            ringing.row["ended_at"] = at
            ringing.row["outcome"] = (
                OfferOutcome.ANSWERED if taken else OfferOutcome.CANCELLED
            ).value
            self._batch.offers[ringing.offered.offer_id] = ringing.row
        self.board.talks(live.call.id, agent.id, self.clock.monotonic())
        station = agent.kind is AgentKind.STATION
        self.calls.answered(live, agent.id, _who(agent, agent.id), at, station=station)

    def line_up_again(self, live: Live, told: said.Waits, now: datetime) -> None:
        """Put a caller found in Asterisk in line, without deciding yet."""
        waited = max(0.0, now.timestamp() - told.since) if told.since else 0.0
        ringing = self._ringing.get(live.call.id)
        if ringing is not None and told.offer == ringing.offered.offer_id:
            self._close(live, OfferOutcome.MISSED, now)
        if live.phase is Phase.TALKING:
            self.talk_ended(live, now)
        self.calls.waits(live, now - timedelta(seconds=waited), now)
        self._line_up(live, self.clock.monotonic() - waited, told.tries)

    def adopt(self, live: Live, offer_id: str, agent_id: str) -> None:
        """Take over an offer that an earlier life of the controller made and that still rings."""
        if live.call.id in self._ringing:
            return
        now = self.clock.monotonic()
        offered = self.board.adopt(offer_id, live.call.id, agent_id, now)
        row = self.known.open_offers.pop(offer_id, None)
        if offered is None or row is None:
            return
        ringing = self._ringing[live.call.id] = Ringing(offered, row, sent=1, rings=True)
        live.phase = Phase.RINGING
        seconds = self.board.policy.ring_seconds + RING_GRACE
        asyncio.get_running_loop().call_later(seconds, self._watch_ring, ringing)

    def free_the_forgotten(self) -> None:
        """Free whoever the board believes to talk in a call that is gone; close lost offers."""
        now = self.clock.monotonic()
        for agent_id, person in self.board.people.items():
            for call_id in [c for c in person.talks if c not in self.calls.live]:
                self.board.talk_ended(call_id, agent_id, now)
        for row in self.known.open_offers.values():
            row["ended_at"], row["outcome"] = self.clock.now(), OfferOutcome.LOST.value
            self._batch.offers[row["id"]] = row
        self.known.open_offers.clear()

    def _plain_queue(self, event: events.QueueEvent) -> None:
        live = self.calls.live.get(event.channel.uniqueid)
        agent_id = self._by_endpoint.get(f"PJSIP/{event.member}")
        if live is None or agent_id is None:
            return
        at = self._time(event)
        if event.name == "AgentConnect":
            agent = self._agent(agent_id)
            if agent is not None:
                self.talks(live, agent, at)
        elif event.name == "AgentComplete":
            self.talk_ended(live, at)
            self.decide()

    # -- people --------------------------------------------------------------------------------

    def set_people(self, agents: tuple[Agent, ...]) -> None:
        """Take a new list of people."""
        self.board.set_people(agents, self.clock.monotonic())
        self._by_endpoint = {agent.endpoint: agent.id for agent in agents}

    def reachable(self, endpoint: str, *, reachable: bool) -> None:
        """A telephone was found or lost."""
        agent_id = self._by_endpoint.get(f"PJSIP/{endpoint}")
        if agent_id is not None:
            self.board.set_reachable(agent_id, self.clock.monotonic(), reachable=reachable)
            self.decide()

    def wish(self, wish_id: int, agent_id: str, wish: str, reason: str) -> None:
        """Apply what a person asked to be, and take it off the list with the next batch."""
        self._batch.wishes_done.append(wish_id)
        if wish in set(Wish):
            self.board.set_wish(agent_id, Wish(wish), reason, self.clock.monotonic())
            self.decide()
        else:
            log.warning("unknown wish", agent=agent_id, wish=wish[:40])

    def agent_of(self, endpoint: str) -> Agent | None:
        """Return whose telephone ``PJSIP/lawyer1`` is."""
        return self._agent(self._by_endpoint.get(endpoint, ""))

    def _agent(self, agent_id: str) -> Agent | None:
        person = self.board.people.get(agent_id)
        return person.agent if person is not None else None

    # -- for the journal -----------------------------------------------------------------------

    def gather(self) -> Batch:
        """Return what happened since the last time, once."""
        batch, self._batch = self._batch, Batch()
        told = self.calls.take()
        batch.calls = {call.id: call for call in told.calls}
        batch.steps = list(told.steps)
        batch.born = {call_id: batch.calls[call_id] for call_id in told.born}
        batch.ended = {call_id: batch.calls[call_id] for call_id in told.ended}
        # Rows are shared with offers that still ring; what is written must not change any more.
        batch.offers = {offer_id: dict(row) for offer_id, row in batch.offers.items()}
        now = self.clock.now()
        for person in self.board.take_changes():
            batch.presences[person.agent.id] = PresenceChange(
                person.agent.id,
                person.presence,
                person.reason,
                now,
                person.wish,
                person.call_id or None,
                person.reachable,
                person.missed,
            )
        return batch

    def read_until(self, file: str, offset: int) -> None:
        """Keep how far Asterisk's journal of calls was read, with the next batch."""
        self._batch.positions[file] = offset

    def tell(self, topic: str, key: str, payload: Mapping[str, Any]) -> None:
        """Put a row of our own into the outbox with the next batch."""
        self._batch.told.append({"topic": topic, "key": key, "payload": dict(payload)})

    # -- small things --------------------------------------------------------------------------

    def redirect(self, live: Live, context: str, exten: str) -> None:
        """Send a caller elsewhere; where that fails they announce themselves again."""

        async def send() -> None:
            try:
                await self.asterisk.send(actions.Redirect(live.channel, context, exten))
            except AmiError as error:
                log.info("redirect failed", call=live.call.id, to=context, reason=error.message)

        self.spawn(send())

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside, and keep it from being collected."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a task failed", exc_info=error)

    def _time(self, event: events.Event) -> datetime:
        return self._at(event.at)

    def _at(self, seconds: float) -> datetime:
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else self.clock.now()


def _who(agent: Agent | None, agent_id: str) -> str:
    return reasons.person(agent.name, agent.kind) if agent is not None else agent_id
