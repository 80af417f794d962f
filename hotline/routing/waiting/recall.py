"""Calls people back (回电): each in its turn, against a person who is reserved for them.

An entry of the agenda stands in the board's line as a caller who is absent. When the decision
reaches it, a person is reserved like for any other caller; only then the caller is dialled, so
that there are never more call-backs ringing than free people. From where they pick up, the call
goes the way of every other: offer, talk, survey.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from hotline.ami import AmiError, actions, events
from hotline.calls import timeline
from hotline.calls.live import Call, Live
from hotline.calls.tables import Asked, CallBackOutcome, Outcome
from hotline.errors import HotlineError
from hotline.routing.controller import Controller
from hotline.routing.decide import Decision
from hotline.routing.offers import Ringing
from hotline.routing.policy import CallBack
from hotline.routing.standing import Caller
from hotline.routing.waiting import book
from hotline.routing.waiting.agenda import (
    Agenda,
    Closed,
    Entry,
    Why,
    after_try,
    due_for,
    may_call,
    try_words,
)
from hotline.routing.waiting.book import News
from hotline.store import Database
from hotline.worktime import WorkTime

log = structlog.get_logger(__name__)

SETTLE = timedelta(seconds=2.5)
"""After so long the call that asked is over on the line and has its ticket."""

GREETING = 25.0
"""Seconds that what is said to who picks up takes at most, beside the time for the key."""
LAST_LOOK = 10.0
"""Seconds after that in which it must be known what became of it; then the line is hung up."""

_AGREED = frozenset({Asked.KEPT, Asked.WEB})
"""Who is called back because they asked for it, and is told so."""

_NOT_OK = {3: Why.NO_ANSWER, 5: Why.BUSY, 8: Why.NOT_REACHED, 0: Why.NOT_REACHED}
"""Asterisk's reasons for a call that was not answered."""

OVERLOOKED_EVERY = 60
"""Looks between two searches for calls that left no call-back."""
UNTOLD_TICKS = 120


@dataclass(frozen=True)
class Outside:
    """How we dial out."""

    template: str = "PJSIP/{number}@trunk"
    caller: str = "12348"
    """The number that is shown."""
    exists: bool = True
    """Whether there is a trunk to the outside at all."""

    @property
    def trunk(self) -> str:
        """The endpoint of Asterisk through which we dial."""
        return self.template.rpartition("@")[2]

    @property
    def is_checked(self) -> bool:
        """Whether Asterisk checks what we dial through; a dialplan (``Local/…``) it does not."""
        return self.template.startswith("PJSIP/")

    def channel(self, number: str) -> str:
        """Return what Asterisk dials for a number."""
        return self.template.replace("{number}", number)


Originate = Callable[[actions.Originate], Awaitable[events.OriginateResponse]]


