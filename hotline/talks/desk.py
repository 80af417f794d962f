"""The desk beside the controller: hears what becomes of talks and has orders carried out.

Who talks with the caller is decided here again and again: a person leaves, a third comes, a
telephone loses its line. Whatever happens in whatever order, a caller who was talking is with a
person, hears music, or is back in line; ``talks.conf`` sees to it even without us.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select

from hotline.ami import ActionFailedError, AmiError, events
from hotline.calls.live import Live, Phase
from hotline.calls.recordings import Legs as Recorded
from hotline.errors import HotlineError
from hotline.routing import reasons
from hotline.routing.controller import Controller
from hotline.routing.takeup import Leg
from hotline.store import Database
from hotline.talks import ears, legs, minding, pieces, placed, takeup, words
from hotline.talks.book import Book
from hotline.talks.ears import Ears
from hotline.talks.keeping import Keeper
from hotline.talks.legs import Legs
from hotline.talks.orders import Outcome, bell
from hotline.talks.returning import by_phone, came_back
from hotline.talks.state import Party, PartyKind, Place, Talk, no_talk
from hotline.talks.tables import CallOrderTable

log = structlog.get_logger(__name__)

LOOK_SECONDS = 0.5
"""Orders of another process are looked for this often."""
STALE_SECONDS = 15.0
"""An order that is older was asked of a controller that is gone; nobody expects it any more."""

_LAWYER = PartyKind.AGENT

_OPEN = (
    select(CallOrderTable)
    .where(CallOrderTable.done_at.is_(None))
    .order_by(CallOrderTable.id)
    .limit(200)
)
"""Made once: to build it costs more than to run it, and it is asked twice a second."""

Carry = Callable[["Desk", CallOrderTable], Awaitable[tuple[Outcome, str]]]


class Desk:
    """Talks of one controller; see :class:`hotline.routing.interfaces.Talks`."""

    def __init__(
        self, controller: Controller, hands: Legs, database: Database, book: Book, carry: Carry
    ) -> None:
        self.controller = controller
        self.room = controller.room
        self.legs = hands
        self.book = book
        self.database = database
        self.keeper = Keeper(database, controller.clock)
        self.talks: dict[str, Talk] = {}
        self.emergencies: dict[str, str] = {}
        """Calls from which the emergency key was pressed: ``raised`` or ``seen``. It stays with the
        call, whoever leads it."""
        self.dialling: dict[str, str] = {}
        """Calls that people placed: their id to the person."""
        self.returned: dict[str, events.Channel] = {}
        """Legs that took another's place, by the Uniqueid of the other, which is about to end."""
        self.returning: dict[str, events.Channel] = {}
        """Legs that are about to take the place of another of the same telephone in a room."""
        self.ears = Ears()
        self._carry = carry
        self._seen: set[int] = set()
        self._locks: dict[str, asyncio.Lock] = {}

    # -- talks ---------------------------------------------------------------------------------

    def now(self) -> datetime:
        """Return the time of day."""
        return self.controller.clock.now()

    def talk_of(self, live: Live) -> Talk:
        """Return the talk of a call in which a person talks; a plain one is begun anew."""
        call = live.call
        talk = self.talks.get(call.id)
        if talk is None or talk.agent_id != call.agent_id:
            answered = call.answered_at or self.now()
            waited = answered - (call.waiting_since or answered)
            agent_id = call.agent_id or ""
            talk = self.talks[call.id] = Talk(
                call.id,
                agent_id,
                self.name(agent_id),
                answered,
                waited=max(0, int(waited.total_seconds())),
                emergency=self.emergencies.get(call.id, ""),
            )
        return talk

    def name(self, agent_id: str) -> str:
        """Return how a person is called."""
        agent = self.room.agent(agent_id)
        return reasons.person(agent.name, agent.kind) if agent is not None else agent_id

    def changed(self, talk: Talk) -> None:
        """Keep and tell how a talk stands now."""
        if self.talks.get(talk.call_id) is talk:
            self.keeper.talk(talk)

    def forget(self, talk: Talk) -> None:
        """The talk is over, or no longer ours."""
        if self.talks.get(talk.call_id) is talk:
            del self.talks[talk.call_id]
            if self.ears.of(talk.call_id):
                self.spawn(ears.end(self, talk))
            self.keeper.no_talk(talk.call_id, no_talk(talk.agent_id))

    def note(self, call_id: str, kind: str, sentence: str, **detail: Any) -> None:
        """Write a step of the call's timeline."""
        live = self.room.calls.live.get(call_id)
        if live is not None:
            self.room.calls.noted(live, self.now(), kind, sentence, **detail)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside; what Asterisk refuses is logged."""

        async def guarded() -> None:
            try:
                await work
            except AmiError as error:
                log.info("asterisk did not do it", reason=error.message)

        self.controller.spawn(guarded())

    # -- what Asterisk tells -------------------------------------------------------------------

    def said(self, event: events.UserEvent) -> None:
        """Take what the dialplan says of talks."""
        call_id, what = event.fields.get("Call", ""), event.fields.get("What", "")
        if event.name == "HLDialled":
            placed.over(self, event)
            return
        live = self.room.calls.live.get(call_id) if event.name == "HLTalk" else None
        if live is None:
            return
        if what == "outside":
            body = self.book.bodies().get(event.fields.get("Target", ""))
            status = event.fields.get("Status", "")
            who = body.words if body is not None else "外部机构"
            self.note(call_id, "outside_over", words.outside_over(who, status))
            if live.phase is Phase.OUTSIDE:
                live.phase = Phase.SURVEY
        elif what == "came":
            talk = self.talks.get(call_id)
            party = talk.parties.get(event.fields.get("Part", "")) if talk is not None else None
            if talk is not None and party is not None:
                self.came(talk, party)
        elif what in {"kept", "alone"}:
            self.note(call_id, "talk_kept", words.KEPT if what == "kept" else words.ALONE)

    def held(self, event: events.Hold) -> None:
        """Take that a person's telephone put the caller on hold, or took them back."""
        by_phone(self, event)

    def replaced(self, channel: events.Channel, before: str) -> None:
        """Take that a leg took another's place; the other's end is told next."""
        self.returned[before] = channel

    def hung_up(self, channel: events.Channel, at: datetime) -> bool:
        """Take that a leg other than the caller's is gone."""
        # Where a listener hung up, what else the same person talks on goes on.
        if self.ears.gone(channel.uniqueid) or came_back(self, channel):
            return True
        call_id = channel.variables.get("HL_CALL", "")
        talk, live = self.talks.get(call_id), self.room.calls.live.get(call_id)
        if talk is None or live is None:
            return False
        party = next((p for p in talk.parties.values() if p.channel == channel.uniqueid), None)
        if party is not None:
            self.party_left(talk, live, party)
            return True
        if live.phase is not Phase.TALKING or not self.leads(talk, channel):
            return False
        if talk.place is Place.BRIDGE:
            # The dialplan goes on to the survey; the controller ends the talk.
            self.forget(talk)
            return False
        self._leader_left(talk, live, at)
        return True

    def leads(self, talk: Talk, channel: events.Channel) -> bool:
        """Whether a leg is that of whoever leads the talk: the desk's, or a mobile's by name."""
        if talk.channel:
            return talk.channel in {channel.name, channel.uniqueid}
        agent = self.room.agent_of(channel.endpoint)
        return agent is not None and agent.id == talk.agent_id

    def over(self, call_id: str) -> None:
        """Take that the caller's leg is gone: nobody is left sitting in the room."""
        talk = self.talks.get(call_id)
        self._locks.pop(call_id, None)
        self.emergencies.pop(call_id, None)
        if talk is None:
            return
        for party in list(talk.parties.values()):
            self._release(talk, party)
            self.spawn(self.legs.hang_up(party.channel))
        if talk.place is not Place.BRIDGE and talk.channel:
            self.spawn(self.legs.hang_up(talk.channel))
        talk.parties.clear()
        self.forget(talk)

    # -- who is left ---------------------------------------------------------------------------

    def came(self, talk: Talk, party: Party) -> None:
        """Take that a third is in the room; it may be told more than once."""
        if not party.talking:
            party.talking = True
            self.note(talk.call_id, "third_came", words.came(party.words))
            self.changed(talk)

    def party_left(self, talk: Talk, live: Live, party: Party) -> None:
        """Take a third out who is gone or did not come."""
        if talk.parties.pop(party.id, None) is None:
            return
        self._release(talk, party)
        sentence = words.left(party.words) if party.talking else words.did_not_come(party.words)
        self.note(talk.call_id, "party_left", sentence)
        if live.phase is Phase.OUTSIDE and not talk.standing():
            # The dialplan sends the caller on to the survey, as the room is empty.
            live.phase = Phase.SURVEY
            self.forget(talk)
            return
        self.changed(talk)
        self.controller.decide()

    def _release(self, talk: Talk, party: Party) -> None:
        if not party.agent_id:
            return
        self.keeper.tell("call.talk", talk.call_id, no_talk(party.agent_id))
        board, now = self.room.board, self.controller.clock.monotonic()
        if party.talking:
            board.talk_ended(talk.call_id, party.agent_id, now)
        else:
            board.let_go(talk.call_id, party.agent_id, now)

    def _leader_left(self, talk: Talk, live: Live, at: datetime) -> None:
        """The leader's leg is gone out of the room: somebody goes on, or the caller does."""
        standing = talk.standing()
        # A supervisor who barged in is one of us: somebody is there, and is recorded.
        ours = sorted((p for p in standing if p.agent_id), key=lambda p: p.kind is not _LAWYER)
        taker = next(iter(ours), None)
        if not standing:
            self._alone(talk, live, at)
            return
        if talk.place is Place.HOLD:
            talk.place = Place.ROOM
            self.spawn(self.legs.send_to(live.channel, legs.CALLER))
        if taker is None:
            to = standing[0]
            self.room.leaves_to_outside(live, words.handed_over(talk.words, to.words), at)
            self.note(talk.call_id, "unrecorded", words.unrecorded(to.words))
            self.keeper.no_talk(talk.call_id, no_talk(talk.agent_id))
            return
        self._takes_over(talk, live, taker, at)

    def _takes_over(self, talk: Talk, live: Live, taker: Party, at: datetime) -> None:
        agent = self.room.agent(taker.agent_id)
        del talk.parties[taker.id]
        self.note(talk.call_id, "handover", words.handed_over(talk.words, taker.words))
        self.keeper.tell("call.talk", talk.call_id, no_talk(talk.agent_id))
        if agent is not None:
            self.room.passes_on(live, agent, at)
        talk.agent_id, talk.words, talk.channel = taker.agent_id, taker.words, taker.channel
        talk.held_by_phone = False
        self.changed(talk)
        self.spawn(self.record_again(talk))
        self.spawn(ears.follow(self, talk))

    async def record_again(self, talk: Talk) -> None:
        """Go on recording on the leg of whoever leads the talk now, into files of their own."""
        await self.legs.record(talk.channel, talk.call_id)
        if talk.recording_paused:
            await self.legs.mute_recording(talk.channel, muted=True)

    async def whole(self, folder: Path, call_id: str) -> Recorded | None:
        """Return a call's recording once it is closed; say so where it was put together."""
        found = await pieces.whole(folder, call_id)
        if isinstance(found, pieces.Whole):
            detail = [asdict(piece) for piece in found.pieces]
            self.room.calls.noted_after(
                call_id, self.now(), "recordings", words.joined(len(detail)), pieces=detail
            )
        return found

    def _alone(self, talk: Talk, live: Live, at: datetime) -> None:
        for party in list(talk.parties.values()):
            self.spawn(self.legs.hang_up(party.channel))
            self.party_left(talk, live, party)
        held = talk.place is Place.HOLD
        self.room.talk_ended(live, at)
        self.forget(talk)
        if held:
            # In the room the dialplan knows the way; who hears music is waiting for somebody.
            self.note(talk.call_id, "talk_kept", words.ALONE)
            self.spawn(self.legs.send_to(live.channel, legs.AGAIN))

    # -- a restart -----------------------------------------------------------------------------

    def found(self, live: Live, leg: Leg, others: Sequence[Leg]) -> bool:
        """Take up a call as it was found in Asterisk."""
        return takeup.found(self, live, leg, others)

    def taken_up(self, all_legs: Sequence[Leg]) -> None:
        """Take that all calls are taken up."""
        takeup.taken_up(self, all_legs)

    # -- orders --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Carry out what is asked, keep it, and mind the time, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.keeper.run())
            group.create_task(self._follow())
            group.create_task(minding.watch(self))

    async def _follow(self) -> None:
        rung = bell()
        while True:
            try:
                await self.look()
            except HotlineError as error:
                log.warning("orders are not read", reason=error.message)
            except Exception:
                log.exception("orders are not read")
            try:
                await asyncio.wait_for(rung.wait(), LOOK_SECONDS)
            except TimeoutError:
                continue
            rung.clear()

    async def look(self) -> None:
        """Begin the orders that are new."""
        if not self.controller.ready:
            return
        async with self.database.read() as session:
            rows = list(await session.scalars(_OPEN))
        for row in rows:
            if row.id in self._seen:
                continue
            self._seen.add(row.id)
            if (self.now() - row.asked_at).total_seconds() > STALE_SECONDS:
                self.keeper.order(row, Outcome.FAILED, words.TOO_LATE)
            else:
                self.controller.spawn(self.carry_out(row))
        self._seen &= {row.id for row in rows}

    async def carry_out(self, row: CallOrderTable) -> None:
        """Carry out one order; orders of one call one after the other."""
        lock = self._locks.setdefault(row.call_id, asyncio.Lock())
        async with lock:
            try:
                outcome, sentence = await self._carry(self, row)
            except AmiError as error:
                log.warning("an order failed", order=row.id, kind=row.kind, reason=error.message)
                outcome, sentence = Outcome.FAILED, words.ASTERISK_AWAY
            except Exception:
                log.exception("an order failed", order=row.id, kind=row.kind)
                outcome, sentence = Outcome.FAILED, words.ASTERISK_AWAY
        if row.call_id not in self.room.calls.live:
            self._locks.pop(row.call_id, None)
        self.keeper.order(row, outcome, sentence)

    async def leader_leg(self, talk: Talk, live: Live) -> str:
        """Return the name of the leader's leg.

        Raises:
            ActionFailedError: there is none any more.
            AmiError: Asterisk does not tell.
        """
        if not talk.channel:
            talk.channel = await self.legs.read(live.channel, "BRIDGEPEER")
            if not talk.channel:
                raise ActionFailedError(words.LEG_GONE)
        return talk.channel
