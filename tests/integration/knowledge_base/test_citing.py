"""The page of an article knows which tickets and calls cite it, within what one may see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import hotline.store.schema  # noqa: F401 - knows every package's tables
from hotline.clock import ManualClock
from hotline.jobs import Job
from hotline.jobs.feeding import NewJob, together
from hotline.store import Database, Outbox
from hotline.tickets import CallFacts, shipped
from hotline.web.permissions import Role
from hotline.web.section import Section
from knowledge_base.cited.keeping import CALL, CITE, RULES, TicketReader, cited_in, remember
from knowledge_base.library.importer import import_texts
from knowledge_base.routes import section as knowledge_section
from tests.integration.knowledge_base.test_editing_cards import LAW, statute
from tests.integration.web.conftest import *  # noqa: F403 - the same browser and accounts

SignedIn = Callable[..., Awaitable[Any]]


@pytest.fixture
def sections() -> list[Section]:
    return [knowledge_section]


@pytest.fixture
async def tickets(database: Database, clock: ManualClock) -> list[int]:
    """Two tickets: one writes the citation, the call of the other says it."""
    async with database.write() as session:
        await import_texts(session, [statute("甲。", "乙。")], clock.now())
        facts = [
            CallFacts(
                "1.1",
                "13800000001",
                clock.now(),
                data={"title": "路灯坏了", "statutes": f"{LAW} 第二条\n民法典 第一千条"},
            ),
            CallFacts("1.2", "13800000002", clock.now(), data={"title": "路灯不亮"}),
        ]
        opened = await shipped().open_for_calls(session, facts, clock.now())
        await remember(session, CALL, "1.2", [(LAW, "2")], clock.now())
    return list(opened.values())


def job(case: int) -> Job:
    return Job(id=1, kind=CITE, payload={"case": str(case)}, attempt=1)


@pytest.mark.each_database
async def test_both_are_on_the_articles_page_and_only_for_who_may_see_them(
    signed_in: SignedIn, database: Database, clock: ManualClock, tickets: list[int]
) -> None:
    for case in tickets:
        await TicketReader(database, clock)(job(case))
    supervisor = await signed_in("banzhang", Role.SUPERVISOR)
    page = (await supervisor.get(f"/statutes/{LAW}/2")).text
    assert "路灯坏了" in page
    assert "路灯不亮" in page
    assert "路灯坏了" not in (await supervisor.get(f"/statutes/{LAW}/1")).text
    lawyer = await signed_in("wang", Role.LAWYER, agent_id="wang")
    assert "路灯坏了" not in (await lawyer.get(f"/statutes/{LAW}/2")).text


async def test_a_citation_that_is_taken_out_of_the_ticket_is_forgotten(
    signed_in: SignedIn, database: Database, clock: ManualClock, tickets: list[int]
) -> None:
    async with database.write() as session:
        await remember(session, "ticket", str(tickets[0]), [(LAW, "1")], clock.now())
    await TicketReader(database, clock)(job(tickets[0]))
    supervisor = await signed_in("banzhang", Role.SUPERVISOR)
    assert "路灯坏了" not in (await supervisor.get(f"/statutes/{LAW}/1")).text


def test_a_name_or_a_number_that_nobody_knows_is_no_citation() -> None:
    assert cited_in("根据第三条和有关规定") == frozenset()
    assert cited_in("劳动合同法第四十七条、第八十七条") == {
        ("劳动合同法", "47"),
        ("劳动合同法", "87"),
    }


def test_two_packages_may_follow_one_topic() -> None:
    row = Outbox(id=1, topic="case.moved", key="7", payload={"service": "ticket"})
    rules = together({"case.moved": lambda _row: [NewJob("other", {})]}, RULES)
    assert [new.kind for new in rules["case.moved"](row)] == ["other", CITE]
    row.payload = {"service": "notary"}
    assert [new.kind for new in rules["case.moved"](row)] == ["other"]
