"""From a call's ticket to a case of another service in two clicks, with what is known carried."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from argon2 import PasswordHasher
from sqlalchemy import select

from agents.routes import section as agents_section
from hotline.casework import Actor, Case, Desk, events
from hotline.clock import ManualClock
from hotline.errors import ConflictError, ForbiddenError
from hotline.public import papers
from hotline.public.face import Face
from hotline.public.routes import section
from hotline.settings import Settings
from hotline.store import Database
from hotline.tickets.birth import CallFacts, open_tickets
from hotline.tickets.referral import destinations, open_from_ticket
from hotline.web.accounts import NewUser
from hotline.web.context import ACCOUNTS
from hotline.web.passwords import Hasher
from hotline.web.permissions import Role
from hotline.web.server import create_app

PASSWORD = "Zhongxin-2026"
LAWYER = Actor("wang", frozenset({"lawyer"}))
Open = Callable[[], Awaitable[Case]]


@pytest.fixture
def app(settings: Settings, database: Database, clock: ManualClock, face: Face) -> web.Application:
    quick = Hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    return create_app(settings, database, clock, [agents_section, section(face)], hasher=quick)


@pytest.fixture
def talked(desk: Desk, database: Database, clock: ManualClock) -> Open:
    """Return a function that opens the ticket of a call that a lawyer answered."""

    async def opened() -> Case:
        async with database.write() as session:
            facts = CallFacts("call-1", "13900001111", clock.now(), topic="wages", place="qingshi")
            await open_tickets(desk, session, [facts], clock.now())
        async with database.write() as session:
            given = {
                "caller_name": "张小兰",
                "title": "工地拖欠八个月工资",
                "details": "包工头失联，欠条在手",
                "limitation_deadline": "2027-03-01",
                "answer": "可以申请法律援助",
            }
            case = await session.get(Case, 1)
            assert case is not None
            await desk.act(session, case.id, "answer", given, actor=LAWYER, now=clock.now())
        return case

    return opened


@pytest.fixture
async def seat(app: web.Application, visitor: Any) -> Any:
    """A supervisor at the computer."""
    roles = frozenset({Role.SUPERVISOR, Role.LAWYER})
    await app[ACCOUNTS].add(NewUser("banzhang", "林秀英", roles), PASSWORD)
    one = visitor()
    page = (await one.get("/signin")).text
    token = re.search(r'name="csrf" value="([^"]+)"', page)
    assert token is not None
    data = {"csrf": token[1], "account": "banzhang", "password": PASSWORD, "next": "/tickets"}
    assert (await one.send("POST", "/signin", data=data)).to == "/tickets"
    return one


async def test_what_is_known_is_carried_over(
    desk: Desk, database: Database, clock: ManualClock, talked: Open
) -> None:
    ticket = await talked()
    async with database.write() as session:
        made = await open_from_ticket(
            desk, session, ticket.id, "legal_aid", actor=LAWYER, now=clock.now(), submission="m-1"
        )
    assert (made.service, made.parent_id, made.state) == ("legal_aid", ticket.id, "reception")
    assert (made.caller_name, made.caller_number) == ("张小兰", "13900001111")
    assert (made.title, made.place) == ("工地拖欠八个月工资", "qingshi")
    assert made.data["details"] == "包工头失联，欠条在手"
    assert made.data["limitation_deadline"] == "2027-03-01"
    assert "answer" not in made.data
    async with database.read() as session:
        assert "refer" in [event.action for event in await events(session, ticket.id)]


async def test_a_second_time_opens_no_second_case(
    desk: Desk, database: Database, clock: ManualClock, talked: Open
) -> None:
    ticket = await talked()
    async with database.write() as session:
        await open_from_ticket(desk, session, ticket.id, "mediation", actor=LAWYER, now=clock.now())
    with pytest.raises(ConflictError, match="已经转过人民调解"):
        async with database.write() as session:
            await open_from_ticket(
                desk, session, ticket.id, "mediation", actor=LAWYER, now=clock.now()
            )


async def test_who_may_not_open_a_service_is_not_offered_it(
    desk: Desk, database: Database, clock: ManualClock, talked: Open
) -> None:
    ticket = await talked()
    reviewer = Actor("zhijian", frozenset({"reviewer"}))
    codes = {service.code for service in destinations(desk.services, reviewer)}
    assert "legal_aid" not in codes
    assert {"legal_aid", "mediation", "notary"} <= {
        service.code for service in destinations(desk.services, LAWYER)
    }
    with pytest.raises(ForbiddenError):
        async with database.write() as session:
            await open_from_ticket(
                desk, session, ticket.id, "legal_aid", actor=reviewer, now=clock.now()
            )


async def test_two_clicks_on_the_tickets_page(
    seat: Any, talked: Open, database: Database, face: Face
) -> None:
    ticket = await talked()
    page = (await seat.get(f"/tickets/{ticket.number}")).text
    assert face.codes.code(ticket.number) in page
    first = f"/tickets/{ticket.number}/refer/legal_aid"
    assert first in page
    shown = (await seat.get(first)).text
    assert "工地拖欠八个月工资" in shown
    assert "13900001111" not in shown
    answer = await seat.post(first, {})
    assert answer.to == f"/tickets/{ticket.number}", answer.text
    async with database.read() as session:
        made = await session.scalar(select(Case).where(Case.parent_id == ticket.id))
    assert made is not None
    after = (await seat.get(f"/tickets/{ticket.number}")).text
    assert made.number in after
    assert first not in after


async def test_papers_are_given_to_who_may_see_the_ticket_and_to_nobody_else(
    seat: Any, visitor: Any, talked: Open, database: Database, face: Face
) -> None:
    ticket = await talked()
    async with database.write() as session:
        paper = papers.look_at("欠条.pdf", b"%PDF-1.7\nx\n%%EOF\n")
        kept = await face.papers.add(
            session, ticket.id, paper, sender="applicant", now=face.clock.now()
        )
    path = f"/tickets/{ticket.number}/papers/{kept.id}"
    answer = await seat.get(path)
    assert answer.body == paper.content
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert (await seat.get(f"/tickets/{ticket.number}/papers/999")).status == 404
    assert (await visitor().get(path)).status == 303
