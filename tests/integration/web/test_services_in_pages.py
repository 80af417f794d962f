"""Every service, worked to each of its ends in the browser by the roles that its file names.

The ways are those that the walker of ``tests/unit/casework`` finds, so that a service that is added
is walked here too. Each deadline is seen on the worklists, near and missed.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.cases.routes import section as cases_section
from agents.persons.routes import section as persons_section
from agents.routes import section as agents_section
from agents.tables import OrganisationKind, OrganisationTable
from hotline.casework import SYSTEM_ACTOR, Actor, Case, by_number, services
from hotline.casework.definition import StateKind
from hotline.casework.fields import FieldType
from hotline.casework.timers import Timekeeper
from hotline.clock import CHINA, ManualClock
from hotline.store import Database
from hotline.tickets import shipped
from hotline.web.permissions import Role
from hotline.web.section import Section
from tests.unit.casework.conftest import Step, Walk
from tests.unit.casework.test_every_service import CODES, explored

APPLICANT = Actor("applicant", is_applicant=True)
OTHERS = [code for code in CODES if code != "ticket"]
CLOCKS = [(code, name) for code in OTHERS for name in services.load().get(code).clocks]


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section, cases_section, persons_section]


@pytest.fixture
async def town(database: Database) -> None:
    async with database.write() as session:
        session.add(
            OrganisationTable(kind=OrganisationKind.TOWNSHIP, code="chengguan", name="城关镇站")
        )


@pytest.fixture
def roads(clock: ManualClock) -> Callable[[str], dict[str, Walk]]:
    """Return a function that finds a way to every state of a service."""
    desk = shipped().desk

    def walk(code: str, at: str = "") -> Walk:
        del at
        return Walk(desk.services.get(code), clock.now().astimezone(CHINA), desk.worktime)

    return lambda code: explored(walk, code)[0]


class Staff:
    """The people of a walk, each in a browser of their own."""

    def __init__(self, signed_in: Callable[..., Awaitable[Any]]) -> None:
        self._signed_in = signed_in
        self._browsers: dict[tuple[str, frozenset[str]], Any] = {}

    async def of(self, actor: Actor) -> Any:
        key = (actor.id, actor.roles)
        if key not in self._browsers:
            roles = [Role(role) for role in actor.roles]
            # Who works at a station has a place: without one nothing is seen.
            at = actor.organisation_id or ("chengguan" if "station" in actor.roles else None)
            more = {"organisation": at} if at else {}
            roles = roles or [Role.STATION if actor.organisation_id else Role.LAWYER]
            account = re.sub(r"[^a-z0-9-]", "-", f"{actor.id}-{'-'.join(sorted(actor.roles))}")
            # An assignee is who the case names; an account of that very name.
            account = actor.id if not actor.roles and not actor.organisation_id else account
            self._browsers[key] = await self._signed_in(account.strip("-"), *roles, **more)
        return self._browsers[key]


def form(step: Step) -> dict[str, Any]:
    """Return a step's values as a browser sends them."""
    found: dict[str, Any] = {}
    for name, value in step.given.items():
        if value is True or value is False:
            found |= {name: "true"} if value else {}
        else:
            found[name] = "wages" if name == "topic" else value
    return found | ({"note": step.note} if step.note else {})


