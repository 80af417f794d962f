"""The table of jobs and what may be done to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Result,
    and_,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import Clock
from hotline.errors import HotlineError
from hotline.jobs.tables import JobState, JobTable
from hotline.store import Database, append

LEASE = timedelta(minutes=5)
"""A worker that says nothing for this long is taken for dead and its job given to another."""

RETRY_DELAYS = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600))
"""Waits between tries; a job that fails once more is a dead letter."""

MOST_ATTEMPTS = len(RETRY_DELAYS) + 1

LONGEST_PUT_OFF = timedelta(days=1)
"""A job that was put off for so long fails like any other."""

LONGEST_ERROR = 2000
"""Characters kept of an error's message."""


class DeadLetterError(HotlineError):
    """这项任务重试也不会成功，已转入死信，请人工处理。

    A handler raises it (or a subclass) where another try cannot help.
    """

    error_id = "dead-letter"


class LaterError(HotlineError):
    """对方现在忙，稍后再办。

    A handler raises it where whoever it asked wants to be asked later: that is no failure, and
    spends none of the job's tries.
    """

    error_id = "later"

    def __init__(self, message: str | None = None, /, *, delay: timedelta) -> None:
        super().__init__(message)
        self.delay = delay


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
    ) -> bool:
        """Add a job as part of ``session``'s transaction.

        Returns:
            ``False`` where ``key`` is known: nothing is added.
        """
        now = self.clock.now()
        dialect = session.get_bind().dialect.name
        insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
        # One statement: to look first and then insert would break the caller's transaction
        # where another process puts the same job in between.
        result = await session.execute(
            insert(JobTable)
            .values(kind=kind, key=key, payload=payload, run_at=now + delay, created_at=now)
            .on_conflict_do_nothing(index_elements=[JobTable.key])
        )
        return _touched(result)

    async def claim(self, worker: str, kinds: frozenset[str]) -> Job | None:
        """Take the oldest job that is due, or whose worker died; ``None`` where there is none."""
        if not await self._anything_due(kinds):
            return None
        now = self.clock.now()
        async with self.database.write() as session:
            await self._bury(session, now, kinds)
            # SQLite's one writer needs no lock; PostgreSQL's workers step over each other's rows.
            row = await session.scalar(
                select(JobTable)
                .where(_due(now, kinds))
                .order_by(JobTable.run_at, JobTable.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if row is None:
                return None
            row.state = JobState.RUNNING
            row.attempts += 1
            row.worker = worker
            row.lease_until = now + LEASE
            return Job(row.id, row.kind, row.payload, row.attempts)

    async def renew(self, job: Job) -> bool:
        """Lengthen the lease; ``False`` where the job was meanwhile given to another."""
        async with self.database.write() as session:
            result = await session.execute(
                update(JobTable).where(_held(job)).values(lease_until=self.clock.now() + LEASE)
            )
            return _touched(result)

    async def done(self, job: Job) -> bool:
        """Record that the job is done; ``False`` where it was meanwhile given to another."""
        async with self.database.write() as session:
            result = await session.execute(
                update(JobTable)
                .where(_held(job))
                .values(
                    state=JobState.DONE, error=None, lease_until=None, ended_at=self.clock.now()
                )
            )
            return _touched(result)

    async def failed(self, job: Job, error: str, *, final: bool = False) -> JobState:
        """Record a failure: try again later, or a dead letter where ``final`` or tried enough."""
        now = self.clock.now()
        dead = final or job.attempt >= MOST_ATTEMPTS
        values: dict[str, Any] = {"error": error[:LONGEST_ERROR], "lease_until": None}
        if dead:
            values |= {"state": JobState.DEAD, "ended_at": now}
        else:
            delay = RETRY_DELAYS[job.attempt - 1]
            values |= {"state": JobState.READY, "run_at": now + delay}
        async with self.database.write() as session:
            result = await session.execute(update(JobTable).where(_held(job)).values(values))
            if dead and _touched(result):
                append(session, "job.dead", str(job.id), {"kind": job.kind, "error": error}, now)
        return JobState.DEAD if dead else JobState.READY

    async def put_off(self, job: Job, delay: timedelta, error: str) -> JobState:
        """Record that the job is to be tried after ``delay``, which spends none of its tries."""
        now = self.clock.now()
        async with self.database.write() as session:
            result = await session.execute(
                update(JobTable)
                .where(_held(job), JobTable.created_at > now - LONGEST_PUT_OFF)
                .values(
                    state=JobState.READY,
                    attempts=job.attempt - 1,
                    run_at=now + delay,
                    lease_until=None,
                    error=error[:LONGEST_ERROR],
                )
            )
            if _touched(result):
                return JobState.READY
        return await self.failed(job, error)

    async def release(self, job: Job) -> None:
        """Give a job back untried: the worker stops, another may take it at once."""
        async with self.database.write() as session:
            await session.execute(
                update(JobTable)
                .where(_held(job))
                .values(state=JobState.READY, attempts=job.attempt - 1, lease_until=None)
            )

    async def revive(self, job_id: int) -> bool:
        """Give a dead letter another life; ``False`` where there is no such dead letter."""
        async with self.database.write() as session:
            result = await session.execute(
                update(JobTable)
                .where(JobTable.id == job_id, JobTable.state == JobState.DEAD)
                .values(state=JobState.READY, attempts=0, run_at=self.clock.now(), ended_at=None)
            )
            return _touched(result)

    async def dead(self, limit: int = 100) -> Sequence[JobTable]:
        """Return the newest dead letters."""
        async with self.database.read() as session:
            query = select(JobTable).where(JobTable.state == JobState.DEAD)
            return (await session.scalars(query.order_by(JobTable.id.desc()).limit(limit))).all()

    async def counts(self) -> dict[str, int]:
        """Return how many jobs stand in each state."""
        async with self.database.read() as session:
            query = select(JobTable.state, func.count()).group_by(JobTable.state)
            found = {state: number for state, number in await session.execute(query)}  # noqa: C416
        return {state: found.get(state, 0) for state in JobState}

    async def purge(self, before: datetime) -> int:
        """Forget jobs done before that time; dead letters stay. Return how many."""
        async with self.database.write() as session:
            result = await session.execute(
                delete(JobTable).where(JobTable.state == JobState.DONE, JobTable.ended_at < before)
            )
            return result.rowcount if isinstance(result, CursorResult) else 0

    async def _anything_due(self, kinds: frozenset[str]) -> bool:
        # Idle workers only look: on SQLite, to begin a transaction would hold up who has news.
        async with self.database.read() as session:
            query = select(JobTable.id).where(_due(self.clock.now(), kinds)).limit(1)
            return await session.scalar(query) is not None

    async def _bury(self, session: AsyncSession, now: datetime, kinds: frozenset[str]) -> None:
        """Make a dead letter of a job that took every worker down with it."""
        lost = await session.scalars(
            select(JobTable)
            .where(_orphaned(now), JobTable.kind.in_(kinds), JobTable.attempts >= MOST_ATTEMPTS)
            .with_for_update(skip_locked=True)
        )
        for row in lost:
            row.state = JobState.DEAD
            row.error = "执行这项任务的进程每次都意外终止"
            row.lease_until = None
            row.ended_at = now
            append(session, "job.dead", str(row.id), {"kind": row.kind, "error": row.error}, now)


def _due(now: datetime, kinds: frozenset[str]) -> ColumnElement[bool]:
    waiting = and_(JobTable.state == JobState.READY, JobTable.run_at <= now)
    return and_(or_(waiting, _orphaned(now)), JobTable.kind.in_(kinds))


def _orphaned(now: datetime) -> ColumnElement[bool]:
    return and_(JobTable.state == JobState.RUNNING, JobTable.lease_until < now)


def _held(job: Job) -> ColumnElement[bool]:
    # Each claim counts up: a worker whose lease ran out holds an older attempt.
    return and_(
        JobTable.id == job.id,
        JobTable.state == JobState.RUNNING,
        JobTable.attempts == job.attempt,
    )


def _touched(result: Result[Any]) -> bool:
    return isinstance(result, CursorResult) and result.rowcount > 0
