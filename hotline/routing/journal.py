"""Writes down what happened, off the way of the calls: in batches, in order, nothing lost.

The controller never waits for the database. What happened gathers in a :class:`Batch` of newest
states and steps; every tenth of a second one transaction writes it, tells the outbox and makes
tickets. While the database is locked or gone the batch grows, then goes to a file, and all of it
is written when the database is back. Rows are written by key, so that writing twice is harmless;
what a crash takes from memory is found again in Asterisk's own journal of calls.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.calls.live import Call
from hotline.calls.tables import CallStepTable, CallTable, JournalPositionTable
from hotline.clock import Clock
from hotline.errors import HotlineError
from hotline.routing import batches
from hotline.routing.batches import Batch
from hotline.routing.interfaces import People, Tickets
from hotline.routing.tables import OfferTable, PresenceWishTable
from hotline.store import Database, DatabaseUnavailableError, append

log = structlog.get_logger(__name__)

INTERVAL = 0.25
"""Seconds between two writes. A batch has a fixed cost: at 20 calls/s shorter ones take more of
the processor than all decisions, and what a crash loses is found in Asterisk's own journal."""
SOON = 0.05
"""Seconds between two writes at least, where the page of somebody who is rung waits for it."""
HURRIED_ROWS = 100.0
"""Rows a second, some eight calls' worth, that are written so soon; the more there were in a
batch, the longer the next one may gather. What a batch costs hardly depends on what is in it: at
20 calls/s one for each offer would cost more than everything else that is done for a call."""
BUSY_INTERVAL = 0.5
BUSY_ROWS = 50
"""After a batch of so many rows the next one may take longer to gather: fewer, fuller batches."""
TICKETS_INTERVAL = 1.0
"""Seconds between two batches of tickets, whose fixed cost is larger still."""
MEMORY_LIMIT = 50_000
"""Rows kept in memory while the database is away; more go to a file."""
LONGEST_PAUSE = 5.0
TICKETS_PAUSE = 10.0
"""Seconds after which tickets that could not be made are tried again."""