async def done(
    step: Step, number: str, staff: Staff, database: Database, clock: ManualClock
) -> None:
    if step.actor in {SYSTEM_ACTOR, APPLICANT} or step.actor.is_applicant:
        async with database.write() as session:
            case = await by_number(session, number)
            given = {k: v for k, v in form(step).items() if k != "note"}
            actor = APPLICANT if step.actor.is_applicant else SYSTEM_ACTOR
            await shipped().desk.act(
                session, case.id, step.action, given, actor=actor, now=clock.now(), note=step.note
            )
        return
    browser = await staff.of(step.actor)
    answer = await browser.post(f"/cases/{number}/acts/{step.action}", form(step))
    words = re.sub(r"<[^>]+>|\s+", " ", answer.text)
    assert answer.status == 303, (step.action, step.actor, words)


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize("code", OTHERS)
async def test_a_service_is_worked_to_each_of_its_ends_in_the_pages(
    code: str, signed_in: Any, roads: Any, database: Database, clock: ManualClock
) -> None:
    service, staff = shipped().desk.services.get(code), Staff(signed_in)
    leader = await signed_in("leader", Role.BUREAU)
    await staff.of(Actor("chengguan"))
    for end, road in roads(code).items():
        if service.states[end].kind is not StateKind.END:
            continue
        first, *steps = road.steps
        opener = await staff.of(first.actor)
        given = form(first) | {"submission": f"{code}-{end}"}
        answer = await opener.post(f"/cases/new/{code}", given)
        words = re.sub(r"<[^>]+>|\s+", " ", answer.text)
        assert answer.status == 303, words
        async with database.write() as session:
            told = await session.scalar(select(Case).where(Case.submission == f"{code}-{end}"))
            assert told is not None
            number = told.number
            # As if it had been given to the township when it was opened: the walker's first facet.
            told.organisation_id = told.organisation_id or "chengguan"
        for step in steps:
            await done(step, number, staff, database, clock)
        page = await leader.get(f"/cases/{number}")
        assert page.status == 200
        assert service.states[end].name in page.text
        async with database.read() as session:
            case = await by_number(session, number)
        assert (case.state, case.closed_at is not None) == (end, True)
        assert number in (await leader.get(f"/cases?service={code}&tab=all")).text


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize(("code", "name"), CLOCKS)
async def test_a_deadline_is_seen_when_it_is_near_and_when_it_is_missed(
    code: str, name: str, *, signed_in: Any, roads: Any, database: Database, clock: ManualClock
) -> None:
    desk = shipped().desk
    service, found = desk.services.get(code), roads(code)
    clock_of = service.clocks[name]
    running = [
        road
        for state in clock_of.runs_in
        if (road := found[state]).case.clocks.get(name) and road.clock(name).ticking
    ]
    if not running:
        # Its length depends on the channel or on a date; tests/unit/casework walks it.
        assert any(rule.when for rule in clock_of.limits) or clock_of.counted_from
        return
    async with database.write() as session:
        number = await walked(session, running[0], clock)
    run = running[0].clock(name)
    keeper = Timekeeper(database, desk, clock)
    for moment, tab in ((run.warn, "yellow"), (run.due, "due"), (run.red, "red")):
        clock.advance(max(0.0, (moment - clock.now()).total_seconds() + 60))
        await keeper.tick()
        async with database.read() as session:
            case = await by_number(session, number)
        if case.state not in clock_of.runs_in:
            break  # what happens when it is missed has happened
        leader = await signed_in(f"leader-{tab}", Role.BUREAU)
        listed = (await leader.get(f"/cases?service={code}&tab={tab}")).text
        assert number in listed, tab
        page = (await leader.get(f"/cases/{number}")).text
        assert f"“{clock_of.name}”" in page


async def walked(session: Any, road: Walk, clock: ManualClock) -> str:
    desk = shipped().desk
    first, *steps = road.steps
    case = await desk.open(
        session,
        road.service.code,
        first.given,
        actor=first.actor,
        now=clock.now(),
        facets={"organisation_id": "chengguan"},
    )
    for step in steps:
        await desk.act(
            session,
            case.id,
            step.action,
            step.given,
            actor=step.actor,
            now=clock.now(),
            note=step.note,
        )
    return case.number


async def test_every_counter_form_refuses_with_the_field_and_keeps_what_was_typed(
    signed_in: Any, database: Database
) -> None:
    desk = shipped().desk
    roles = [Role(role) for role in desk.services.roles]
    everybody = await signed_in("quanti", *roles)
    for code in OTHERS:
        service = desk.services.get(code)
        fields = [f for f in service.fields if f.opening]
        text = next(f for f in fields if f.type is FieldType.TEXT)
        form = {text.name: "看不见\x07", "submission": code}
        answer = await everybody.post(f"/cases/new/{code}", form)
        if answer.status == 403:
            continue  # no role of staff opens it
        assert answer.status == 422, code
        assert "含有看不见的控制字符" in answer.text, code
        assert "看不见" in answer.text, code
        for field in fields:
            if field.required and field.when is None and field.name != text.name:
                assert f"请填写{field.label}" in answer.text, (code, field.name)
    async with database.read() as session:
        assert (await session.scalars(select(Case))).all() == []
