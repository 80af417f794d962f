"""The controller of the waiting room: hears Asterisk, decides, sends callers to people.

Events are dealt with in order, in the reader itself, and never wait: for the database there is
the journal, for Asterisk's answers there are tasks. What happened goes to the
:class:`~hotline.routing.room.Room`; what is decided there is brought to Asterisk by
:mod:`hotline.routing.dialling`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import structlog

from hotline.ami import events
from hotline.calls import events as said
from hotline.calls.live import Live, Phase
from hotline.clock import Clock
from hotline.routing.decide import Decision, Kind, decide
from hotline.routing.dialling import Dialling
from hotline.routing.interfaces import Asterisk, NoTalks, Talks
from hotline.routing.laying import LAID_OUT, Laying
from hotline.routing.next_up import NextUp
from hotline.routing.offers import Ringing
from hotline.routing.plain_queue import PlainQueue
from hotline.routing.questions import Question, Way
from hotline.routing.room import Room
from hotline.routing.tables import OfferOutcome
from hotline.routing.telephones import Telephones

log = structlog.get_logger(__name__)

HEARD = {
    "UserEvent": "",
    "DialBegin": "",
    "DialEnd": "",
    "BridgeEnter": "\r\nSwapUniqueid: ",
    "Hangup": "",
    "Hold": "",
    "Unhold": "",
    "ContactStatus": "",
    "AgentConnect": "",
    "AgentComplete": "",
}
"""The events of Asterisk that the controller deals with, each with what its message must hold: that
a leg enters a bridge is told for every talk and matters only where it takes another's place."""

TOOK_NEXT = "n-"
"""How an offer's id begins that a caller took as it was laid out; the call's id follows."""

TAKEN = "TAKEN"
_STATUS = {
    "ANSWER": OfferOutcome.ANSWERED,
    "NOANSWER": OfferOutcome.MISSED,
    "BUSY": OfferOutcome.REFUSED,
    "DONTCALL": OfferOutcome.REFUSED,
    "TORTURE": OfferOutcome.REFUSED,
    "CANCEL": OfferOutcome.CANCELLED,
    TAKEN: OfferOutcome.LOST,
}
"""Dial's results, and ours (another caller rings that person); any other is a telephone that
could not be rung."""


