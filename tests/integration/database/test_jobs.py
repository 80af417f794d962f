"""Jobs: each is run, by one worker at a time, until it succeeds or is a dead letter."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from hotline.clock import ManualClock
from hotline.jobs import (
    DeadLetterError,
    Feeder,
    Housekeeper,
    Job,
    JobState,
    JobTable,
    LaterError,
    NewJob,
    Queue,
    Worker,
)
from hotline.jobs.queue import LEASE, RETRY_DELAYS
from hotline.store import Database, DatabaseUnavailableError, Outbox, append

pytestmark = pytest.mark.each_database

KINDS = frozenset({"transcribe"})


@pytest.fixture
def queue(database: Database, clock: ManualClock) -> Queue:
    return Queue(database, clock)


async def put(queue: Queue, key: str | None = None, count: int = 1) -> None:
    async with queue.database.write() as session:
        for number in range(count):
            await queue.put(session, "transcribe", {"call": number}, key=key)


def failing(error: Exception) -> Callable[[Job], Awaitable[None]]:
    async def handler(job: Job) -> None:
        raise error

    return handler


async def test_a_job_with_a_key_is_put_in_once(queue: Queue) -> None:
    async with queue.database.write() as session:
        assert await queue.put(session, "transcribe", {}, key="transcribe:c1")
        assert not await queue.put(session, "transcribe", {}, key="transcribe:c1")
    await asyncio.gather(*(put(queue, "transcribe:c2") for _ in range(8)))
    assert (await queue.counts())[JobState.READY] == 2


async def test_many_workers_run_each_job_once(queue: Queue) -> None:
    await put(queue, count=60)
    ran: list[int] = []

    async def handler(job: Job) -> None:
        ran.append(job.payload["call"])
        await asyncio.sleep(0)

    workers = [Worker(queue, {"transcribe": handler}, f"w{n}") for n in range(6)]
    await asyncio.gather(*(worker.run_until_empty() for worker in workers))
    assert sorted(ran) == list(range(60))
    assert await queue.counts() == {"ready": 0, "running": 0, "done": 60, "dead": 0}


async def test_a_failed_job_comes_back_later_and_later_until_it_is_a_dead_letter(
    queue: Queue, clock: ManualClock
) -> None:
    await put(queue)
    worker = Worker(queue, {"transcribe": failing(ValueError("no model"))})
    for delay in RETRY_DELAYS:
        assert await worker.run_until_empty() == 1
        clock.advance(delay.total_seconds() - 1)
        assert await worker.run_until_empty() == 0
        clock.advance(1)
    assert await worker.run_until_empty() == 1
    clock.advance(86400)
    assert await worker.run_until_empty() == 0
    (dead,) = await queue.dead()
    assert dead.error == "ValueError: no model"
    async with queue.database.read() as session:
        told = (await session.scalars(select(Outbox))).one()
    assert (told.topic, told.key) == ("job.dead", str(dead.id))
    assert await queue.revive(dead.id)
    assert not await queue.revive(dead.id)
    assert await worker.run_until_empty() == 1


async def test_a_job_that_is_put_off_spends_no_tries_but_not_for_ever(
    queue: Queue, clock: ManualClock
) -> None:
    await put(queue)
    busy = LaterError(delay=timedelta(minutes=10))
    worker = Worker(queue, {"transcribe": failing(busy)})
    for _ in range(20):
        assert await worker.run_until_empty() == 1
        assert (await queue.counts())[JobState.READY] == 1
        clock.advance(600)
    clock.advance(24 * 3600)
    for delay in (*RETRY_DELAYS, timedelta(0)):
        assert await worker.run_until_empty() == 1
        clock.advance(delay.total_seconds())
    assert (await queue.counts())[JobState.DEAD] == 1


async def test_a_hopeless_job_is_a_dead_letter_at_once(queue: Queue) -> None:
    await put(queue)
    await Worker(queue, {"transcribe": failing(DeadLetterError("录音已损坏"))}).run_until_empty()
    (dead,) = await queue.dead()
    assert dead.error == "录音已损坏"


async def test_a_dead_workers_job_is_given_to_another_and_the_ghost_is_not_heard(
    queue: Queue, clock: ManualClock
) -> None:
    await put(queue)
    ghost = await queue.claim("ghost", KINDS)
    assert ghost is not None
    assert await queue.claim("w2", KINDS) is None
    clock.advance(LEASE.total_seconds() + 1)
    second = await queue.claim("w2", KINDS)
    assert second is not None
    assert second.attempt == 2
    assert not await queue.renew(ghost)
    assert not await queue.done(ghost)
    await queue.failed(ghost, "late")
    assert await queue.done(second)
    assert (await queue.counts())[JobState.DONE] == 1


async def test_a_job_that_kills_every_worker_is_buried(queue: Queue, clock: ManualClock) -> None:
    await put(queue)
    for _ in range(len(RETRY_DELAYS) + 1):
        assert await queue.claim("w", KINDS) is not None
        clock.advance(LEASE.total_seconds() + 1)
    assert await queue.claim("w", KINDS) is None
    assert (await queue.counts())[JobState.DEAD] == 1


async def test_a_worker_told_to_go_gives_its_job_back(queue: Queue) -> None:
    await put(queue)
    begun = asyncio.Event()

    async def handler(job: Job) -> None:
        begun.set()
        await asyncio.Event().wait()

    working = asyncio.create_task(Worker(queue, {"transcribe": handler}).run())
    await asyncio.wait_for(begun.wait(), 5)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    again = await queue.claim("w2", KINDS)
    assert again is not None
    assert again.attempt == 1


async def test_a_worker_whose_lease_was_lost_stops_working_on_it(
    queue: Queue, clock: ManualClock
) -> None:
    await put(queue)
    begun = asyncio.Event()

    async def handler(job: Job) -> None:
        begun.set()
        await asyncio.Event().wait()

    first = Worker(queue, {"transcribe": handler}, renew_seconds=0.01)
    clock_before = clock.now()
    working = asyncio.create_task(first.run_one())
    await asyncio.wait_for(begun.wait(), 5)
    async with queue.database.write() as session:
        row = (await session.scalars(select(JobTable))).one()
        row.lease_until = clock_before
        row.attempts += 1  # as another worker's claim does
    assert await asyncio.wait_for(working, 5)
    assert (await queue.counts())[JobState.RUNNING] == 1


async def test_a_stopping_worker_finishes_what_it_has(queue: Queue) -> None:
    await put(queue, count=2)
    worker = Worker(queue, {})

    async def handler(job: Job) -> None:
        worker.stop()

    worker.handlers["transcribe"] = handler
    await asyncio.wait_for(worker.run(), 5)
    assert await queue.counts() == {"ready": 1, "running": 0, "done": 1, "dead": 0}


async def test_jobs_that_nobody_here_knows_are_left_for_others(queue: Queue) -> None:
    await put(queue)
    assert await queue.claim("w", frozenset({"notify"})) is None


async def test_each_row_of_the_outbox_becomes_its_jobs_once(
    queue: Queue, clock: ManualClock
) -> None:
    async with queue.database.write() as session:
        for number in range(5):
            append(session, "recording.ready", f"c{number}", {}, clock.now())
        append(session, "presence.changed", "lawyer1", {}, clock.now())
    rules = {"recording.ready": lambda row: [NewJob("transcribe", {"call": row.key}, row.key)]}
    feeders = [Feeder(queue, rules) for _ in range(3)]
    await asyncio.gather(*(feeder.feed() for feeder in feeders))
    assert await feeders[0].feed() == 0
    assert (await queue.counts())[JobState.READY] == 5


async def test_done_jobs_are_forgotten_after_a_while(queue: Queue, clock: ManualClock) -> None:
    await put(queue)
    job = await queue.claim("w", KINDS)
    assert job is not None
    await queue.done(job)
    clock.advance(3600)
    assert await queue.purge(clock.now() - timedelta(hours=2)) == 0
    assert await queue.purge(clock.now()) == 1


async def test_the_house_is_tidied_but_dead_letters_and_untold_rows_stay(
    queue: Queue, clock: ManualClock
) -> None:
    await put(queue, count=3)
    worker = Worker(queue, {"transcribe": failing(DeadLetterError("录音已损坏"))})
    await worker.run_one()
    for _ in range(2):
        job = await queue.claim("w", KINDS)
        assert job is not None
        await queue.done(job)
    feeder = Feeder(queue, {})
    await feeder.feed()
    clock.advance(timedelta(days=31).total_seconds())
    async with queue.database.write() as session:
        append(session, "call.ended", "c1", {}, clock.now())
    assert await Housekeeper(queue).tidy() == (1, 2)
    assert (await queue.counts())[JobState.DEAD] == 1


async def test_a_worker_outlives_a_database_that_is_away(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(queue)
    worker = Worker(queue, {})
    claim, failures = queue.claim, iter([DatabaseUnavailableError("不在"), OSError("gone")])
    monkeypatch.setattr("hotline.jobs.worker.TROUBLE_SECONDS", 0.0)

    async def flaky(name: str, kinds: frozenset[str]) -> Job | None:
        for error in failures:
            raise error
        return await claim(name, kinds)

    async def handler(job: Job) -> None:
        worker.stop()

    monkeypatch.setattr(queue, "claim", flaky)
    worker.handlers["transcribe"] = handler
    await asyncio.wait_for(worker.run(), 10)
    assert (await queue.counts())[JobState.DONE] == 1
