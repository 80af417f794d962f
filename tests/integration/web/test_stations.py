"""A station's desk: its own tickets and acts, its hours, the health of its line."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.cases.routes import section as cases_section
from agents.people import DatabasePeople
from agents.places import organisation_tree
from agents.routes import section as agents_section
from agents.stations.routes import section as stations_section
from agents.tables import AgentTable, OrganisationTable, PresenceTable
from hotline.casework import Actor, Case
from hotline.clock import ManualClock
from hotline.routing.interfaces import PresenceChange
from hotline.routing.people import AgentKind, Presence, Wish
from hotline.routing.tables import OfferOutcome, OfferTable
from hotline.store import Database
from hotline.tickets import CallFacts, shipped
from hotline.web.context import PLACES, Places
from hotline.web.permissions import Role
from hotline.web.section import Section
from hotline.web.tables import AuditEntry

SUPERVISOR = Actor("banzhang", frozenset({"supervisor"}), name="班长")


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section, cases_section, stations_section]


@pytest.fixture
def app(app: Any) -> Any:
    app[PLACES] = Places(organisation_tree)
    return app


@pytest.fixture
async def stations(database: Database, clock: ManualClock) -> None:
    async with database.write() as session:
        root = OrganisationTable(kind="district", code="district", name="县中心")
        session.add(root)
        await session.flush()
        for number, code in enumerate(("qingshi", "liuhe"), 201):
            place = OrganisationTable(
                parent_id=root.id, kind="township", code=code, name=f"{code}公共法律服务站"
            )
            session.add(place)
            await session.flush()
            session.add(
                AgentTable(
                    id=code,
                    staff_no=str(number),
                    name=f"{code}站",
                    kind=AgentKind.STATION,
                    organisation_id=place.id,
                    endpoint=f"PJSIP/{code}",
                )
            )
            await session.flush()
            session.add(PresenceTable(agent_id=code, state=Presence.READY, since=clock.now()))


@pytest.fixture
async def ticket(stations: None, database: Database, clock: ManualClock) -> str:
    """A ticket dispatched to Qingshi."""
    desk, now = shipped().desk, clock.now()
    async with database.write() as session:
        case_id = await shipped().open_for_call(session, CallFacts("1.1", "13812345678", now), now)
        given = {"title": "通道被堵", "demand": "请调解", "organisation_id": "qingshi"}
        await desk.act(session, case_id, "dispatch", given, actor=SUPERVISOR, now=now)
        return (await session.get_one(Case, case_id)).number


@pytest.fixture
async def qingshi(stations: None, signed_in: Any) -> Any:
    return await signed_in("qingshi", Role.STATION, organisation="qingshi", agent_id="qingshi")


async def state_of(database: Database, number: str) -> str:
    async with database.read() as session:
        return str(await session.scalar(select(Case.state).where(Case.number == number)))


async def test_a_dispatched_ticket_is_signed_for_worked_on_and_given_more_time(
    qingshi: Any, ticket: str, database: Database
) -> None:
    page = await qingshi.get("/station")
    assert "通道被堵" in page.text
    assert "138****5678" in page.text
    assert f"/tickets/{ticket}/acts/sign" in page.text
    assert f"/tickets/{ticket}/acts/return_ticket" in page.text
    revision = 2
    for action, form in (
        ("sign", {}),
        ("start_work", {}),
        ("ask_extension", {"note": "需要现场查看"}),
    ):
        answer = await qingshi.post(
            f"/tickets/{ticket}/acts/{action}", form | {"submission": action}
        )
        assert answer.status == 303, (action, answer.text)
        revision += 1
    assert await state_of(database, ticket) == "extension"
    assert "通道被堵" in (await qingshi.get("/station?tab=asked")).text


async def test_a_return_needs_its_cause(qingshi: Any, ticket: str, database: Database) -> None:
    path = f"/tickets/{ticket}/acts/return_ticket"
    assert (await qingshi.post(path, {"submission": "1", "note": "不归我们"})).status == 422
    form = {"submission": "2", "note": "属邻镇", "return_cause": "wrong_place"}
    assert (await qingshi.post(path, form)).status == 303
    assert await state_of(database, ticket) == "returned"


async def test_another_station_sees_and_does_nothing(
    stations: None, ticket: str, signed_in: Any
) -> None:
    liuhe = await signed_in("liuhe", Role.STATION, organisation="liuhe", agent_id="liuhe")
    assert "通道被堵" not in (await liuhe.get("/station")).text
    assert (await liuhe.get(f"/tickets/{ticket}/acts/sign")).status == 404
    assert (await liuhe.get("/stations/qingshi/hours")).status == 404
    assert (await liuhe.post("/stations/qingshi/hours", {"mon": "09:00-10:00"})).status == 404


async def test_somebody_at_the_counter_is_registered_as_the_stations_own(
    qingshi: Any, database: Database
) -> None:
    assert 'href="/cases/new/ticket"' in (await qingshi.get("/station")).text
    form = {"title": "咨询宅基地", "demand": "确权", "place": "qingshi", "submission": "x"}
    answer = await qingshi.post("/cases/new/ticket", form)
    assert answer.status == 303, answer.text
    async with database.read() as session:
        case = (await session.scalars(select(Case))).one()
    assert (case.channel, case.assignee_id, case.place) == ("counter", "qingshi", "qingshi")
    assert "咨询宅基地" in (await qingshi.get("/station?tab=work")).text


async def test_an_empty_form_of_the_counter_is_no_ticket(qingshi: Any, database: Database) -> None:
    answer = await qingshi.post("/cases/new/ticket", {"place": "qingshi", "submission": "x"})
    assert answer.status == 422
    assert "还什么都没有填" in answer.text
    async with database.read() as session:
        assert (await session.scalars(select(Case))).all() == []


async def test_a_visit_is_not_spoken_of_as_a_call(qingshi: Any, ticket: str) -> None:
    form = {"title": "咨询宅基地", "caller_phone": "", "submission": "y"}
    made = (await qingshi.post("/cases/new/ticket", form)).to
    visit = (await qingshi.get(made)).text
    assert "来访人未评价" in visit
    for words in ("没有通话记录", "录音", "<dt>来电</dt>"):
        assert words not in visit
    call = (await qingshi.get(f"/tickets/{ticket}")).text
    assert "来电人未评价" in call
    assert "<dt>来电</dt>" in call


async def test_opening_hours_are_set_and_drive_the_line(
    qingshi: Any, database: Database, clock: ManualClock
) -> None:
    people = DatabasePeople(database, clock)

    async def is_open() -> bool:
        agents = (await people.load()).agents
        return next(a for a in agents if a.id == "qingshi").is_open(clock.now())

    assert await is_open()
    form = {"mon": "08:30-12:00，14：00-17:30", "tue": "14:00-17:30"}
    assert (await qingshi.post("/stations/qingshi/hours", form)).status == 303
    async with database.read() as session:
        place = await session.scalar(
            select(OrganisationTable).where(OrganisationTable.code == "qingshi")
        )
        audit = await session.scalar(select(AuditEntry).where(AuditEntry.action == "station.hours"))
    assert place is not None
    assert place.hours == {"mon": ["08:30-12:00", "14:00-17:30"], "tue": ["14:00-17:30"]}
    assert audit is not None
    # It is Tuesday, ten o'clock.
    assert not await is_open()
    assert "未开放" in (await qingshi.get("/station")).text
    for wrong in ("早上", "12:00-08:00", "08:00-10:00,09:00-11:00"):
        answer = await qingshi.post("/stations/qingshi/hours", {"mon": wrong})
        assert answer.status == 422
        assert wrong in answer.text
    assert (
        "周一：时段应写成 08:30-12:00，现为“早上”；几段用逗号隔开"
        in (await qingshi.post("/stations/qingshi/hours", {"mon": "早上"})).text
    )


async def test_the_line_tells_since_when_it_is_dead_and_what_it_missed(
    qingshi: Any, database: Database, clock: ManualClock, signed_in: Any
) -> None:
    people = DatabasePeople(database, clock)

    async def seen(state: Presence, reachable: bool) -> None:
        change = PresenceChange("qingshi", state, "", clock.now(), Wish.READY, None, reachable, 0)
        async with database.write() as session:
            await people.keep(session, [change])

    await seen(Presence.READY, reachable=True)
    clock.advance(3600)
    await seen(Presence.READY, reachable=False)
    clock.advance(600)
    await seen(Presence.OFFLINE, reachable=False)
    async with database.write() as session:
        session.add(
            OfferTable(
                id="o1",
                call_id="1.1",
                agent_id="qingshi",
                made_at=clock.now() - timedelta(hours=2),
                ended_at=clock.now() - timedelta(hours=2),
                outcome=OfferOutcome.MISSED,
                reason_code="station",
                words="",
                detail={},
            )
        )
    page = (await qingshi.get("/station")).text
    assert "话机不通" in page
    assert ">10 分钟前</time>起" in page
    assert "无人接听" in page
    leader = await signed_in("banzhang", Role.SUPERVISOR)
    page = (await leader.get("/stations")).text
    assert "qingshi公共法律服务站" in page
    assert ">10 分钟前</time>起" in page


async def test_who_has_no_station_is_told(stations: None, signed_in: Any) -> None:
    one = await signed_in("zhou", Role.STATION, organisation="qingshi")
    assert "还没有对应的站点" in (await one.get("/station")).text
    lawyer = await signed_in("wang", Role.LAWYER)
    assert (await lawyer.get("/station")).status == 403