class Controller:
    """See the module. ``ready`` turns true when what is there has been taken up."""

    def __init__(self, asterisk: Asterisk, room: Room, clock: Clock) -> None:
        self.asterisk = asterisk
        self.room = room
        self.clock = clock
        self.telephones = Telephones(room)
        self.next_up = NextUp(room.board, clock, room.boot)
        self.laying = Laying(self, self.next_up)
        self.dialling = Dialling(self, room, self.next_up)
        self.plain_queue = PlainQueue(self, room, self.dialling)
        self.ready = False
        self.lost: Callable[[], None] = lambda: None
        """Called where what is there must be read back."""
        self.slept: Callable[[], bool] = bool
        """Whether we did nothing for so long that others served our callers."""
        self.has_message: Callable[[str], bool] = bool
        """Whether a message's file is there and not empty."""
        self.call_back: Callable[[Decision], None] = self._calls_nobody_back
        """Called where a person is free for somebody who keeps a place and is not on the line."""
        self.picked_up: Callable[[Live, bool], None] = lambda _live, _taken: None
        """Called where who is called back pressed the key, or did not."""
        self.reserved: Callable[[Live, Ringing], None] = lambda _live, _ringing: None
        """Called where a call-back was found on its way, whose person stays reserved."""
        self.talks: Talks = NoTalks()
        """What becomes of a talk beside its beginning and end."""
        self._tasks: set[asyncio.Task[Any]] = set()
        self._alarm: asyncio.TimerHandle | None = None

    # -- what Asterisk tells -------------------------------------------------------------------

    def on_event(self, event: events.Event) -> None:
        """Take one event; what goes wrong with it is logged and stops nothing else."""
        try:
            self.room.settle()
            self._take(event)
        except Exception:
            log.exception("event could not be dealt with", event_=repr(event)[:500])

    def _take(self, event: events.Event) -> None:  # noqa: C901, PLR0912 - a table
        match event:
            case events.UserEvent(name=name, fields=fields) if name == LAID_OUT:
                self.laying.told(fields.get("Number", ""))
            case events.UserEvent():
                told = said.read(event)
                if told is not None:
                    self._said(told, event)
                else:
                    self.talks.said(event)
            case events.Hold():
                self.talks.held(event)
            case events.BridgeEnter(channel=channel, swapped=before) if before:
                self.talks.replaced(channel, before)
            case events.DialBegin(caller=events.Channel(uniqueid=call_id) as caller, called=called):
                self._unheard_offer(caller, called, self._time(event))
                self.room.rings(call_id, called.endpoint, self._time(event))
            case events.DialEnd(
                caller=events.Channel(uniqueid=call_id) as caller, called=called, status="ANSWER"
            ):
                self._unheard_offer(caller, called, self._time(event))
                live = self.room.calls.live.get(call_id)
                ringing = self.room.offers.out.get(call_id)
                # A mailbox picks up too: outside, only the key counts.
                if live is not None and ringing is not None and not ringing.outside:
                    self.room.offers.ended(live, OfferOutcome.ANSWERED, self._time(event))
            case events.Hangup(channel=channel, cause=cause):
                self._hung_up(channel, cause, self._time(event))
            case events.ContactStatus():
                self.telephones.told(event, self._time(event))
                self.decide()
            case events.QueueEvent():
                self.plain_queue.told(event, self._time(event))
            case events.LinkUp() | events.EventsLost():
                self.lost()
            case events.LinkDown():
                self.ready = False
            case _:
                pass

    def _said(self, told: said.Said, event: events.UserEvent) -> None:
        at = self._time(event)
        if isinstance(told, said.Started):
            if event.channel is not None:
                live, refused = self.room.starts(told, event.channel.name, at)
                if refused is not None:
                    self.dialling.redirect(live, "refused", "s")
            return
        known = self.room.calls.live.get(told.call_id) or self._unheard_of(told, event, at)
        if known is not None:
            self._of_call(known, told, at)

    def _of_call(self, live: Live, told: said.Said, at: datetime) -> None:  # noqa: C901, PLR0912
        calls = self.room.calls
        match told:
            case said.MenuKey(key=key, result=result):
                calls.presses(live, key, result, at)
            case said.MenuDone():
                self.room.menu_done(live, told, at)
            case said.Waits():
                if live.phase is Phase.REFUSED:
                    self.dialling.redirect(live, "refused", "s")
                    return
                self.next_up.asked((told.topic, told.language, told.place))
                self.room.waits(live, told, at)
                self.decide()
            case said.TakesNext():
                self._takes_next(live, told, at)
            case said.OfferEnded():
                self._offer_ended(live, told, at)
            case said.Accepted():
                if live.call.id in self.room.offers.out:
                    self.room.offers.ended(live, OfferOutcome.ANSWERED, at)
            case said.Surveyed(question=question, answer=answer):
                calls.surveyed(live, question, answer, at)
            case said.MessageLeft(file=file):
                calls.message_left(live, file if self.has_message(file) else "", at)
            case said.WantsCallBack():
                self.room.wants_call_back(live, at)
            case said.Advised(topic=topic):
                name = self.room.known.topics.get(topic, topic)
                calls.advised(live, at, f"收听录音解答：{name}")
            case said.PickedUp(taken=taken):
                self.picked_up(live, taken)
                self.decide()
            case said.FellBack(why=why):
                calls.fell_back(live, why, at)
                if self.ready:
                    self.spawn(self.plain_queue.take_back(live))
            case _:
                pass

    def answer(self, question: Question) -> Way | None:
        """Tell a caller who asks where to go; ``None`` where they are to wait.

        What need not be done before that is left to :meth:`Room.settle`, which is called once the
        answer is out, and in any case before anything else happens.
        """
        self.room.settle()
        told, at = question.waits, self.clock.now()
        if not self.ready or self.slept():
            return None
        self.room.later = []
        self.dialling.asks(told.call_id)
        try:
            live = self.room.calls.live.get(told.call_id)
            if live is None:
                # The word of its beginning is on its way, behind much else.
                started = said.Started(told.call_id, told.number, question.dialled, told.place)
                live = self.room.starts(started, question.channel, at)[0]
            self._of_call(live, told, at)
            return self.dialling.answer
        finally:
            self.dialling.asks("")

    def _unheard_of(self, told: said.Said, event: events.UserEvent, at: datetime) -> Live | None:
        """Make a call known whose beginning was not heard, from what it says of itself."""
        waits = told.waits if isinstance(told, said.TakesNext) else told
        if not isinstance(waits, said.Waits) or event.channel is None:
            return None
        started = said.Started(waits.call_id, waits.number, "", waits.place)
        return self.room.starts(started, event.channel.name, at)[0]

    def _takes_next(self, live: Live, told: said.TakesNext, at: datetime) -> None:
        """Take over that a caller rings the person who was laid out as next."""
        if live.phase is Phase.REFUSED:
            self.dialling.redirect(live, "refused", "s")
            return
        if live.phase not in {Phase.MENU, Phase.WAITING} or not told.offer:
            return
        key = (told.waits.topic, told.waits.language, told.waits.place)
        self.next_up.asked(key)
        self.next_up.taken(key, told.agent)
        self.room.waits(live, told.waits, at)
        ringing = self.room.offers.takes_next(live, told.agent, told.offer)
        if ringing is None:
            log.error("somebody unknown is rung", call=live.call.id, agent=told.agent)
            self.lost()
            return
        ringing.sent = 1
        self.dialling.offered()
        self.dialling.watch(ringing)
        self.decide()

    def _unheard_offer(self, caller: events.Channel, called: events.Channel, at: datetime) -> None:
        """Take over that a caller rings somebody, where the word of it was lost."""
        call_id, offer = caller.uniqueid, caller.variables.get("HL_OFFER", "")
        live, agent = self.room.calls.live.get(call_id), self.room.agent_of(called.endpoint)
        if live is None or agent is None or not offer or call_id in self.room.offers.out:
            return
        if offer == f"{TOOK_NEXT}{call_id}":
            own = live.call
            waits = said.Waits(call_id, own.number, own.topic, own.language, own.place, 0.0, 0, "")
            self._takes_next(live, said.TakesNext(call_id, waits, offer, agent.id), at)
        elif live.phase is Phase.WAITING:
            self.lost()

    def _offer_ended(self, live: Live, told: said.OfferEnded, at: datetime) -> None:
        ringing = self.room.offers.out.get(live.call.id)
        outcome = _STATUS.get(told.status, OfferOutcome.UNREACHABLE)
        if ringing is not None and ringing.offered.offer_id == told.offer:
            self.room.offers.ended(live, outcome, at)
            if told.status == TAKEN:
                log.info("a person is rung for somebody unknown", agent=told.agent)
                self.lost()
        if outcome is OfferOutcome.ANSWERED:
            self.room.talk_ended(live, at)
        self.decide()

    def _hung_up(self, channel: events.Channel, cause: int, at: datetime) -> None:
        live = self.room.calls.live.get(channel.uniqueid)
        if live is not None:
            self.room.over(live, cause, at)
            self.talks.over(channel.uniqueid)
            self.decide()
            return
        if self.talks.hung_up(channel, at):
            self.decide()
            return
        live = self.room.calls.live.get(channel.variables.get("HL_CALL", ""))
        if live is not None and live.phase is Phase.TALKING:
            agent = self.room.agent_of(channel.endpoint)
            if agent is not None and agent.id == live.call.agent_id:
                self.room.talk_ended(live, at)
                self.decide()

    # -- deciding ------------------------------------------------------------------------------

    def decide(self) -> None:
        """Do all that can be done now; wake up when time alone changes something."""
        if self.ready and self.slept():
            self.woke()
        if not self.ready:
            return
        board = self.room.board
        board.advance(self.clock.monotonic())
        while (decision := decide(board)) is not None:
            live = self.room.calls.live.get(decision.call_id)
            if board.waiting[decision.call_id].caller.absent:
                self.call_back(decision)
            elif live is None:
                log.error("a caller in line who has no call", call=decision.call_id)
                board.leaves(decision.call_id, board.now)
            elif decision.kind is Kind.VOICEMAIL:
                self.room.to_voicemail(live, decision)
                self.dialling.redirect(live, "voicemail", "s")
            else:
                self.dialling.dial(live, self.room.offers.make(live, decision))
        self.room.afterwards(self._set_alarm)
        self.room.afterwards(self.laying.lay_out)

    def learnt(self, number: str) -> None:
        """Something became known of a number: whom its caller talked with before goes first."""
        self.room.learnt(number)
        known = self.room.known.callers.get(number)
        if known is None or known.last_agent not in self.room.board.people:
            return
        for live in self.room.calls.live.values():
            if live.call.number == number and live.phase is Phase.MENU:
                self.laying.must_ask(live)

    def woke(self) -> None:
        """Read back what is there after having hung: nobody is to be torn out of a talk."""
        log.warning("hung for a while; reading back what is there")
        self.ready = False
        self.lost()

    def _calls_nobody_back(self, decision: Decision) -> None:
        self.room.board.leaves(decision.call_id, self.room.board.now)

    def _set_alarm(self) -> None:
        due = self.room.board.next_change()
        if due is None:
            return
        loop = asyncio.get_running_loop()
        when = loop.time() + max(0.001, due - self.clock.monotonic())
        if self._alarm is not None:
            if loop.time() < self._alarm.when() <= when:
                return
            self._alarm.cancel()
        self._alarm = loop.call_at(when, self.decide)

    # -- tasks and time ------------------------------------------------------------------------

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
        return datetime.fromtimestamp(event.at, UTC) if event.at > 0 else self.clock.now()
