"""Annual targets: the house counts what it knows; people add only the rest, with its source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.cases.routes import section as cases_section
from agents.persons.routes import section as persons_section
from agents.reports.measures import CODES
from agents.routes import section as agents_section
from hotline.calls.tables import CallTable, Outcome
from hotline.casework import Actor, Case
from hotline.clock import ManualClock
from hotline.store import Database
from hotline.tickets import shipped
from hotline.web.permissions import Role
from hotline.web.section import Section

MARCH = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
BUREAU = Actor("ju", frozenset({"bureau"}))
TARGET = {
    "organisation_id": "district",
    "title": "2026 年接通率",
    "indicator": "connect",
    "target_value": "95",
    "since_on": "2026-01-01",
    "until_on": "2026-12-31",
    "due_on": "2027-01-15",
    "submission": "t",
}


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section, cases_section, persons_section]


pytestmark = pytest.mark.usefixtures("county")


async def keep_calls(database: Database, places: Sequence[str], *, lost: int) -> None:
    """Calls of March by place, of which the first ``lost`` were given up."""
    rows = [
        {
            "id": f"{number}",
            "number": "13800000000",
            "topic": "wages",
            "place": place,
            "started_at": MARCH,
            "waiting_since": MARCH,
            "answered_at": MARCH + timedelta(seconds=8) if number >= lost else None,
            "talk_ended_at": MARCH + timedelta(minutes=5) if number >= lost else None,
            "ended_at": MARCH + timedelta(minutes=6),
            "agent_id": "wang" if number >= lost else None,
            "outcome": Outcome.ANSWERED if number >= lost else Outcome.ABANDONED,
            "satisfaction": None,
            "solved": None,
        }
        for number, place in enumerate(places)
    ]
    async with database.write() as session:
        await session.execute(insert(CallTable), rows)


async def set_target(browser: Any, **more: str) -> str:
    answer = await browser.post("/cases/new/annual_target", {**TARGET, **more})
    assert answer.status == 303, answer.text
    return str(answer.to.rsplit("/", 1)[1])


async def test_the_house_counts_the_figure_and_nobody_can_write_another(
    signed_in: Any, database: Database
) -> None:
    await keep_calls(database, ["qingshi"] * 10, lost=1)
    bureau = await signed_in("ju", Role.BUREAU)
    number = await set_target(bureau)
    page = (await bureau.get(f"/cases/{number}")).text
    assert '<p class="big">90.0%</p><p>9 / 10</p>' in page
    assert "不少于 95.0%" in page
    assert "未达到" in page
    assert "人工接听 ÷ 请求人工" in page
    centre = await signed_in("xianju", Role.STATION, organisation="district")
    form = (await centre.get(f"/cases/{number}/acts/self_review")).text
    assert "9 / 10" in form
    assert 'name="reckoned"' not in form
    given = {"self_score": "94", "reckoned": "100%"}
    done = await centre.post(f"/cases/{number}/acts/self_review", given)
    assert done.status == 303, done.text
    async with database.read() as session:
        case = (await session.scalars(select(Case).where(Case.number == number))).one()
    assert case.data["reckoned"] == "90.0%（9 / 10）"


async def test_what_the_house_cannot_know_is_told_with_its_source(signed_in: Any) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    wanted = {"indicator": "by_people", "target": "建成法治文化广场", "title": "文化广场"}
    number = await set_target(bureau, **wanted)
    assert "系统统计" not in (await bureau.get(f"/cases/{number}")).text
    centre = await signed_in("xianju", Role.STATION, organisation="district")
    path = f"/cases/{number}/acts/self_review"
    refused = await centre.post(path, {"achieved": "建成一处", "self_score": "100"})
    assert refused.status == 422
    assert "请填写数据来源" in refused.text
    assert "建成一处" in refused.text
    given = {"achieved": "建成一处", "source": "县发改局验收单 2026-12 号", "self_score": "100"}
    assert (await centre.post(path, given)).status == 303


async def test_a_place_is_judged_by_itself_and_what_lies_below_it(
    signed_in: Any, database: Database
) -> None:
    await keep_calls(database, ["district"] * 4 + ["qingshi"] * 2 + ["shangwan"], lost=0)
    bureau = await signed_in("ju", Role.BUREAU)
    number = await set_target(
        bureau, organisation_id="qingshi", indicator="answered", target_value="3"
    )
    page = (await bureau.get(f"/cases/{number}")).text
    assert '<p class="big">3</p>' in page
    assert "已达到" in page


async def test_figures_of_any_service_are_counted_from_its_file(
    signed_in: Any, database: Database, clock: ManualClock
) -> None:
    desk = shipped().desk
    station = Actor("zhan", frozenset({"station"}))
    adviser = {
        "kind": "village",
        "place": "shangwan",
        "adviser_name": "王律师",
        "adviser_kind": "lawyer",
        "licence_until": "2027-05-01",
        "contract_until": "2027-05-01",
    }
    async with database.write() as session:
        now = clock.now()
        case = await desk.open(session, "adviser", adviser, actor=BUREAU, now=now)
        await desk.act(session, case.id, "confirm", actor=BUREAU, now=now)
        given = {"place": "shangwan", "assignee_id": "wang", "planned_on": "2026-11-24"}
        visit = await desk.open(session, "village_visit", given, actor=station, now=now)
        wang = Actor("wang", frozenset({"lawyer"}))
        steps: list[tuple[str, dict[str, Any], Actor]] = [
            ("arrive", {"visited_on": "2026-11-24"}, wang),
            ("record", {"hours": "3.5", "work": ["consult"], "record": "咨询三人"}, wang),
            ("verify", {"adviser_kind": "lawyer"}, station),
        ]
        for action, form, actor in steps:
            await desk.act(session, visit.id, action, form, actor=actor, now=now)
    bureau = await signed_in("ju", Role.BUREAU)
    expected = {
        "covered_adviser": '<p class="big">50.0%</p><p>1 / 2</p>',
        "closed_village_visit": '<p class="big">1</p>',
        "sum_village_visit__hours": '<p class="big">3.5</p>',
        "on_time_legal_aid": '<p class="big">—',
    }
    for indicator, shown in expected.items():
        number = await set_target(bureau, indicator=indicator, submission=indicator)
        assert shown in (await bureau.get(f"/cases/{number}")).text, indicator


def test_every_indicator_of_the_file_is_counted_or_left_to_people() -> None:
    services = shipped().desk.services
    options = services.get("annual_target").field_by_name["indicator"].options
    for code in options:
        kind, _, rest = code.partition("_")
        name, _, field = code.removeprefix("on_time_").partition("__")
        if code in CODES or code == "by_people" or name in services.by_code:
            continue
        name, _, field = rest.partition("__")
        service = services.get(name)
        assert kind in {"closed", "covered", "sum"}, code
        assert kind != "covered" or service.pages.coverage is not None, code
        assert kind != "sum" or field in service.field_by_name, code
