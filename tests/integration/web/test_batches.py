"""Working off several tickets together, and taking the list along."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.routes import section as agents_section
from agents.tables import OrganisationTable
from hotline.casework import Case, CaseEvent
from hotline.clock import ManualClock
from hotline.store import Database
from hotline.tickets import CallFacts, open_for_call
from hotline.web.permissions import Role
from hotline.web.section import Section
from hotline.web.tables import AuditEntry


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section]


@pytest.fixture
async def numbers(database: Database, clock: ManualClock) -> list[str]:
    """Three tickets that were just opened."""
    async with database.write() as session:
        session.add(OrganisationTable(kind="township", code="qingshi", name="青石镇服务站"))
        for n in range(3):
            call = CallFacts(
                call_id=f"1.{n}", number=f"1380000000{n}", topic="wages", started_at=clock.now()
            )
            await open_for_call(session, call, clock.now())
        return list(await session.scalars(select(Case.number).order_by(Case.id)))


def chosen(numbers: list[str], **more: str) -> str:
    return "&".join([f"number={n}" for n in numbers] + [f"{k}={v}" for k, v in more.items()])


async def states(database: Database) -> dict[str, str]:
    async with database.read() as session:
        return {case.number: case.state for case in await session.scalars(select(Case))}


async def post_batch(one: Any, numbers: list[str], **form: str) -> Any:
    token = await one.token()
    fields = [("number", n) for n in numbers] + [*form.items(), ("csrf", token)]
    return await one.send("POST", "/tickets/batch", data=fields)


async def test_what_all_allow_is_offered_and_done_to_each(
    signed_in: Any, numbers: list[str], database: Database
) -> None:
    lead = await signed_in("banzhang", Role.SUPERVISOR)
    page = (await lead.get(f"/tickets/batch?{chosen(numbers)}")).text
    assert 'value="leave_for_callback"' in page
    done = await post_batch(lead, numbers, action="leave_for_callback", submission="m1")
    assert done.text.count("已转待回拨") == 3
    assert set((await states(database)).values()) == {"callback"}


async def test_the_same_form_sent_twice_acts_once(
    signed_in: Any, numbers: list[str], database: Database
) -> None:
    lead = await signed_in("banzhang", Role.SUPERVISOR)
    form = {"action": "supervise", "note": "尽快办", "submission": "once"}
    await post_batch(lead, numbers[:1], **form)
    await post_batch(lead, numbers[:1], **form)
    async with database.read() as session:
        acts = list(await session.scalars(select(CaseEvent).where(CaseEvent.action == "supervise")))
    assert len(acts) == 1


async def test_a_ticket_that_moved_on_is_not_offered_what_it_refuses(
    signed_in: Any, numbers: list[str]
) -> None:
    lead = await signed_in("banzhang", Role.SUPERVISOR)
    await post_batch(lead, numbers[:1], action="leave_for_callback")
    refused = await post_batch(lead, numbers, action="leave_for_callback")
    assert refused.status == 404
    assert "有的状态已变" in refused.text


async def test_what_is_required_is_asked_for_and_what_was_typed_stays(
    signed_in: Any, numbers: list[str]
) -> None:
    lead = await signed_in("banzhang", Role.SUPERVISOR)
    answer = await post_batch(lead, numbers, action="dispatch", title="拖欠工资", demand="")
    assert answer.status == 422
    assert "还没有填：" in answer.text
    assert "拖欠工资" in answer.text


async def test_others_tickets_are_not_reached_through_a_batch(
    signed_in: Any, numbers: list[str]
) -> None:
    station = await signed_in("zhan", Role.STATION, organisation="qingshi")
    assert (await station.get(f"/tickets/batch?{chosen(numbers)}")).status == 404


async def test_an_empty_or_endless_choice_says_what_to_do(signed_in: Any) -> None:
    lead = await signed_in("banzhang", Role.SUPERVISOR)
    assert "勾选" in (await lead.get("/tickets/batch")).text
    many = [str(n) for n in range(101)]
    assert "最多办理 100 张" in (await lead.get(f"/tickets/batch?{chosen(many)}")).text


async def test_the_export_is_masked_and_on_the_record(
    signed_in: Any, numbers: list[str], server: Any, database: Database
) -> None:
    lead = await signed_in("banzhang", Role.SUPERVISOR)
    url = server.make_url("/tickets/export.xlsx?topic=wages")
    async with lead.session.get(url) as response:
        book = load_workbook(BytesIO(await response.read()))
    rows = [row for row in book.active.iter_rows(values_only=True) if row[0] in numbers]
    assert sorted(row[1] for row in rows) == ["138****0000", "138****0001", "138****0002"]
    async with database.read() as session:
        entry = await session.scalar(
            select(AuditEntry).where(AuditEntry.action == "tickets.export")
        )
    assert entry is not None
    assert entry.detail["rows"] == 3


async def test_lawyers_do_not_export(signed_in: Any) -> None:
    lawyer = await signed_in("lvshi", Role.LAWYER, agent_id="wang")
    assert (await lawyer.get("/tickets/export.xlsx")).status == 403
