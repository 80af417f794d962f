"""The timekeeper: tells yellow and red cards and does what follows from a missed deadline."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy import select

from hotline.casework.desk import Desk
from hotline.casework.tables import Case
from hotline.clock import Clock
from hotline.store import Database

TICK_SECONDS = 5.0
BATCH = 200

log = structlog.get_logger(__name__)


class Timekeeper:
    """Looks for cases whose clocks have something to tell. Several may run; each is told once."""

    def __init__(self, database: Database, desk: Desk, clock: Clock) -> None:
        self.database = database
        self.desk = desk
        self.clock = clock
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Return from :meth:`run` after the case in hand."""
        self._stopping.set()

    async def tick(self) -> int:
        """Tell everything that is to be told by now; return how much that was."""
        now = self.clock.now()
        async with self.database.read() as session:
            due = select(Case.id).where(Case.signal_at <= now).order_by(Case.signal_at)
            waiting = (await session.scalars(due.limit(BATCH))).all()
        told = 0
        for case_id in waiting:
            try:
                # Each case by itself: one that cannot go on must not hold up the others.
                async with self.database.write() as session:
                    told += await self.desk.signal(session, case_id, now)
            except Exception:
                log.exception("could not tell a case's deadline", case=case_id)
        return told

    async def run(self) -> None:
        """Tick until stopped; a database that is away is waited for."""
        while not self._stopping.is_set():
            try:
                await self.tick()
            except Exception:
                # The loop must outlive a database that is away for a while.
                log.exception("could not look for deadlines")
            try:
                await asyncio.wait_for(self._stopping.wait(), TICK_SECONDS)
            except TimeoutError:
                continue
