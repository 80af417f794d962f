"""A portal moves and cancels appointments for who has number and code."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select

from hotline.casework import Case, events
from hotline.casework.windows import Window, open_window
from hotline.clock import ManualClock
from hotline.public.face import Face
from hotline.store import Database

NINE, HALF_PAST, TEN = (f"2026-11-25T{at}+08:00" for at in ("09:00", "09:30", "10:00"))
Apply = Callable[[str], Awaitable[dict[str, str]]]


@pytest.fixture
async def portal(program: Any, database: Database, face: Face, clock: ManualClock) -> Any:
    """A program that may submit, where one place takes appointments from 9 to 10:30."""
    async with database.write() as session:
        window = Window("qingshi", {"wed": ["09:00-10:30"]})
        service = face.desk.services.get("lawyer_appointment")
        await open_window(session, service, window, by="zhan", now=clock.now())
    return await program("cases.submit")


@pytest.fixture
def apply(portal: Any) -> Apply:
    """Return a function that applies for a time and returns number and code."""

    async def apply_(at: str) -> dict[str, str]:
        wanted = {
            "service": "lawyer_appointment",
            "submission": f"portal-{at[11:13]}{at[14:16]}0001",
            "values": {"caller_name": "张小兰", "title": "押金不退"},
            "appointment": {"place": "qingshi", "at": at},
        }
        made = await portal.call("POST", "/cases", wanted)
        assert made.status == 200, made.body
        return {name: made.body[name] for name in ("number", "code")}

    return apply_


def moving(whose: dict[str, str], at: str, mark: str = "move-0001") -> dict[str, Any]:
    return {**whose, "submission": mark, "appointment": {"place": "qingshi", "at": at}}


async def free(portal: Any) -> list[str]:
    times = (await portal.call("GET", "/services/lawyer_appointment/times")).body
    return [at for at in times["places"][0]["times"] if at.startswith("2026-11-25")]


async def acts(database: Database, face: Face, whose: dict[str, str]) -> list[str]:
    async with database.read() as session:
        case = await session.scalar(select(Case).where(Case.number == whose["number"]))
        assert case is not None
        return [event.action for event in await events(session, case.id)]


@pytest.mark.each_database
async def test_an_appointment_is_moved_once_however_often_it_is_asked(
    portal: Any, apply: Apply, database: Database, face: Face
) -> None:
    whose = await apply(NINE)
    asked = moving(whose, TEN)
    moved = await asyncio.gather(*(portal.call("POST", "/cases/appointment", asked),) * 3)
    assert [answer.status for answer in moved] == [200] * 3, moved[0].body
    assert {str(answer.body) for answer in moved} == {str(moved[0].body)}
    assert moved[0].body["appointment"] == {"at": TEN, "place": "qingshi"}
    assert await free(portal) == [NINE, HALF_PAST]
    assert (await acts(database, face, whose)).count("choose_time") == 2
    seen = (await portal.call("POST", "/cases/progress", whose)).body
    assert seen["appointment"]["at"] == TEN


async def test_a_move_to_a_time_that_others_have_leaves_the_old_one(
    portal: Any, apply: Apply
) -> None:
    whose, _ = await apply(NINE), await apply(TEN)
    refused = await portal.call("POST", "/cases/appointment", moving(whose, TEN))
    assert refused.status == 422
    assert "已经有预约" in refused.body["errors"]["appointment"]
    for nowhen in ("2026-11-25T11:00", "2026-19-39T29:00"):
        refused = await portal.call("POST", "/cases/appointment", moving(whose, nowhen))
        assert set(refused.body["errors"]) == {"appointment"}
    assert await free(portal) == [HALF_PAST]


async def test_an_appointment_is_cancelled_and_its_time_is_free_again(
    portal: Any, apply: Apply, database: Database, face: Face
) -> None:
    whose = await apply(NINE)
    asked = {**whose, "submission": "cancel-01", "reason": "临时有事"}
    first = await portal.call("POST", "/cases/appointment/cancel", asked)
    assert first.status == 200, first.body
    assert first.body == {"number": whose["number"], "state": "已取消", "appointment": None}
    assert (await portal.call("POST", "/cases/appointment/cancel", asked)).body == first.body
    assert NINE in await free(portal)
    assert (await acts(database, face, whose)).count("cancel") == 1
    again = await portal.call(
        "POST", "/cases/appointment/cancel", asked | {"submission": "cancel-02"}
    )
    assert again.status == 409
    moved = await portal.call("POST", "/cases/appointment", moving(whose, TEN))
    assert moved.status == 409
    assert TEN in await free(portal)


@pytest.mark.parametrize("what", ["", "/cancel"])
async def test_without_the_code_or_the_right_nothing_is_moved_or_cancelled(
    portal: Any, apply: Apply, program: Any, what: str
) -> None:
    whose = await apply(NINE)
    asked = moving(whose, TEN) if not what else {**whose, "submission": "c-000001", "reason": "x"}
    wrong = asked | {"code": f"{(int(whose['code']) + 1) % 10**6:06}"}
    assert (await portal.call("POST", f"/cases/appointment{what}", wrong)).status == 404
    looking = await program("statistics.read")
    assert (await looking.call("POST", f"/cases/appointment{what}", asked)).status == 403
    assert (await (await program()).call("POST", f"/cases/appointment{what}", asked)).status == 401
    blank = asked | {"reason": "  "} if what else asked | {"appointment": None}
    assert (await portal.call("POST", f"/cases/appointment{what}", blank)).status == 422
    assert NINE not in await free(portal)


async def test_a_service_whose_times_staff_arrange_says_so(
    portal: Any, face: Face, database: Database
) -> None:
    made = await portal.call(
        "POST",
        "/cases",
        {
            "service": "legal_aid",
            "submission": "portal-00000077",
            "values": {"caller_name": "张小兰", "matter": "civil", "title": "欠薪"},
        },
    )
    assert made.status == 200, made.body
    whose = {name: made.body[name] for name in ("number", "code")}
    moved = await portal.call("POST", "/cases/appointment", moving(whose, TEN))
    assert moved.status == 422
    assert "由工作人员安排" in moved.body["message"]
    asked = {**whose, "submission": "cancel-01", "reason": "不办了"}
    cancelled = await portal.call("POST", "/cases/appointment/cancel", asked)
    assert cancelled.status == 422
    assert "请拨打热线" in cancelled.body["message"]
