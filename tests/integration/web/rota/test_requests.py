"""Swaps and leave are asked for, agreed to, approved."""

from __future__ import annotations

from typing import Any

from agents.rota.requests import State
from agents.rota.tables import RequestTable
from hotline.store import Database
from hotline.web.permissions import Role
from tests.integration.web.rota.shifts import WEEK, add, kept


async def test_a_swap_is_asked_for_agreed_to_and_approved(
    supervisor: Any, signed_in: Any, database: Database
) -> None:
    await add(supervisor, "wang", 26, "08:30-12:00")
    await add(supervisor, "li", 27, "08:30-12:00")
    mine, theirs = await kept(database)
    wang = await signed_in("wang", Role.LAWYER, agent_id="wang")
    li = await signed_in("li", Role.LAWYER, agent_id="li")
    abdu = await signed_in("abdu", Role.LAWYER, agent_id="abdu")
    form = {"shift": str(mine.id), "other_shift": str(theirs.id), "reason": "开庭"}
    assert (await wang.post("/rota/ask/swap", form)).status == 303
    assert (await wang.post("/rota/ask/swap", form)).status == 422
    # Neither a third person nor the asker nor the supervisor speaks for the other lawyer.
    for one in (abdu, wang, supervisor):
        assert (await one.post("/rota/requests/1/agree")).status == 403
    assert "个换班请求等您答复" in (await li.get("/seat")).text
    await li.post("/rota/requests/1/agree")
    assert (await li.post("/rota/requests/1/approve")).status == 403
    assert [s.agent_id for s in await kept(database)] == ["wang", "li"]
    await supervisor.post("/rota/requests/1/approve")
    assert [s.agent_id for s in await kept(database)] == ["li", "wang"]
    assert "已批准" in (await wang.get("/rota/mine")).text


async def test_a_swap_that_cannot_be_is_told_to_who_asks(
    supervisor: Any, signed_in: Any, database: Database
) -> None:
    """Before the other lawyer and the supervisor have spent their time on it."""
    await add(supervisor, "wang", 26, "08:30-12:00")
    await add(supervisor, "li", 26, "09:00-10:00")
    mine = next(shift for shift in await kept(database) if shift.agent_id == "wang")
    wang = await signed_in("wang", Role.LAWYER, agent_id="wang")
    told = await wang.post("/rota/ask/swap", {"shift": str(mine.id), "other": "li"})
    assert told.status == 422
    assert "换不了：李建国同一时间排了两班" in told.text
    async with database.read() as session:
        assert await session.get(RequestTable, 1) is None


async def test_a_swap_that_no_longer_fits_is_not_made(
    supervisor: Any, signed_in: Any, database: Database
) -> None:
    await add(supervisor, "wang", 26, "08:30-12:00")
    (mine,) = await kept(database)
    wang = await signed_in("wang", Role.LAWYER, agent_id="wang")
    li = await signed_in("li", Role.LAWYER, agent_id="li")
    await wang.post("/rota/ask/swap", {"shift": str(mine.id), "other": "li"})
    await li.post("/rota/requests/1/agree")
    await add(supervisor, "li", 26, "09:00-10:00")
    await supervisor.post("/rota/requests/1/approve")
    assert "现在换不了：李建国同一时间排了两班" in (await supervisor.get("/rota/mine")).text
    async with database.read() as session:
        row = await session.get_one(RequestTable, 1)
    assert row.state == State.AGREED


async def test_leave_is_approved_by_another_and_shows_what_must_be_filled(
    supervisor: Any, signed_in: Any, database: Database
) -> None:
    await add(supervisor, "wang", 26, "08:30-12:00")
    wang = await signed_in("wang", Role.LAWYER, Role.SUPERVISOR, agent_id="wang")
    form = {"from": "2026-11-26T08:00", "to": "2026-11-26T18:00", "reason": "体检"}
    for wrong in ({"reason": ""}, {"to": "2026-11-26T07:00"}, {"from": "soon"}):
        assert (await wang.post("/rota/ask/leave", form | wrong)).status == 422
    assert (await wang.post("/rota/ask/leave", form)).status == 303
    assert (await wang.post("/rota/requests/1/approve")).status == 403
    await supervisor.post("/rota/requests/1/refuse", {"answer": ""})
    assert "请写明不批准的原因" in (await supervisor.get("/rota/mine")).text
    await supervisor.post("/rota/requests/1/approve")
    page = await supervisor.get(f"/rota?week={WEEK}")
    assert "王晓梅已请假，11月26日（周四）08:30–12:00这一班请换人" in page.text
    assert "已请假" in (await add(supervisor, "wang", 26, "14:00-15:00")).text
