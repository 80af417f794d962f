"""Which calls are heard: the random sample, the risk sample, and each drawn once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from hotline.clock import ManualClock
from hotline.jobs import Queue, Worker
from hotline.jobs.feeding import Feeder
from hotline.store import Database, append
from hotline.web.permissions import Role
from tests.integration.web.review.reviewing import RULES, drawn, graded
from transcripts.review import agreement, draws, jobs
from transcripts.review.tables import (
    AgreementTable,
    DrawRunTable,
    DrawTable,
    ResultTable,
    TaskTable,
)


async def test_the_next_call_stands_first_with_the_reason_why_it_was_drawn(
    signed_in: Any, talk: Any, database: Database, clock: ManualClock
) -> None:
    await talk("1.1")
    await talk("1.2", satisfaction=3)
    await drawn(database, clock)
    async with database.write() as session:
        calls = await draws.candidates.ended_between(
            session, clock.now() - timedelta(days=1), clock.now() + timedelta(1), firsts=0
        )
        assert await draws.watch(session, calls, RULES, clock.now()) == 1
        assert await draws.watch(session, calls, RULES, clock.now()) == 0
    page = (await (await signed_in("mei", Role.REVIEWER)).get("/review")).text
    assert page.index("来电人不满意") < page.index("随机抽中", page.index("之后"))
    assert page.index("/review/1.2") < page.index("/review/1.1")


async def test_a_call_in_both_samples_is_heard_once_and_counts_as_random(
    signed_in: Any, talk: Any, database: Database, clock: ManualClock
) -> None:
    await talk("1.1", satisfaction=3)
    await drawn(database, clock)
    async with database.write() as session:
        found = await draws.candidates.of_call(session, "1.1", firsts=0)
        assert found
        await draws.watch(session, [found], RULES, clock.now())
    answer = await graded(await signed_in("mei", Role.REVIEWER), "1.1")
    assert answer.to == "/review"
    async with database.read() as session:
        samples = set(await session.scalars(select(DrawTable.sample)))
        result = await session.get_one(ResultTable, "1.1")
        tasks = await session.scalar(select(func.count()).select_from(TaskTable))
    assert samples == {"random", "risk"}
    assert (result.sample, tasks) == ("random", 1)


async def test_a_period_is_drawn_once_and_its_seed_is_kept(
    talk: Any, database: Database, clock: ManualClock
) -> None:
    for number in range(30):
        await talk(f"1.{number}")
    since, until = draws.last_period(clock.now() + timedelta(days=7), 7)
    assert since <= clock.now() < until
    clock.advance(7 * 86400)
    await draws.draw_due(database, clock, seed=lambda: "seed")
    await draws.draw_due(database, clock, seed=lambda: "another")
    async with database.read() as session:
        run = (await session.scalars(select(DrawRunTable))).one()
        random = await session.scalar(
            select(func.count()).select_from(DrawTable).where(DrawTable.sample == "random")
        )
    assert (run.seed, run.calls, run.drawn) == ("seed", 30, 2)
    assert random == 2


@pytest.mark.each_database
async def test_what_the_machine_scored_is_watched_and_a_grade_renews_the_agreement(
    signed_in: Any, talk: Any, database: Database, clock: ManualClock
) -> None:
    await talk("1.1", satisfaction=3)
    queue = Queue(database, clock)
    feeder = Feeder(queue, jobs.RULES)
    worker = Worker(queue, jobs.handlers(database, clock), "w")
    async with database.write() as session:
        append(session, "score.ready", "1.1", {}, clock.now())
    await feeder.feed()
    await worker.run_one()
    async with database.write() as session:
        draw = (await session.scalars(select(DrawTable))).one()
        assert (draw.sample, draw.reasons[0]) == ("risk", "dissatisfied")
        await session.execute(update(DrawTable).values(sample="random"))
    await graded(await signed_in("mei", Role.REVIEWER), "1.1")
    await feeder.feed()
    while await worker.run_one():
        pass
    async with database.read() as session:
        rows = {row.subject: row for row in await session.scalars(select(AgreementTable))}
        assert rows["basis"].pairs == 1
        assert rows["basis"].kappa == 1
        assert await agreement.hints(session) == frozenset()
