"""What a call-back comes to, on its ticket: each try, and the end.

A talk itself moves the ticket like that of any call (:mod:`hotline.tickets.jobs`), because the
ticket goes with the call that is made. Here stand the tries that came to nothing, and the
call-backs that are no longer needed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from hotline.calls.tables import CallBackOutcome
from hotline.casework import SYSTEM_ACTOR, Case
from hotline.clock import Clock
from hotline.jobs import Job
from hotline.jobs.feeding import NewJob, Rule
from hotline.store import Database, Outbox
from hotline.tickets.calls import TicketDesk, shipped

NOTE = "ticket-call-back"

_NO_LONGER_NEEDED = frozenset({CallBackOutcome.CALLED_IN.value})
_TOLD_BY_THE_CALL = frozenset(
    {CallBackOutcome.ANSWERED.value, CallBackOutcome.MESSAGE.value, CallBackOutcome.HANDLED.value}
)


def _note(row: Outbox) -> Iterable[NewJob]:
    if row.payload["outcome"] not in _TOLD_BY_THE_CALL:
        yield NewJob(NOTE, dict(row.payload), key=f"{NOTE}:{row.id}")


RULES: Mapping[str, Rule] = {"callback.": _note}
"""For the feeder of :mod:`hotline.jobs.feeding`."""


class Noter:
    """Handles :data:`NOTE`."""

    def __init__(self, database: Database, clock: Clock, desk: TicketDesk | None = None) -> None:
        self._database = database
        self._clock = clock
        self._desk = desk

    async def __call__(self, job: Job) -> None:
        """Write ``job.payload["words"]`` on the ticket; a ticket that went on stays as it is."""
        desk = self._desk
        if desk is None:
            desk = self._desk = await asyncio.to_thread(shipped)
        told: Mapping[str, Any] = job.payload
        action = "no_callback" if told["outcome"] in _NO_LONGER_NEEDED else "callback_tried"
        async with self._database.write() as session:
            case = None
            if told["case_id"] is not None:
                case = await session.get(Case, told["case_id"])
            if case is None:
                calls = [call for call in (told["call_id"], told["try_call"]) if call]
                case = await session.scalar(select(Case).where(Case.call_id.in_(calls)))
            if case is None:
                return
            ways = await desk.desk.available(session, case, SYSTEM_ACTOR)
            if any(way.action == action for way in ways):
                await desk.desk.act(
                    session,
                    case.id,
                    action,
                    actor=SYSTEM_ACTOR,
                    now=self._clock.now(),
                    note=told["words"],
                    submission=f"callback-{job.id}",
                )
