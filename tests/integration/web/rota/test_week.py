"""The week as a supervisor makes it, by form and by drag, and as others see it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from agents.rota.plan import Week
from agents.rota.tables import ShiftTable
from hotline.store import Database
from hotline.web.permissions import Role
from tests.integration.web.rota.shifts import WEEK, add, at, kept


async def test_a_supervisor_makes_moves_and_removes_a_shift_without_a_script(
    supervisor: Any, database: Database
) -> None:
    assert (await add(supervisor, "wang", 25, "08:30-12:00", "1")).status == 303
    (shift,) = await kept(database)
    assert (shift.start, shift.end, shift.seat) == (at(25, 8.5), at(25, 12), "1")
    page = await supervisor.get(f"/rota?week={WEEK}")
    assert "王晓梅，08:30–12:00，1 号席" in page.text
    moved = {"agent": "li", "day": "2026-11-26", "usual": "afternoon", "seat": ""}
    await supervisor.post(f"/rota/shifts/{shift.id}", moved)
    (shift,) = await kept(database)
    assert (shift.agent_id, shift.start, shift.end) == ("li", at(26, 14), at(26, 17.5))
    await supervisor.post(f"/rota/shifts/{shift.id}", {"remove": "1"})
    assert await kept(database) == []


async def test_a_shift_that_cannot_be_says_why_and_keeps_what_was_typed(
    supervisor: Any, database: Database
) -> None:
    await add(supervisor, "wang", 25, "08:30-12:00", "1")
    twice = await add(supervisor, "wang", 25, "11:00-13:00")
    assert twice.status == 422
    assert "王晓梅同一时间排了两班：11月25日（周三）11:00–12:00" in twice.text
    assert 'value="2026-11-25"' in twice.text
    taken = await add(supervisor, "li", 25, "09:00-10:00", "1")
    assert "1 号席同一时间排了两人" in taken.text
    for form, words in (
        ({"agent": "nobody"}, "请选择一位在册律师"),
        ({"agent": "li", "day": "soon"}, "请填写日期"),
        ({"agent": "li", "day": "2026-11-25", "from": "08:10", "to": "09:00"}, "30 分钟"),
        ({"agent": "li", "day": "2026-11-25", "from": "10:00", "to": "09:00"}, "晚于"),
        ({"agent": "li", "day": "2026-11-25", "usual": "noon", "seat": "99"}, "没有坐席"),
    ):
        answer = await supervisor.post("/rota/shifts", form)
        assert (answer.status, words in answer.text) == (422, True), words
    assert len(await kept(database)) == 1


async def test_a_drag_is_answered_with_the_table_or_with_the_reason(supervisor: Any) -> None:
    await add(supervisor, "wang", 25, "08:30-12:00")
    form = {"agent": "wang", "day": "2026-11-25", "from": "11:00", "to": "13:00", "week": WEEK}
    refused = await supervisor.post("/rota/shifts", form, **{"X-Fragment": "1"})
    assert refused.status == 422
    assert "同一时间排了两班" in refused.text
    moved = await supervisor.post(
        "/rota/shifts", form | {"from": "13:00", "to": "15:00"}, **{"X-Fragment": "1"}
    )
    assert moved.text.lstrip().startswith("<div")
    assert "王晓梅，13:00–15:00" in moved.text


async def test_last_week_is_copied_beside_what_is_there(
    supervisor: Any, database: Database
) -> None:
    await add(supervisor, "wang", 18, "08:30-12:00")
    await add(supervisor, "li", 19, "08:30-12:00")
    await add(supervisor, "li", 26, "10:00-11:00")
    for _ in range(2):
        await supervisor.post("/rota/copy", {"week": WEEK})
    this = [s for s in await kept(database) if Week.of(s.start).monday.isoformat() == WEEK]
    assert [(s.agent_id, s.start) for s in this] == [("wang", at(25, 8.5)), ("li", at(26, 10))]
    assert "1 班没有复制：李建国同一时间排了两班" in (await supervisor.get("/rota")).text


async def test_a_lawyer_sees_the_rota_and_changes_nothing(
    lawyers: None, signed_in: Any, database: Database
) -> None:
    wang = await signed_in("wang", Role.LAWYER, agent_id="wang")
    assert (await wang.get("/rota")).status == 200
    assert (await add(wang, "wang", 25, "08:30-12:00")).status == 403
    assert (await wang.get("/rota/attendance")).status == 403
    assert await kept(database) == []


@pytest.mark.parametrize(
    "query", ["week=soon", "week=9999-12-31", "week=0001-01-01", "topic=%3Cb%3E"]
)
async def test_a_strange_address_shows_this_week(supervisor: Any, query: str) -> None:
    answer = await supervisor.get(f"/rota?{query}")
    assert answer.status == 200
    assert "11月23日 – 11月29日" in answer.text


async def test_a_removed_shift_is_gone_for_whoever_still_sees_it(
    supervisor: Any, database: Database
) -> None:
    answer = await supervisor.post("/rota/shifts/77", {"remove": "1"})
    assert answer.status == 404
    assert "可能刚被别人删除" in answer.text
    async with database.read() as session:
        assert (await session.scalars(select(ShiftTable))).all() == []