class CallBacks:
    """See the module; :meth:`tick` every second."""

    def __init__(
        self, database: Database, controller: Controller, originate: Originate, outside: Outside
    ) -> None:
        self.agenda = Agenda()
        self.hours: WorkTime | None = None
        """When we call; nobody is called before they are known."""
        self._database = database
        self._controller = controller
        self._room = controller.room
        self._clock = controller.clock
        self._originate = originate
        self._outside = outside
        self._unwritten: list[Entry | News] = []
        self._untold: dict[str, int] = {}
        """Tries that are neither live nor over, and for how many looks."""
        self._why: dict[str, Why] = {}
        """Of tries that go on: why they come to nothing, if they do."""
        self._ticks = 0
        controller.call_back = self.dial
        controller.picked_up, controller.reserved = self.picked_up, self.keep_reserved
        self._room.left = self.left
        self._room.place_of = self.place_of

    @property
    def rules(self) -> CallBack:
        """What the policy says."""
        return self._room.board.policy.callback

    # -- again and again -----------------------------------------------------------------------

    async def tick(self) -> None:
        """Write down, read what is new, and put in line who may be called.

        Raises:
            DatabaseUnavailableError: nobody is called meanwhile; what is unwritten is kept.
        """
        try:
            await self._write()
            await self._read()
            if self._ticks % OVERLOOKED_EVERY == 0:
                await self._find_overlooked()
            self._ticks += 1
        except HotlineError:
            self.line_up(nobody=True)
            raise
        self.line_up()
        self._controller.decide()

    async def _write(self) -> None:
        while self._unwritten:
            item = self._unwritten[0]
            now = self._clock.now()
            async with self._database.write() as session:
                if isinstance(item, Entry):
                    await book.register(session, item)
                else:
                    await book.note(session, item, now)
            self._unwritten.pop(0)

    async def _read(self) -> None:
        async with self._database.read() as session:
            rows = {entry.id: entry for entry in await book.open_entries(session)}
            tries = [
                entry.try_call
                for entry in rows.values()
                if entry.dialling and entry.try_call and entry.try_call not in self._room.calls.live
            ]
            over = await book.ended_calls(session, tries) if tries else []
        unwritten = {item.id for item in self._unwritten if isinstance(item, Entry)}
        pending = {item.entry.id for item in self._unwritten if isinstance(item, News)}
        for entry in rows.values():
            if not self.agenda.add(entry) and entry.id not in pending:
                self._take_over(entry)
        for entry in self.agenda:
            if entry.id not in rows and entry.id not in unwritten and not entry.dialling:
                # Somebody closed it by hand.
                self._forget(entry)
        entry_of = {entry.try_call: entry.id for entry in rows.values()}
        for call in over:
            # However it was told: what we dialled is a try.
            call.callback_id = call.callback_id or entry_of[call.id]
            self.left(call)
        self._give_up_on([call for call in tries if call not in {c.id for c in over}])

    def _take_over(self, row: Entry) -> None:
        """Follow what somebody changed by hand: when it is due."""
        known = self.agenda.entries.get(row.id)
        if known is not None and not known.dialling and known.due_at != row.due_at:
            self.agenda.put(replace(known, due_at=row.due_at))

    def _give_up_on(self, untold: list[str]) -> None:
        """End tries of which nobody will ever tell: a crash took even their beginning."""
        self._untold = {call: self._untold.get(call, 0) + 1 for call in untold}
        for entry in self.agenda:
            if self._untold.get(entry.try_call or "", 0) > UNTOLD_TICKS:
                now = self._clock.now()
                lost = Call(entry.try_call or "", entry.number, now, callback_id=entry.id)
                lost.outcome = Outcome.UNREACHED.value
                self.left(lost)

    async def _find_overlooked(self) -> None:
        async with self._database.read() as session:
            calls = await book.overlooked(session, self._clock.now())
        for call in calls:
            self.left(call)

    def line_up(self, *, nobody: bool = False) -> None:
        """Put entries in the board's line, or out of it, as the hour and the calls say."""
        board, now = self._room.board, self._clock.now()
        calling = self._calling()
        outside = self._outside
        # Of a dialplan that we dial through nothing is ever told: it is tried.
        gone = outside.is_checked and not self._controller.telephones.can_reach(outside.trunk)
        nobody = nobody or gone
        for entry in self.agenda:
            if entry.dialling:
                continue
            wanted = (
                not nobody
                and self.hours is not None
                and now >= entry.created_at + SETTLE
                and entry.number not in calling
                and entry.number not in self._room.known.blocked
                and self.rules.may_dial(entry.number)
                and may_call(entry, self.hours, now)
            )
            stands = entry.next_call in board.waiting
            if wanted and not stands:
                board.waits(self._absent(entry, now), self._clock.monotonic())
            elif stands and not wanted:
                board.leaves(entry.next_call, self._clock.monotonic())

    def _absent(self, entry: Entry, now: datetime) -> Caller:
        monotonic = self._clock.monotonic()
        waited = (now - entry.since).total_seconds()
        if not entry.keeps_place:
            waited = -self.rules.behind
        return Caller(
            entry.next_call,
            monotonic - waited,
            entry.topic,
            entry.language,
            entry.place,
            entry.priority,
            entered=monotonic,
            absent=True,
        )

    def _calling(self) -> set[str]:
        """Return the numbers that are on the line with us now."""
        return {
            live.call.number
            for live in self._room.calls.live.values()
            if live.call.callback_id is None
        }

    def _forget(self, entry: Entry) -> None:
        self.agenda.close(entry.id)
        self._room.board.leaves(entry.next_call, self._clock.monotonic())

    # -- what calls tell -----------------------------------------------------------------------

    def left(self, call: Call) -> None:
        """A call is over: a try, or one that wants a call-back."""
        if call.callback_id is not None:
            entry = self.agenda.entries.get(call.callback_id)
            if entry is not None and entry.dialling and entry.try_call == call.id:
                why = self._why.pop(call.id, Why.UNKNOWN)
                then = after_try(entry, call, self.rules, self._clock.now(), why)
                self._try_over(entry, then, why)
            return
        entry = due_for(call, self.rules)
        if entry is not None and self.agenda.add(entry):
            self._unwritten.append(entry)

    def _try_over(self, entry: Entry, then: Entry | Closed, why: Why) -> None:
        if isinstance(then, Closed):
            self._close(entry, then)
            return
        self.agenda.put(then)
        words = try_words(then, self.hours, why) if self.hours is not None else "回拨未接通"
        self._unwritten.append(News(then, words))

    def _close(self, entry: Entry, closed: Closed) -> None:
        self._forget(entry)
        self._unwritten.append(News(entry, closed.words, closed))

    def place_of(self, call: Call) -> datetime | None:
        """A caller comes to the waiting room: who has a call-back takes its place in line."""
        entry = self.agenda.of_number(call.number)
        if entry is None or call.callback_id is not None:
            return None
        being_dialled = self._room.calls.live.get(entry.try_call or "") if entry.dialling else None
        self._close(entry, Closed(CallBackOutcome.CALLED_IN, "来电人已自行来电，不再回拨"))
        if being_dialled is not None:
            self._controller.dialling.hang_up(being_dialled)
            self._room.over(being_dialled, None, self._clock.now())
        return entry.since if entry.keeps_place else None

    # -- dialling ------------------------------------------------------------------------------

    def dial(self, decision: Decision) -> None:
        """The line has come to somebody absent, and a person is free for them: call."""
        entry = next((e for e in self.agenda if e.next_call == decision.call_id), None)
        now = self._clock.now()
        if entry is None or entry.number in self._calling():
            self._room.board.leaves(decision.call_id, self._clock.monotonic())
            return
        words = entry.words()
        tried = replace(entry, tries=entry.tries + 1, try_call=decision.call_id, dialling=True)
        self.agenda.put(tried)
        call = Call(
            decision.call_id,
            entry.number,
            now,
            language=entry.language,
            topic=entry.topic,
            place=entry.place,
            priority=entry.priority,
            callback_id=entry.id,
        )
        live = self._room.calls.calls_back(call, now, words, own_ticket=tried.own_ticket)
        ringing = self._room.offers.make(live, decision)
        self._controller.spawn(self._dial(tried, live, ringing))

    async def _dial(self, entry: Entry, live: Live, ringing: Ringing) -> None:
        try:
            async with self._database.write() as session:
                refused = await book.begin(session, entry, live.call, self._clock.now())
        except HotlineError as error:
            log.warning("call-back put off", callback=entry.id, reason=error.message)
            self.try_failed(live, Why.UNKNOWN)
            return
        if refused is not None:
            self._close(entry, refused)
            self.try_failed(live, Why.UNKNOWN)
            return
        try:
            answer = await self._originate(self._action(entry, live, ringing))
        except AmiError as error:
            # It may go on all the same: its end is told by Asterisk, or by the next take-up.
            log.warning("call-back not answered for", callback=entry.id, reason=error.message)
            return
        if not answer.ok:
            self.try_failed(live, _NOT_OK.get(answer.reason, Why.UNKNOWN))
            return
        live.channel = answer.channel or live.channel
        self._why.setdefault(live.call.id, Why.HUNG_UP)
        self.keep_reserved(live, ringing)

    def keep_reserved(self, live: Live, ringing: Ringing) -> None:
        """Keep the person reserved while who picked up is asked for the key, and no longer."""
        seconds = GREETING + self.rules.accept_seconds
        asyncio.get_running_loop().call_later(seconds, self._must_ring, live, ringing)

    def _must_ring(self, live: Live, ringing: Ringing) -> None:
        if self._waits_for_key(live, ringing):
            log.warning("nobody was rung for a call-back", call=live.call.id)
            self._controller.lost()
            asyncio.get_running_loop().call_later(LAST_LOOK, self._hang_up, live, ringing)

    def _hang_up(self, live: Live, ringing: Ringing) -> None:
        if self._waits_for_key(live, ringing):
            self._controller.dialling.hang_up(live)
            self.try_failed(live, Why.UNKNOWN)

    def _waits_for_key(self, live: Live, ringing: Ringing) -> bool:
        return self._room.offers.out.get(live.call.id) is ringing and not ringing.rings

    def picked_up(self, live: Live, taken: bool) -> None:
        """Somebody picked up and pressed the key, or a mailbox did and nobody pressed it."""
        now = self._clock.now()
        if taken:
            self._room.calls.noted(live, now, "callback_taken", timeline.TAKEN)
        elif live.call.callback_id is not None and self._why.get(live.call.id) != Why.NO_KEY:
            self._why[live.call.id] = Why.NO_KEY
            self._room.offers.not_taken(live, timeline.NOT_TAKEN, now)

    def try_failed(self, live: Live, why: Why) -> None:
        """The caller was not reached: the person is free again, and there may be another try."""
        if live.call.id in self._room.calls.live:
            self._why[live.call.id] = why
            self._room.over(live, None, self._clock.now())
            self._controller.decide()

    def _action(self, entry: Entry, live: Live, ringing: Ringing) -> actions.Originate:
        _, exten = self._controller.dialling.way(ringing)
        return actions.Originate(
            channel=self._outside.channel(entry.number),
            context="callback",
            exten=exten,
            ring_seconds=self.rules.ring_seconds,
            caller=self._outside.caller,
            channel_id=live.call.id,
            variables={
                "HL_CALL": live.call.id,
                "HL_OFFER": ringing.offered.offer_id,
                "HL_AGENT": ringing.offered.agent_id,
                "HL_NUMBER": entry.number,
                "HL_TOPIC": entry.topic,
                "HL_LANG": entry.language,
                "HL_PLACE": entry.place,
                "HL_GREET": "greet" if entry.asked in _AGREED else "missed",
                "HL_WITHIN": f"{self.rules.accept_seconds / 2:g}",
                # What the pages show as the wait is that of this call; the board keeps the place.
                "HL_SINCE": str(int(live.call.started_at.timestamp())),
            },
        )
