"""Call-backs, follow-up calls and blocked numbers, as leaders see and change them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from agents.callers.followups import SHARE, Why, sample, work
from agents.callers.routes import section as callers_section
from agents.routes import section as agents_section
from agents.switchboard import TicketsOfCalls
from hotline.calls.live import Call
from hotline.calls.tables import CallBackTable, CallTable
from hotline.casework import Case
from hotline.clock import ManualClock
from hotline.routing import known
from hotline.routing.tables import BlockedCallerTable, TrunkTable
from hotline.store import Database, Outbox
from hotline.web.permissions import Role
from hotline.web.section import Section
from hotline.web.tables import AuditEntry

NUMBER = "13700930551"


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section, callers_section]


@pytest.fixture
async def leader(signed_in: Any) -> Any:
    return await signed_in("banzhang", Role.SUPERVISOR, name="林秀英")


@pytest.fixture
async def other(signed_in: Any) -> Any:
    return await signed_in("zhou", Role.BUREAU, name="周敏")


async def block(browser: Any, **changes: str) -> Any:
    form = {"number": NUMBER, "reason": "连续辱骂值班律师", "days": "30"} | changes
    return await browser.post("/blocked", form)


async def of_block(browser: Any) -> str:
    """Return the address of the one block; the number stands nowhere in the page."""
    found = re.search(r"/blocked/[0-9a-f]{20}", (await browser.get("/blocked")).text)
    assert found is not None
    return found[0]


async def blocked(database: Database, clock: ManualClock) -> set[str]:
    return set(await known.blocked(database, clock.now()))


async def test_a_block_needs_a_second_pair_of_eyes_to_last(
    leader: Any, other: Any, database: Database, clock: ManualClock
) -> None:
    assert (await block(leader)).status == 303
    assert await blocked(database, clock) == {NUMBER}
    page = await other.get("/blocked")
    assert "待复核" in page.text
    assert NUMBER not in page.text
    address = await of_block(other)
    refused = await leader.post(f"{address}/keep")
    assert refused.status == 403
    assert (await other.post(f"{address}/keep", {"note": "属实"})).status == 303
    clock.advance(29 * 86400)
    assert await blocked(database, clock) == {NUMBER}
    clock.advance(2 * 86400)
    assert await blocked(database, clock) == set()
    async with database.read() as session:
        acts = (await session.scalars(select(AuditEntry.action))).all()
    assert {"caller.block", "caller.keep"} <= set(acts)


async def test_a_block_that_nobody_reviews_ends_after_three_days(
    leader: Any, database: Database, clock: ManualClock
) -> None:
    await block(leader)
    clock.advance(3 * 86400 + 1)
    assert await blocked(database, clock) == set()


async def test_a_reviewer_may_disagree(
    leader: Any, other: Any, database: Database, clock: ManualClock
) -> None:
    await block(leader)
    await other.post(f"{await of_block(other)}/refuse", {"note": "来电人只是着急"})
    assert await blocked(database, clock) == set()


async def test_a_block_without_a_reason_comes_back_as_it_was_typed(
    leader: Any, database: Database
) -> None:
    answer = await block(leader, reason="烦")
    assert answer.status == 422
    assert "请写明拦截的原因" in answer.text
    assert NUMBER in answer.text
    async with database.read() as session:
        assert await session.scalar(select(func.count(BlockedCallerTable.number))) == 0


async def test_each_page_of_the_room_is_marked_in_the_navigation(leader: Any) -> None:
    for path in ("/callbacks", "/followups", "/blocked"):
        text = (await leader.get(path)).text
        assert '<a href="/followups" aria-current="page">' in text, path


async def test_lawyers_block_nobody(signed_in: Any) -> None:
    lawyer = await signed_in("wang", Role.LAWYER, agent_id="wang")
    for path in ("/blocked", "/callbacks", "/followups"):
        assert (await lawyer.get(path)).status == 403, path


async def callback(database: Database, clock: ManualClock, **changes: Any) -> None:
    now = clock.now()
    values = {
        "id": "b17.1",
        "number": "13800000001",
        "asked": "kept",
        "since": now,
        "due_at": now + timedelta(hours=1),
        "created_at": now,
        "words": "第 1 次回拨未接通",
    }
    async with database.write() as session:
        session.add(CallBackTable(**values | changes))


async def test_a_call_back_is_cancelled_or_made_at_once(
    leader: Any, database: Database, clock: ManualClock
) -> None:
    await callback(database, clock)
    assert "第 1 次回拨未接通" in (await leader.get("/callbacks")).text
    assert (await leader.post("/callbacks/b17.1/now")).status == 303
    async with database.read() as session:
        row = await session.get(CallBackTable, "b17.1")
        assert row is not None
        assert row.due_at == clock.now()
    assert (await leader.post("/callbacks/b17.1/cancel")).status == 303
    async with database.read() as session:
        told = await session.scalar(select(Outbox).where(Outbox.topic == "callback.closed"))
        assert told is not None
        assert told.payload["outcome"] == "cancelled"
    assert (await leader.post("/callbacks/b17.1/cancel")).status == 409


async def test_who_is_being_dialled_cannot_be_cancelled(
    leader: Any, database: Database, clock: ManualClock
) -> None:
    await callback(database, clock, dialling=True, try_call="b17.1-1")
    assert (await leader.post("/callbacks/b17.1/cancel")).status == 409


async def test_a_trunk_that_does_not_answer_is_told(
    leader: Any, database: Database, clock: ManualClock
) -> None:
    async with database.write() as session:
        session.add(TrunkTable(endpoint="trunk", reachable=False, since=clock.now()))
    assert "暂时拨不出去" in (await leader.get("/callbacks")).text


async def tickets(database: Database, clock: ManualClock, count: int) -> list[Case]:
    now = clock.now()
    calls = [Call(f"17.{n}", f"1380000{n:04d}", now, topic="wages") for n in range(count)]
    async with database.write() as session:
        session.add_all([CallTable(**call.row()) for call in calls])
        await session.flush()
        await TicketsOfCalls().born(session, calls, now)
        for case in await session.scalars(select(Case)):
            case.state = "answered"
    async with database.read() as session:
        return list(await session.scalars(select(Case).order_by(Case.id)))


async def test_the_dissatisfied_come_first_and_a_fifth_is_sampled(
    leader: Any, database: Database, clock: ManualClock
) -> None:
    cases = await tickets(database, clock, 24)
    async with database.write() as session:
        first = await session.get(Case, cases[0].id)
        second = await session.get(Case, cases[1].id)
        assert first is not None
        assert second is not None
        first.satisfaction, second.solved = 3, 2
    async with database.read() as session:
        found = work((await session.scalars(select(Case))).all())
    assert [call.why for call in found.calls[:2]] == [Why.DISSATISFIED, Why.UNSOLVED]
    assert len(found.of(Why.SAMPLE)) == 5
    page = await leader.get("/followups")
    assert page.status == 200
    assert page.text.index("不满意") < page.text.index("抽样")
    assert "13800000000" not in page.text


async def test_a_follow_up_is_begun_from_the_list_in_one_step(
    leader: Any, database: Database, clock: ManualClock
) -> None:
    await tickets(database, clock, 1)
    address = re.search(
        r'action="(/tickets/\d+/acts/follow_up)"', (await leader.get("/followups")).text
    )
    assert address is not None
    begun = await leader.post(address[1])
    assert begun.status == 303
    assert begun.headers["Location"] == address[1].removesuffix("/acts/follow_up")
    async with database.read() as session:
        assert (await session.scalars(select(Case.state))).all() == ["followup"]
    assert "记录回访" in (await leader.get("/followups")).text


async def test_the_sample_stays_while_it_is_worked_off(
    database: Database, clock: ManualClock
) -> None:
    cases = await tickets(database, clock, 20)
    drawn = [case.number for case in sample(cases)]
    assert len(drawn) == len(cases) * SHARE
    for case in cases:
        if case.number == drawn[0]:
            case.acts = {"record_followup": {"by": "x", "times": 1}}
            case.state = "archived"
    assert [case.number for case in sample(cases)] == drawn[1:]


async def test_whom_a_call_may_endanger_is_not_drawn(
    database: Database, clock: ManualClock
) -> None:
    cases = await tickets(database, clock, 10)
    for case in cases:
        case.confidential = True
    assert sample(cases) == []


async def test_a_blocked_number_is_shown_whole_on_the_record(
    leader: Any, database: Database
) -> None:
    await block(leader)
    answer = await leader.post(f"{await of_block(leader)}/reveal")
    assert answer.text == NUMBER
    assert (await leader.post(f"/blocked/{'0' * 20}/reveal")).status == 404
    async with database.read() as session:
        query = select(AuditEntry.subject_id).where(AuditEntry.action == "number.reveal")
        assert list(await session.scalars(query)) == [NUMBER]
