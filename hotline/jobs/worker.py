"""A worker: claims jobs, runs their handlers, renews leases, buries what cannot succeed."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Mapping

import structlog

from hotline.jobs.queue import LEASE, DeadLetterError, Job, Queue

IDLE_SECONDS = 0.2

log = structlog.get_logger(__name__)

Handler = Callable[[Job], Awaitable[None]]
"""Runs one job; an error means another try, :class:`DeadLetterError` means none."""


class Worker:
    """Runs jobs one after another until it is stopped. Any number may run, anywhere."""

    def __init__(self, queue: Queue, handlers: Mapping[str, Handler], name: str = "") -> None:
        self.queue = queue
        self.handlers = dict(handlers)
        self.name = name or f"{socket.gethostname()}:{os.getpid()}"
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Finish the job in hand, then return from :meth:`run`."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped; a database that is away is waited for."""
        while not self._stopping.is_set():
            try:
                worked = await self.run_one()
            except Exception:
                # The loop must outlive a database that is away for a while.
                log.exception("worker could not take or close a job")
                worked = False
            if not worked:
                try:
                    await asyncio.wait_for(self._stopping.wait(), IDLE_SECONDS)
                except TimeoutError:
                    continue

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
        renewing = asyncio.create_task(self._renew(job))
        try:
            await self.handlers[job.kind](job)
        except DeadLetterError as error:
            log.warning("job is a dead letter", job=job.id, kind=job.kind, error=error.message)
            await self.queue.failed(job, error.message, final=True)
        except Exception as error:
            # Whatever a handler raises is recorded on its row and tried again.
            log.exception("job failed", job=job.id, kind=job.kind, attempt=job.attempt)
            await self.queue.failed(job, f"{type(error).__name__}: {error}")
        else:
            await self.queue.done(job)
        finally:
            renewing.cancel()
        return True

    async def _renew(self, job: Job) -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            await self.queue.renew(job, self.name)
