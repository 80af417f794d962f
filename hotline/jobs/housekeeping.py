"""Forgets what nobody needs any more: told rows of the outbox, finished jobs."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from hotline.jobs.queue import Queue
from hotline.jobs.worker import rest
from hotline.store import purge

TOLD_KEPT = timedelta(days=7)
"""How long the outbox remembers: a page or a partner that was away for so long reads anew."""

GONE_AFTER = timedelta(days=30)
"""A reader that has taken nothing for so long was taken out of service."""

DONE_KEPT = timedelta(days=30)
"""How long finished jobs are kept, for questions about them. Dead letters stay."""

HOUR_SECONDS = 3600.0

log = structlog.get_logger(__name__)


class Housekeeper:
    """Tidies once an hour. Several may run."""

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Return from :meth:`run`."""
        self._stopping.set()

    async def tidy(self) -> tuple[int, int]:
        """Forget what is old; return how many rows of the outbox and how many jobs."""
        now = self.queue.clock.now()
        async with self.queue.database.write() as session:
            told = await purge(session, now - TOLD_KEPT, now - GONE_AFTER)
        done = await self.queue.purge(now - DONE_KEPT)
        log.info("tidied", told=told, done=done)
        return told, done

    async def run(self) -> None:
        """Tidy until stopped; a database that is away is waited for."""
        while not self._stopping.is_set():
            try:
                await self.tidy()
            except Exception:
                # The loop must outlive a database that is away for a while.
                log.exception("could not tidy")
            await rest(self._stopping, HOUR_SECONDS)
