"""What follows by itself: a scored call is watched for risk, a grade renews the agreement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hotline.clock import Clock
from hotline.jobs import Handler, Job
from hotline.jobs.feeding import NewJob, Rule
from hotline.store import Database, Outbox
from transcripts.review import agreement, candidates
from transcripts.review.draws import watch
from transcripts.review.rules import load_rules

WATCH, AGREE = "review.watch", "review.agree"


def _scored(row: Outbox) -> Iterable[NewJob]:
    yield NewJob(WATCH, {"call": row.key}, key=f"{WATCH}:{row.key}:{row.id}")


def _graded(row: Outbox) -> Iterable[NewJob]:
    yield NewJob(AGREE, {}, key=f"{AGREE}:{row.id}")


RULES: Mapping[str, Rule] = {
    "score.ready": _scored,
    "recording.unreadable": _scored,
    "review.graded": _graded,
}
"""For the feeder of :mod:`hotline.jobs.feeding`."""


def handlers(database: Database, clock: Clock) -> dict[str, Handler]:
    """Return what a worker needs for review."""

    async def watched(job: Job) -> None:
        async with database.write() as session:
            rules = load_rules()
            call = await candidates.of_call(
                session, str(job.payload["call"]), firsts=rules.new_lawyer_calls
            )
            if call is not None:
                await watch(session, [call], rules, clock.now())

    async def agreed(job: Job) -> None:
        del job  # it measures all grades there are
        async with database.write() as session:
            await agreement.renew(session, load_rules(), clock.now())

    return {WATCH: watched, AGREE: agreed}
