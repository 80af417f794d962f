"""Work for later: rows with retries, leases and a dead-letter state."""

from hotline.jobs.queue import DeadLetterError, Job, JobState, JobTable, Queue
from hotline.jobs.worker import Handler, Worker

__all__ = ["DeadLetterError", "Handler", "Job", "JobState", "JobTable", "Queue", "Worker"]
