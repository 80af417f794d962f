"""From a call to a case and back: children carry what is known, parents hear of the result."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hotline.casework import Actor, Case, Desk, by_id, children, documents, events, set_facets
from hotline.casework.timers import Timekeeper
from hotline.clock import ManualClock
from hotline.store import Database
from hotline.tickets import CallFacts, TicketDesk

pytestmark = pytest.mark.each_database

LAWYER = Actor("wang", frozenset({"lawyer"}))
CLERK = Actor("clerk", frozenset({"bureau"}))
SECOND = Actor("second", frozenset({"bureau"}))


async def a_ticket(database: Database, desk: Desk, clock: ManualClock) -> Case:
    tickets = TicketDesk(desk)
    now = clock.now()
    async with database.write() as session:
        facts = CallFacts("c1", "13900001111", now, topic="wages", place="chengguan")
        ticket = await tickets.open_for_call(session, facts, now)
        await set_facets(session, ticket, now, caller_name="王秀英")
        return await desk.act(session, ticket, "answer", {"title": "讨薪"}, actor=LAWYER, now=now)


async def test_from_a_call_to_legal_aid_in_one_act_and_the_result_comes_back(
    database: Database, desk: Desk, clock: ManualClock
) -> None:
    ticket = await a_ticket(database, desk, clock)
    async with database.write() as session:
        await desk.act(
            session, ticket.id, "refer", {"refer_to": "legal_aid"}, actor=LAWYER, now=clock.now()
        )
        (aid,) = await children(session, ticket.id)
        assert (aid.service, aid.caller_number, aid.place) == (
            "legal_aid",
            "13900001111",
            "chengguan",
        )
        assert (aid.data["caller_name"], aid.data["title"]) == ("王秀英", "讨薪")
        assert [d.title for d in await documents(session, aid.id)] == ["法律援助申请材料接收凭证"]
    async with database.write() as session:
        given = {"matter": "civil", "means": "declared"}
        await desk.act(session, aid.id, "apply", given, actor=CLERK, now=clock.now())
        await desk.act(
            session, aid.id, "refuse", {"refusal_reason": "不符合"}, actor=CLERK, now=clock.now()
        )
    async with database.read() as session:
        last = (await events(session, ticket.id))[-1]
    assert (last.action, last.note) == ("linked_result", f"关联办件 {aid.number}")


async def test_a_confidential_case_stays_confidential_down_the_chain(
    database: Database, desk: Desk, clock: ManualClock
) -> None:
    ticket = await a_ticket(database, desk, clock)
    async with database.write() as session:
        await set_facets(session, ticket.id, clock.now(), confidential=True)
        await desk.act(
            session, ticket.id, "refer", {"refer_to": "mediation"}, actor=LAWYER, now=clock.now()
        )
        (mediation,) = await children(session, ticket.id)
    assert mediation.confidential


async def test_a_complaint_that_is_right_changes_the_lawyer(
    database: Database, desk: Desk, clock: ManualClock
) -> None:
    now = clock.now()
    async with database.write() as session:
        aid = await desk.open(
            session,
            "legal_aid",
            {"caller_name": "王秀英", "matter": "civil", "title": "讨薪", "means": "declared"},
            actor=CLERK,
            now=now,
        )
        for action, given in (
            ("apply", {}),
            ("grant", {}),
            ("assign", {"assignee_id": "lawyer-li", "lawyer_kind": "lawyer"}),
        ):
            await desk.act(session, aid.id, action, given, actor=CLERK, now=now)
        complaint = await desk.open(
            session,
            "complaint",
            {
                "against": "legal_aid",
                "title": "律师不接电话",
                "details": "三周没有消息",
                "wants_change": True,
            },
            actor=CLERK,
            now=now,
            parent=aid,
        )
        given = {"assignee_id": "inspector"}
        await desk.act(session, complaint.id, "accept", given, actor=CLERK, now=now)
        await desk.act(session, complaint.id, "order_change", actor=CLERK, now=now)
    async with database.read() as session:
        changed = await by_id(session, aid.id)
    assert (changed.state, changed.assignee_id) == ("assigning", None)


async def test_a_village_question_not_answered_in_time_becomes_a_ticket(
    database: Database, desk: Desk, clock: ManualClock
) -> None:
    async with database.write() as session:
        question = await desk.open(
            session,
            "village_adviser",
            {"place": "liuping", "title": "宅基地能不能继承"},
            actor=CLERK,
            now=clock.now(),
        )
    keeper = Timekeeper(database, desk, clock)
    clock.advance(timedelta(days=1, hours=15).total_seconds())
    await keeper.tick()
    async with database.read() as session:
        escalated = await by_id(session, question.id)
        (ticket,) = await children(session, question.id)
    assert escalated.state == "escalated"
    assert (ticket.service, ticket.place, ticket.title) == (
        "ticket",
        "liuping",
        "宅基地能不能继承",
    )


async def test_a_message_from_the_page_is_answered_within_a_day(
    database: Database, desk: Desk, clock: ManualClock
) -> None:
    async with database.write() as session:
        message = await desk.open(
            session,
            "ticket",
            {"title": "押金不退", "demand": "退还押金"},
            actor=Actor("", is_applicant=True),
            now=clock.now(),
            channel="web",
        )
    # On a weekend too: the standard says hours.
    assert message.clocks["message"]["due"] == (clock.now() + timedelta(hours=24)).isoformat()
