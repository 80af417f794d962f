"""Work for later: rows with retries, leases and a dead-letter state.

``Queue.put`` in the transaction that makes the work necessary; or let a :class:`Feeder` turn rows
of the outbox into jobs. :class:`Worker` runs the handlers that :mod:`hotline.app` collects.
"""

from hotline.jobs.feeding import Feeder, NewJob, Rule
from hotline.jobs.housekeeping import Housekeeper
from hotline.jobs.queue import DeadLetterError, Job, LaterError, Queue
from hotline.jobs.tables import JobState, JobTable
from hotline.jobs.worker import Handler, Worker

__all__ = [
    "DeadLetterError",
    "Feeder",
    "Handler",
    "Housekeeper",
    "Job",
    "JobState",
    "JobTable",
    "LaterError",
    "NewJob",
    "Queue",
    "Rule",
    "Worker",
]
