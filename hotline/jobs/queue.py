"""The table of jobs and what may be done to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CursorResult, Index, Result, Select, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.clock import Clock
from hotline.errors import HotlineError
from hotline.store import Base, Database

LEASE = timedelta(minutes=5)
"""A worker that says nothing for this long is taken for dead and its job given to another."""

RETRY_DELAYS = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600))
"""Waits between tries; a job that fails once more is a dead letter."""


class DeadLetterError(HotlineError):
    """这项任务重试也不会成功，已转入死信，请人工处理。

    A handler raises it (or a subclass) where another try cannot help.
    """

    error_id = "dead-letter"


class JobState(StrEnum):
    """Where a job stands."""

    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"


class JobTable(Base):
    """One row a job."""

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_due", "state", "run_at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str]
    key: Mapped[str | None] = mapped_column(unique=True)
    """A job with a key is put in once, however often it is asked for."""
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default=JobState.READY)
    attempts: Mapped[int] = mapped_column(default=0)
    run_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    worker: Mapped[str | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Job:
    """A job in a worker's hands; ``attempt`` counts from 1."""

    id: int
    kind: str
    payload: dict[str, Any]
    attempt: int


class Queue:
    """Puts jobs in, hands them out under a lease, takes the outcome."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def put(
        self,
        session: AsyncSession,
        kind: str,
        payload: dict[str, Any],
        *,
        key: str | None = None,
        delay: timedelta = timedelta(0),
    ) -> None:
        """Add a job as part of ``session``'s transaction; a known ``key`` adds nothing."""
        if key is not None:
            known = await session.scalar(select(JobTable.id).where(JobTable.key == key))
            if known is not None:
                return
        now = self.clock.now()
        session.add(
            JobTable(kind=kind, key=key, payload=payload, run_at=now + delay, created_at=now)
        )

    async def claim(self, worker: str, kinds: frozenset[str]) -> Job | None:
        """Take the oldest job that is due, or whose worker died; ``None`` where there is none."""
        now = self.clock.now()
        async with self.database.write() as session:
            row = await session.scalar(self._due(now, kinds))
            if row is None:
                return None
            row.state = JobState.RUNNING
            row.attempts += 1
            row.worker = worker
            row.lease_until = now + LEASE
            return Job(row.id, row.kind, row.payload, row.attempts)

    def _due(self, now: datetime, kinds: frozenset[str]) -> Select[JobTable]:
        due = (JobTable.state == JobState.READY) & (JobTable.run_at <= now)
        orphaned = (JobTable.state == JobState.RUNNING) & (JobTable.lease_until < now)
        query = select(JobTable).where(JobTable.kind.in_(kinds), or_(due, orphaned))
        # SQLite's one writer needs no lock; PostgreSQL's workers step over each other's rows.
        return (
            query.order_by(JobTable.run_at, JobTable.id).limit(1).with_for_update(skip_locked=True)
        )

    async def renew(self, job: Job, worker: str) -> bool:
        """Lengthen the lease; ``False`` where the job was meanwhile given to another."""
        async with self.database.write() as session:
            result = await session.execute(
                update(JobTable)
                .where(
                    JobTable.id == job.id,
                    JobTable.worker == worker,
                    JobTable.attempts == job.attempt,
                )
                .values(lease_until=self.clock.now() + LEASE)
            )
            return _touched(result)

    async def done(self, job: Job) -> None:
        """Record that the job is done."""
        await self._end(job, JobState.DONE, None)

    async def failed(self, job: Job, error: str, *, final: bool = False) -> JobState:
        """Record a failure: try again later, or a dead letter where ``final`` or tried enough."""
        if final or job.attempt > len(RETRY_DELAYS):
            await self._end(job, JobState.DEAD, error)
            return JobState.DEAD
        async with self.database.write() as session:
            await session.execute(
                update(JobTable)
                .where(JobTable.id == job.id, JobTable.attempts == job.attempt)
                .values(
                    state=JobState.READY,
                    run_at=self.clock.now() + RETRY_DELAYS[job.attempt - 1],
                    lease_until=None,
                    error=error,
                )
            )
        return JobState.READY

    async def revive(self, job_id: int) -> bool:
        """Give a dead letter another life; ``False`` where there is no such dead letter."""
        async with self.database.write() as session:
            result = await session.execute(
                update(JobTable)
                .where(JobTable.id == job_id, JobTable.state == JobState.DEAD)
                .values(state=JobState.READY, attempts=0, run_at=self.clock.now(), ended_at=None)
            )
            return _touched(result)

    async def _end(self, job: Job, state: JobState, error: str | None) -> None:
        async with self.database.write() as session:
            await session.execute(
                update(JobTable)
                .where(JobTable.id == job.id, JobTable.attempts == job.attempt)
                .values(state=state, error=error, lease_until=None, ended_at=self.clock.now())
            )


def _touched(result: Result[Any]) -> bool:
    return isinstance(result, CursorResult) and result.rowcount > 0
