"""What follows for the ticket from the emergency key: it becomes an emergency at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hotline.casework import case_of_call, set_facets
from hotline.clock import Clock
from hotline.jobs import Job
from hotline.jobs.feeding import NewJob, Rule
from hotline.jobs.worker import Handler
from hotline.store import Database, Outbox

URGENT = "ticket-emergency"
EMERGENCY = "emergency"
"""The urgency of ``config/services/ticket.yaml``."""


def _raised(row: Outbox) -> Iterable[NewJob]:
    if not row.payload.get("seen"):
        yield NewJob(URGENT, {"call": row.key}, key=f"{URGENT}:{row.key}")


RULES: Mapping[str, Rule] = {"call.emergency": _raised}
"""For the feeder of :mod:`hotline.jobs.feeding`."""


def handlers(database: Database, clock: Clock) -> dict[str, Handler]:
    """Return the handlers of this package's jobs."""

    async def urgent(job: Job) -> None:
        """Set the ticket's urgency; a call that has no ticket yet is tried again."""
        async with database.write() as session:
            case = await case_of_call(session, str(job.payload["call"]))
            await set_facets(session, case.id, clock.now(), urgency=EMERGENCY)

    return {URGENT: urgent}
