"""The reports' pages: who sees whose figures, what is refused, who took a file."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

import hotline.store.schema  # noqa: F401 - knows every package's tables
import hotline.web.tables as web_tables
from agents.reports.routes import section
from agents.tables import OrganisationTable
from hotline.calls.tables import CallTable, Outcome
from hotline.clock import ManualClock
from hotline.store import Database
from hotline.web.permissions import Role
from hotline.web.section import Section


@pytest.fixture
def sections() -> list[Section]:
    return [section]


def call(number: int, at: datetime, place: str) -> CallTable:
    return CallTable(
        id=f"1.{number}",
        number="13800000000",
        topic="wages",
        place=place,
        started_at=at,
        waiting_since=at,
        answered_at=at + timedelta(seconds=9),
        talk_ended_at=at + timedelta(minutes=4),
        ended_at=at + timedelta(minutes=4),
        agent_id="wang",
        outcome=Outcome.ANSWERED,
    )


@pytest.fixture
async def calls(database: Database, clock: ManualClock) -> None:
    async with database.write() as session:
        session.add_all(
            [
                OrganisationTable(kind="township", code="qingshi", name="青石镇服务站"),
                OrganisationTable(kind="township", code="liuhe", name="柳河镇服务站"),
            ]
        )
        for number in range(6):
            place = "qingshi" if number < 4 else "liuhe"
            session.add(call(number, clock.now() - timedelta(hours=1), place))


@pytest.mark.usefixtures("calls")
async def test_the_bureau_sees_all_and_a_station_its_own(signed_in: Any) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    station = await signed_in("zhan", Role.STATION, organisation="liuhe")
    everything = (await bureau.get("/reports/daily/2026-11-24")).text
    own = (await station.get("/reports/daily/2026-11-24")).text
    assert "青石镇服务站" in everything
    assert "值班考核" in everything
    assert "青石镇服务站" not in own
    assert "柳河镇服务站" in own
    assert "值班考核" not in own


async def test_lawyers_see_no_reports(signed_in: Any) -> None:
    lawyer = await signed_in("lvshi", Role.LAWYER)
    assert (await lawyer.get("/reports")).status == 403


async def test_the_first_address_leads_to_the_newest_whole_month(signed_in: Any) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    assert (await bureau.get("/reports")).to == "/reports/monthly/2026-10-01"


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/reports/daily/2026-11-25", 422, "还没有开始"),
        ("/reports/daily/2026-02-30", 422, "不是日期"),
        ("/reports/monthly/2026-11-01?day=soon", 422, "不是日期"),
        ("/reports/hourly/2026-11-24", 404, ""),
    ],
)
async def test_a_wrong_address_says_what_is_wrong(
    signed_in: Any, path: str, status: int, says: str
) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    answer = await bureau.get(path)
    assert answer.status == status
    assert says in answer.text


@pytest.mark.usefixtures("calls")
async def test_who_took_a_file_is_recorded(signed_in: Any, database: Database) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    answer = await bureau.get("/reports/weekly/2026-11-24.xlsx")
    assert answer.status == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    async with database.read() as session:
        rows = list(await session.scalars(select(web_tables.AuditEntry)))
    taken = [row for row in rows if row.action == "report.export"]
    assert [(row.user_name, row.subject_id) for row in taken] == [("ju", "weekly/2026-11-23")]
