"""Statements of subsidies on the pages: each sees one's own, the bureau sees all."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.subsidies.routes import section
from agents.subsidies.tables import LineTable, StatementTable
from hotline.store import Database
from hotline.web.permissions import Role
from hotline.web.section import Section
from hotline.web.tables import AuditEntry

DRAWN = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.fixture
def sections() -> list[Section]:
    return [section]


@pytest.fixture
async def statement(database: Database) -> int:
    """Wang's statement of October."""
    async with database.write() as session:
        row = StatementTable(
            month="2026-10", person_id="wang", state="drawn", drawn_at=DRAWN, drawn_by="ju"
        )
        session.add(row)
        await session.flush()
        session.add(
            LineTable(
                statement_id=row.id,
                kind="case",
                reference="2611110000011",
                about="法律援助 2611110000011",
                day=date(2026, 10, 20),
                amount=Decimal("1200.00"),
                reckoning=["民事、行政代理 1000 元", "× 优秀 1.2"],
                source="某文件",
            )
        )
        return row.id


async def test_a_statement_goes_from_the_lawyer_to_a_locked_file(
    signed_in: Any, statement: int, database: Database
) -> None:
    wang = await signed_in("wanglvshi", Role.LAWYER, agent_id="wang")
    bureau = await signed_in("ju", Role.BUREAU)
    here = f"/subsidies/statements/{statement}"

    assert "1,200.00" in (await wang.get("/subsidies/mine")).text
    assert (await wang.post(f"{here}/approve")).status == 403
    assert (await wang.post(f"{here}/confirm")).status == 303
    assert (await bureau.post(f"{here}/approve")).status == 303
    file = await bureau.post("/subsidies/2026-10/export")

    assert file.status == 200
    async with database.read() as session:
        row = await session.get_one(StatementTable, statement)
        actions = list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert (row.state, row.confirmed_by, row.approved_by) == ("exported", "wanglvshi", "ju")
    assert actions[-3:] == ["subsidies.confirm", "subsidies.approve", "subsidies.export"]
    assert (await bureau.post(f"{here}/remove", {"line": "1", "reason": "x"})).status == 409


async def test_nobody_sees_another_s_statement(signed_in: Any, statement: int) -> None:
    zhao = await signed_in("zhao", Role.LAWYER, agent_id="zhao")
    here = f"/subsidies/statements/{statement}"
    assert (await zhao.get(here)).status == 404
    assert (await zhao.post(f"{here}/confirm")).status == 404
    assert (await zhao.get("/subsidies/2026-10")).status == 403
    assert "还没有补贴清单" in (await zhao.get("/subsidies/mine")).text


async def test_the_bureau_does_not_confirm_for_the_lawyer(signed_in: Any, statement: int) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    answer = await bureau.post(f"/subsidies/statements/{statement}/confirm")
    assert answer.status == 403
    assert "本人" in answer.text


async def test_what_people_write_stays_text(signed_in: Any, statement: int) -> None:
    wang = await signed_in("wanglvshi", Role.LAWYER, agent_id="wang")
    here = f"/subsidies/statements/{statement}"
    await wang.post(f"{here}/dispute", {"objection": "<b>少算了</b>"})
    page = (await wang.get(here)).text
    assert "&lt;b&gt;少算了" in page
    assert "<b>少算了" not in page


async def test_a_running_month_is_not_drawn_up(signed_in: Any) -> None:
    bureau = await signed_in("ju", Role.BUREAU)
    answer = await bureau.post("/subsidies/2026-11/draw")
    assert (answer.status, "还没有结束" in answer.text) == (422, True)
