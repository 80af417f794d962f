"""What follows for a ticket from the end of its call, apart from the calls that go on.

Each ``call.ended`` in the outbox asks for one job: a call that was kept as abandoned ends once more
when Asterisk's own journal tells that it was answered. The job reads the call as it is kept, moves
the ticket as the outcome asks and puts the caller's answers on it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from hotline.calls.tables import CallTable
from hotline.clock import Clock
from hotline.jobs import DeadLetterError, Job
from hotline.jobs.feeding import NewJob, Rule
from hotline.jobs.worker import Handler
from hotline.store import Database, Outbox
from hotline.tickets import callbacks
from hotline.tickets.calls import TicketDesk, shipped

CLOSE = "ticket-call-ended"


class CallUnknownError(DeadLetterError):
    """没有这个通话的记录，工单没有更新。"""

    error_id = "call-unknown"


def _close(row: Outbox) -> Iterable[NewJob]:
    yield NewJob(CLOSE, {"call": row.key}, key=f"{CLOSE}:{row.id}")


RULES: Mapping[str, Rule] = {"call.ended": _close, **callbacks.RULES}
"""For the feeder of :mod:`hotline.jobs.feeding`."""


class Closer:
    """Handles :data:`CLOSE`."""

    def __init__(self, database: Database, clock: Clock, desk: TicketDesk | None = None) -> None:
        self._database = database
        self._clock = clock
        self._desk = desk

    async def __call__(self, job: Job) -> None:
        """Bring the ticket of ``job.payload["call"]`` up to the end of its call.

        Raises:
            CallUnknownError: there is no such call.
            NotFoundError: it has no ticket yet; try again.
        """
        desk = self._desk
        if desk is None:
            desk = self._desk = await asyncio.to_thread(shipped)
        call_id, now = str(job.payload["call"]), self._clock.now()
        async with self._database.write() as session:
            call = await session.get(CallTable, call_id)
            if call is None or call.outcome is None:
                raise CallUnknownError(f"没有通话 {call_id} 的结束记录。", call=call_id)
            facets = {"topic": call.topic, "place": call.place, "language": call.language}
            await desk.call_ended(
                session, call_id, call.outcome, now, agent_id=call.agent_id, facets=facets
            )
            if call.satisfaction is not None or call.solved is not None:
                await desk.survey_answered(
                    session,
                    call_id,
                    now,
                    satisfaction=call.satisfaction,
                    solved=call.solved,
                )


def handlers(database: Database, clock: Clock) -> dict[str, Handler]:
    """Return the handlers of this package's jobs."""
    return {CLOSE: Closer(database, clock), callbacks.NOTE: callbacks.Noter(database, clock)}