class Journal:
    """Gathers and writes; :meth:`run` until cancelled, then :meth:`close`."""

    def __init__(
        self,
        database: Database,
        people: People,
        tickets: Tickets,
        clock: Clock,
        spill: Path,
        *,
        gather: Callable[[], Awaitable[Batch]],
    ) -> None:
        self._database = database
        self._people = people
        self._tickets = tickets
        self._clock = clock
        self._spill = spill
        self._refused = spill.with_suffix(".refused.jsonl")
        self._gather = gather
        self._pending = Batch()
        self._one_at_a_time = asyncio.Lock()
        self._hurried = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._statements = _Statements(sqlite_=database.is_sqlite)
        self._unborn: dict[str, Call] = {}
        """Calls whose ticket is still to be made; a crash leaves them to the next start."""
        self.written = 0
        """Rows written so far."""
        self.late = False
        """Whether the database is behind."""

    async def run(self) -> None:
        """Write for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_rows())
            group.create_task(self._keep_tickets())

    async def _keep_tickets(self) -> None:
        # Apart from the rows: however long tickets take, what happened is written down.
        try:
            await self._tickets.prepare()
        except HotlineError as error:
            # Callers are served without tickets too; those are made when the file is mended.
            log.warning("tickets wait for their service", reason=error.message)
        while True:
            await asyncio.sleep(TICKETS_INTERVAL)
            if not self._unborn:
                continue
            try:
                await self._bear()
            except DatabaseUnavailableError as error:
                log.info("tickets wait for the database", reason=error.message)
            except Exception:
                log.exception("tickets could not be made; they will be")
                await asyncio.sleep(TICKETS_PAUSE)

    async def _keep_rows(self) -> None:
        self._loop = asyncio.get_running_loop()
        pause, soon = INTERVAL, SOON
        while True:
            await self._wait(pause, soon)
            before = self.written
            try:
                await self.flush()
            except DatabaseUnavailableError as error:
                pause = min(max(pause, INTERVAL) * 2, LONGEST_PAUSE)
                if not self.late:
                    log.warning("database away; calls go on", reason=error.message)
                self.late = True
                await self._make_room()
            except Exception:
                # Whatever it is, what comes after must still be written.
                log.exception("batch could not be written yet")
                pause = LONGEST_PAUSE
            else:
                if self.late:
                    log.info("database back", rows=self.written)
                rows, self.late = self.written - before, False
                pause = INTERVAL if rows <= BUSY_ROWS else BUSY_INTERVAL
                soon = min(max(SOON, rows / HURRIED_ROWS), pause)

    @property
    def hurried(self) -> bool:
        """Whether somebody asked for the next write already, so that asking again only costs."""
        return self._hurried.is_set()

    def hurry(self) -> None:
        """Write soon: a person is about to be rung and wants to see by whom. From any thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._hurried.set)

    async def _wait(self, pause: float, soon: float) -> None:
        """Wait for the next write; where little happens, less long for who is about to be rung."""
        await asyncio.sleep(min(pause, soon))
        if pause == INTERVAL:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurried.wait(), pause - soon)
        else:
            await asyncio.sleep(max(0.0, pause - soon))
        self._hurried.clear()

    async def flush(self) -> None:
        """Write what happened so far, at once.

        Raises:
            DatabaseUnavailableError: it is kept, and written later.
        """
        async with self._one_at_a_time:
            self._pending.add(await self._gather())
            if self._spill.exists():
                await self._from_file()
            if len(self._pending):
                batch, self._pending = self._pending, Batch()
                try:
                    await self._write_or_refuse(batch)
                except BaseException:
                    batch.add(self._pending)
                    self._pending = batch
                    raise

    async def _write_or_refuse(self, batch: Batch) -> None:
        """Write a batch; one that the database refuses goes in piece by piece.

        Raises:
            DatabaseUnavailableError: nothing of it, or not all of it, is written.
        """
        try:
            await self._write(batch)
        except DatabaseUnavailableError:
            raise
        except Exception:
            log.exception("batch refused; writing it piece by piece", rows=len(batch))
            for piece in batches.pieces(batch):
                await self._write_piece(piece)

    async def _write_piece(self, piece: Batch) -> None:
        try:
            await self._write(piece)
        except DatabaseUnavailableError:
            raise
        except Exception:
            log.exception("piece refused; kept for a person to look at")
            _append(self._refused, _line(piece))

    async def close(self) -> None:
        """Write the rest; what cannot be written goes to the file."""
        try:
            await self.flush()
            await self._bear()
        except Exception:
            log.exception("last batch kept in a file", file=str(self._spill))
            self._to_file()

    # -- the file ------------------------------------------------------------------------------

    async def _make_room(self) -> None:
        self._pending.add(await self._gather())
        if len(self._pending) > MEMORY_LIMIT:
            self._to_file()

    def _to_file(self) -> None:
        """Put the batch at the end of the file; where even that fails it stays in memory."""
        if not len(self._pending):
            return
        if _append(self._spill, _line(self._pending)):
            self._pending = Batch()

    async def _from_file(self) -> None:
        lines = self._spill.read_text(encoding="utf-8").splitlines()
        for line in lines:
            try:
                batch = batches.load(json.loads(line))
            except (ValueError, KeyError, TypeError):
                log.exception("unreadable line kept for a person to look at")
                _append(self._refused, line)
                continue
            await self._write_or_refuse(batch)
        self._spill.unlink()

    # -- the transaction -----------------------------------------------------------------------

    async def _write(self, batch: Batch) -> None:
        now = self._clock.now()
        async with self._database.write() as session:
            connection = await session.connection()
            await self._rows(connection, batch)
            if batch.presences:
                await self._people.keep(session, list(batch.presences.values()))
            for row in (*batches.news(batch), *batch.told):
                append(session, row["topic"], row["key"], row["payload"], now)
        self.bear_later(batch.calls.get(id_, call) for id_, call in batch.born.items())
        self.written += len(batch)

    async def _rows(self, connection: AsyncConnection, batch: Batch) -> None:
        if batch.calls:
            rows = [call.row() for call in batch.calls.values()]
            await connection.execute(self._statements.calls, rows)
        if batch.steps:
            await connection.execute(
                self._statements.steps,
                [
                    {
                        "call_id": step.call_id,
                        "at": step.at,
                        "kind": step.kind,
                        "detail": dict(step.detail),
                        "words": step.words,
                    }
                    for step in batch.steps
                ],
            )
        # Ended offers first: the next offer of the same person may stand in the same batch.
        for still_open in (False, True):
            rows = [r for r in batch.offers.values() if (r["ended_at"] is None) == still_open]
            if rows:
                await connection.execute(self._statements.offers, rows)
        if batch.positions:
            await connection.execute(
                self._statements.positions,
                [{"file": f, "offset": offset} for f, offset in batch.positions.items()],
            )
        if batch.wishes_done:
            await connection.execute(
                delete(PresenceWishTable).where(PresenceWishTable.id.in_(batch.wishes_done))
            )

    async def _bear(self) -> None:
        """Make the tickets that are due, in a transaction of their own."""
        calls, self._unborn = self._unborn, {}
        try:
            async with self._database.write() as session:
                await self._tickets.born(session, list(calls.values()), self._clock.now())
        except BaseException:
            self._unborn = calls | self._unborn
            raise

    def bear_later(self, calls: Iterable[Call]) -> None:
        """Make the tickets of calls that were left without one, with the next batch."""
        self._unborn |= {call.id: call for call in calls}


def _line(batch: Batch) -> str:
    return json.dumps(batches.dump(batch), ensure_ascii=False)


def _append(file: Path, line: str) -> bool:
    """Put a line at the end of a file, whole or not at all; ``False`` where even that fails."""
    data = f"{line}\n".encode()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("ab", buffering=0) as out:
            before = out.tell()
            if out.write(data) == len(data):
                return True
            # A disk that fills up takes a part, which would spoil the line that comes after.
            out.truncate(before)
    except OSError:
        log.exception("the file cannot be written either", file=str(file))
    else:
        log.error("the file cannot be written either: no room", file=str(file))
    return False


class _Statements:
    """What is executed again and again; to build a statement costs as much as to run it."""

    def __init__(self, *, sqlite_: bool) -> None:
        self._make: Any = sqlite.insert if sqlite_ else postgresql.insert
        self.calls = self._upsert(CallTable.__table__)
        self.offers = self._upsert(OfferTable.__table__)
        self.positions = self._upsert(JournalPositionTable.__table__)
        self.steps = self._make(CallStepTable).on_conflict_do_nothing()

    def _upsert(self, table: Any) -> Any:
        statement = self._make(table)
        keys = [column.name for column in table.primary_key]
        changed = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in keys}
        return statement.on_conflict_do_update(index_elements=keys, set_=changed)
