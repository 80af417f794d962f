"""What the workflow tells staff reaches whom it names, once, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.cases import notices
from agents.cases.routes import section as cases_section
from agents.persons.routes import section as persons_section
from agents.routes import section as agents_section
from hotline.casework import Actor
from hotline.clock import ManualClock
from hotline.jobs import Job
from hotline.jobs.feeding import NewJob
from hotline.store import Database, Outbox
from hotline.tickets import shipped
from hotline.web.permissions import Role
from hotline.web.section import Section

BUREAU = Actor("ju", frozenset({"bureau"}))


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section, cases_section, persons_section]


async def told(database: Database, clock: ManualClock) -> int:
    """Run the jobs that the outbox asks for, twice: a job that runs again tells nothing new."""
    async with database.read() as session:
        found = list(await session.scalars(select(Outbox)))
    jobs: list[NewJob] = []
    for row in found:
        rule = notices.RULES.get(row.topic)
        jobs += list(rule(row)) if rule else []
    teller = notices.Teller(database, clock)
    for job in jobs * 2:
        await teller(Job(1, job.kind, dict(job.payload), 1))
    return len(jobs)


async def test_a_notice_reaches_the_role_and_the_assignee_that_it_names(
    signed_in: Any, database: Database, clock: ManualClock
) -> None:
    desk = shipped().desk
    async with database.write() as session:
        case = await desk.open(
            session,
            "lawyer_appointment",
            {"caller_name": "张建军", "title": "继承"},
            actor=BUREAU,
            now=clock.now(),
        )
        given = {"appointment_at": "2026-11-25 09:00", "assignee_id": "wang"}
        await desk.act(session, case.id, "book", given, actor=BUREAU, now=clock.now())
        clock.advance(40 * 3600)
        assert await desk.signal(session, case.id, clock.now()) > 0
    assert await told(database, clock) >= 2
    wang = await signed_in("wangxm", Role.LAWYER, agent_id="wang")
    assert (
        "通知 2" in (await wang.get("/cases")).text or "通知 3" in (await wang.get("/cases")).text
    )
    page = (await wang.get("/cases/notices")).text
    assert f"您有预约 {case.number}" in page
    assert f"{case.number} 的“预约时间”" in page
    assert (
        "通知 " not in (await wang.get("/cases")).text.partition("<main")[2].partition("</h1>")[0]
    )
    chen = await signed_in("chenj", Role.LAWYER, agent_id="chen")
    assert "没有通知" in (await chen.get("/cases/notices")).text
