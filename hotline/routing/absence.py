"""Brings in the calls that nobody watched, once Asterisk's own journal has told them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import structlog

from hotline.asterisk import journal as asterisk_journal
from hotline.calls import reconcile
from hotline.calls.live import Call
from hotline.calls.reconcile import Past
from hotline.calls.tables import JournalPositionTable
from hotline.errors import HotlineError
from hotline.routing.people import AgentKind
from hotline.routing.room import Room
from hotline.store import Database

log = structlog.get_logger(__name__)

AFTER = 1.5
"""Seconds after a take-up; Asterisk writes its journal when a call's last leg is gone."""
LONG_AGO = timedelta(seconds=60)
"""Asterisk's journal has told of a call that began before, or will never tell."""


class Absence:
    """Reads ``file``, Asterisk's journal, on from where it was read before, and has it told."""

    def __init__(
        self,
        file: Path,
        database: Database,
        room: Room,
        keep: Callable[[], Awaitable[None]],
        recording_due: Callable[[str, str | None], None],
    ) -> None:
        self._file = file
        self._database = database
        self._room = room
        self._keep = keep
        """Has all written that is in our memory only."""
        self._recording_due = recording_due

    async def tell_soon(self) -> None:
        """Tell of the calls of the absence once the journal has them; see :meth:`tell`."""
        await asyncio.sleep(AFTER)
        try:
            await self.tell()
        except HotlineError as error:
            log.warning("calls of the absence are not told yet", reason=error.message)

    async def tell(self) -> None:
        """Bring in the calls that Asterisk's journal tells and we do not know to be over.

        Raises:
            HotlineError: the database is away; the rest is told the next time.
        """
        file = self._file
        async with self._database.read() as session:
            position = await session.get(JournalPositionTable, str(file))
        page = asterisk_journal.Page((), position.offset if position is not None else 0, more=True)
        unwatched = 0
        while page.more:
            page = await asyncio.to_thread(asterisk_journal.read, file, page.offset)
            unwatched += await self._bring_in(reconcile.past_calls(page.lines))
            self._room.read_until(str(file), page.offset)
        end_untold(self._room)
        if unwatched:
            log.info("calls of the absence told", calls=unwatched)

    async def _bring_in(self, past: Sequence[Past]) -> int:
        # What has just happened may be in our memory only.
        await self._keep()
        async with self._database.read() as session:
            answered = {p.call_id for p in past if p.answered_at is not None and p.answered_by}
            kept, over = await reconcile.unfinished(session, [p.call_id for p in past], answered)
        return bring_in(self._room, past, kept, over, self._recording_due)


def bring_in(
    room: Room,
    past: Iterable[Past],
    kept: Mapping[str, Call],
    over: Collection[str],
    recording_due: Callable[[str, str | None], None],
) -> int:
    """Tell of each past call that we do not know to be over, as if it had been watched.

    Args:
        room: where they are told.
        past: the calls as the journal tells them.
        kept: those that are written down without an end.
        over: those that are written down with one.
        recording_due: told of each call that left a talk, or a message (its file's name).

    Returns:
        How many there were.
    """
    unwatched = 0
    for one in past:
        goes_on = one.call_id in room.calls.live and one.call_id not in room.vanished
        if one.call_id in over or goes_on:
            continue
        reconcile.tell(room.calls, one, kept.get(one.call_id), lambda name: _person(room, name))
        room.vanished.discard(one.call_id)
        room.known.open_calls.pop(one.call_id, None)
        if one.answered_at is not None or one.message:
            recording_due(one.call_id, one.message)
        unwatched += 1
    return unwatched


def end_untold(room: Room) -> None:
    """End calls of which not even Asterisk's journal knows: Asterisk itself went down."""
    now = room.clock.now()
    for call_id in list(room.vanished):
        live = room.calls.live.get(call_id)
        room.vanished.discard(call_id)
        if live is not None:
            room.calls.ends(live, None, now)
    for call_id, call in list(room.known.open_calls.items()):
        if call.started_at < now - LONG_AGO and call_id not in room.calls.live:
            room.calls.ends(room.calls.resumes(call, ""), None, now)
        room.known.open_calls.pop(call_id, None)


def _person(room: Room, name: str) -> tuple[str, str, bool]:
    """Return the id and name behind a person's id or telephone, and whether it is a station."""
    people = room.board.people
    agent = room.agent_of(name)
    if agent is None and name in people:
        agent = people[name].agent
    if agent is None:
        return name, name, False
    return agent.id, agent.name, agent.kind is AgentKind.STATION
