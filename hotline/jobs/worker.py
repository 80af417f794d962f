"""A worker: claims jobs, runs their handlers, renews leases, buries what cannot succeed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Awaitable, Callable, Mapping

import structlog

from hotline.jobs.queue import LEASE, DeadLetterError, Job, LaterError, Queue

IDLE_SECONDS = 0.2
TROUBLE_SECONDS = 5.0
"""Between tries while the database is away: it should not be hammered, nor the log."""
RENEW_SECONDS = LEASE.total_seconds() / 3

log = structlog.get_logger(__name__)

Handler = Callable[[Job], Awaitable[None]]
"""Runs one job; an error means another try, :class:`DeadLetterError` means none.

It may run twice: a worker can die between the work and its record. So it must not mind.
"""


async def rest(stopping: asyncio.Event, seconds: float) -> None:
    """Wait, unless told to stop."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)


class Worker:
    """Runs jobs one after another until it is stopped. Any number may run, anywhere."""

    def __init__(
        self,
        queue: Queue,
        handlers: Mapping[str, Handler],
        name: str = "",
        renew_seconds: float = RENEW_SECONDS,
    ) -> None:
        self.queue = queue
        self.handlers = dict(handlers)
        self.name = name or f"{socket.gethostname()}:{os.getpid()}"
        self._renew_seconds = renew_seconds
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Finish the job in hand, then return from :meth:`run`."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped; a database that is away is waited for."""
        while not self._stopping.is_set():
            pause = 0.0
            try:
                if not await self.run_one():
                    pause = IDLE_SECONDS
            except Exception:
                # The loop must outlive a database that is away for a while.
                log.exception("worker could not take or close a job")
                pause = TROUBLE_SECONDS
            await rest(self._stopping, pause)

    async def run_until_empty(self) -> int:
        """Work while anything is due; return how many jobs were run."""
        count = 0
        while await self.run_one():
            count += 1
        return count

    async def run_one(self) -> bool:
        """Run one job if one is due; return whether there was one."""
        job = await self.queue.claim(self.name, frozenset(self.handlers))
        if job is None:
            return False
        handling = asyncio.ensure_future(self.handlers[job.kind](job))
        renewing = asyncio.create_task(self._renew(job, handling))
        try:
            await asyncio.wait([handling])
            await self._close(job, handling)
        except asyncio.CancelledError:
            # The process is told to go: nobody should wait for the lease to run out.
            handling.cancel()
            await asyncio.wait([handling])
            await self.queue.release(job)
            raise
        finally:
            renewing.cancel()
        return True

    async def _close(self, job: Job, handling: asyncio.Future[None]) -> None:
        if handling.cancelled():
            log.warning("job was given to another worker meanwhile", job=job.id, kind=job.kind)
            return
        error = handling.exception()
        if error is None:
            await self.queue.done(job)
        elif isinstance(error, DeadLetterError):
            log.warning("job is a dead letter", job=job.id, kind=job.kind, error=error.message)
            await self.queue.failed(job, error.message, final=True)
        elif isinstance(error, LaterError):
            log.info("job is put off", job=job.id, kind=job.kind, why=error.message)
            await self.queue.put_off(job, error.delay, error.message)
        else:
            # Whatever a handler raises is recorded on its row and tried again.
            log.error("job failed", job=job.id, kind=job.kind, attempt=job.attempt, exc_info=error)
            await self.queue.failed(job, f"{type(error).__name__}: {error}")

    async def _renew(self, job: Job, handling: asyncio.Future[None]) -> None:
        while True:
            await asyncio.sleep(self._renew_seconds)
            try:
                held = await self.queue.renew(job)
            except Exception:
                # A database that is away now may be back before the lease runs out.
                log.exception("worker could not renew a lease", job=job.id)
                continue
            if not held:
                handling.cancel()
                return
