"""Cases in the database: an act, its event and what must be told are one."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hotline.casework import (
    SYSTEM_ACTOR,
    Actor,
    Case,
    CaseEvent,
    Desk,
    Service,
    ServiceVersion,
    by_number,
    events,
    numbers,
    set_facets,
)
from hotline.casework.timers import Timekeeper
from hotline.clock import ManualClock
from hotline.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from hotline.store import Database, Outbox

pytestmark = pytest.mark.each_database

LAWYER = Actor("wang", frozenset({"lawyer"}))
SUPERVISOR = Actor("chen", frozenset({"supervisor"}))
STATION = Actor("li", frozenset(), "chengguan")
ASKED = {"title": "讨薪", "demand": "要回工资", "organisation_id": "chengguan"}


async def opened(
    database: Database, desk: Desk, clock: ManualClock, mark: str | None = None
) -> Case:
    async with database.write() as session:
        return await desk.open(
            session,
            "ticket",
            {"title": "讨薪", "caller_name": "张三"},
            actor=LAWYER,
            now=clock.now(),
            facets={"caller_number": "13900001111"},
            submission=mark,
        )


async def test_a_case_keeps_what_was_said_and_what_follows(
    database: Database, desk: Desk, clock: ManualClock
) -> None:
    case = await opened(database, desk, clock)
    async with database.write() as session:
        await desk.act(session, case.id, "dispatch", ASKED, actor=LAWYER, now=clock.now())
    async with database.read() as session:
        kept = await by_number(session, case.number)
        assert numbers.is_valid(kept.number)
        assert (kept.state, kept.organisation_id, kept.caller_name) == (
            "dispatched",
            "chengguan",
            "张三",
        )
        assert kept.caller_reversed == "11110000931"
        assert kept.due_at is not None
        assert [(e.action, e.from_state, e.to_state) for e in await events(session, case.id)] == [
            ("open", None, "accepted"),
            ("dispatch", "accepted", "dispatched"),
        ]
        told = (await session.scalars(select(Outbox).order_by(Outbox.id))).all()
    assert [row.topic for row in told] == [
        "case.opened",
        "case.moved",
        "case.notice",
        "case.notice",
    ]
    assert told[2].payload["recipient"] == "chengguan"
    assert told[3].payload["recipient"] == "13900001111"


async def test_the_same_form_sent_twice_makes_one_case_and_one_event(
    database: Database, desk: Desk, clock: ManualClock
) -> None:
    first = await opened(database, desk, clock, "form-1")
    again = await opened(database, desk, clock, "form-1")
    assert again.id == first.id

    async def dispatch() -> None:
        async with database.write() as session:
            await desk.act(
                session,
                first.id,
                "dispatch",
                ASKED,
                actor=LAWYER,
                now=clock.now(),
                revision=1,
                submission="form-2",
            )

    await asyncio.gather(*(dispatch() for _ in range(5)))
    async with database.read() as session:
        assert await session.scalar(select(func.count(CaseEvent.id))) == 2


async def test_who_saw_an_older_case_is_told_so(
    database: Database, desk: Desk, clock: ManualClock
) -> None:
    case = await opened(database, desk, clock)

    async def record(title: str) -> str:
        try:
            async with database.write() as session:
                await desk.act(
                    session,
                    case.id,
                    "record",
                    {"title": title},
                    actor=LAWYER,
                    now=clock.now(),
                    revision=1,
                )
        except ConflictError:
            return "refused"
        return "done"

    results = await asyncio.gather(*(record(f"案情{n}") for n in range(4)))
    assert sorted(results) == ["done", "refused", "refused", "refused"]
    async with database.read() as session:
        assert (await by_number(session, case.number)).revision == 2


async def test_a_refused_act_leaves_no_trace(
    database: Database, desk: Desk, clock: ManualClock
) -> None:
    case = await opened(database, desk, clock)
    for actor, given, error in (
        (STATION, ASKED, ForbiddenError),
        (LAWYER, {"title": "讨薪"}, InvalidInputError),
        (LAWYER, {**ASKED, "demand": "含有\x00控制符"}, InvalidInputError),
    ):
        with pytest.raises(error):
            async with database.write() as session:
                await desk.act(session, case.id, "dispatch", given, actor=actor, now=clock.now())
    with pytest.raises(NotFoundError):
        async with database.write() as session:
            await desk.act(session, 10**9, "dispatch", ASKED, actor=LAWYER, now=clock.now())
    async with database.read() as session:
        assert await session.scalar(select(func.count(CaseEvent.id))) == 1
        assert await session.scalar(select(func.count(Outbox.id))) == 1


async def test_a_running_case_keeps_the_version_it_began_with(
    database: Database, desk: Desk, clock: ManualClock
) -> None:
    old = await opened(database, desk, clock)
    content = desk.services.get("ticket").content()
    content["states"]["accepted"]["name"] = "登记"
    content["transitions"] = [t for t in content["transitions"] if t["action"] != "dispatch"]
    changed = Service.model_validate(content)
    fresh_services = type(desk.services)(
        {**desk.services.by_code, "ticket": changed}, roles=desk.services.roles
    )
    later = Desk(fresh_services, desk.worktime)
    new = await opened(database, later, clock)
    async with database.write() as session:
        assert await session.scalar(select(func.count()).select_from(ServiceVersion)) == 2
        assert "dispatch" not in [t.action for t in await later.available(session, new, LAWYER)]
        await later.act(session, old.id, "dispatch", ASKED, actor=LAWYER, now=clock.now())


async def test_a_broken_file_leaves_no_call_without_a_ticket(
    database: Database, desk: Desk, clock: ManualClock
) -> None:
    before = await opened(database, desk, clock)
    broken = Desk(type(desk.services)({}, roles=desk.services.roles), desk.worktime)
    after = await opened(database, broken, clock)
    assert after.service_version == before.service_version
    with pytest.raises(NotFoundError, match="hotline services check"):
        async with database.write() as session:
            await broken.open(session, "notary", {}, actor=LAWYER, now=clock.now())


async def test_facets_from_outside_do_not_disturb_who_is_writing(
    database: Database, desk: Desk, clock: ManualClock
) -> None:
    case = await opened(database, desk, clock)
    async with database.write() as session:
        assert await set_facets(session, case.id, clock.now(), score=87.5, satisfaction=1)
        assert not await set_facets(session, case.id, clock.now(), score=87.5)
    async with database.write() as session:
        await desk.act(
            session, case.id, "record", {"title": "x"}, actor=LAWYER, now=clock.now(), revision=1
        )
    async with database.read() as session:
        kept = await by_number(session, case.number)
    assert (kept.score, kept.satisfaction) == (87.5, 1)


async def test_missed_deadlines_are_told_once(
    database: Database, desk: Desk, clock: ManualClock
) -> None:
    await opened(database, desk, clock)
    keeper = Timekeeper(database, desk, clock)
    assert await keeper.tick() == 0
    clock.advance(timedelta(days=4).total_seconds())
    assert await keeper.tick() == 3  # yellow, due and red of the transfer
    assert await keeper.tick() == 0
    async with database.read() as session:
        signals = await session.scalars(
            select(Outbox.payload).where(Outbox.topic == "case.signal").order_by(Outbox.id)
        )
        assert [payload["signal"] for payload in signals] == ["yellow", "due", "red"]


async def test_the_system_may_not_do_what_people_do(
    database: Database, desk: Desk, clock: ManualClock
) -> None:
    case = await opened(database, desk, clock)
    with pytest.raises(ForbiddenError):
        async with database.write() as session:
            await desk.act(session, case.id, "dispatch", ASKED, actor=SYSTEM_ACTOR, now=clock.now())
