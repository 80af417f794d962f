"""A time that the bureau has confirmed is still the applicant's to move and to give back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from hotline.casework import Actor, Case, Desk, events, windows
from hotline.casework.windows import Window
from hotline.clock import ManualClock
from hotline.public.face import Face
from hotline.store import Database

SERVICE = "/public/services/forensic"
NINE, TEN = "qingshi@2026-11-25T09:00", "qingshi@2026-11-25T10:00"
ASKED = {"caller_name": "张小兰", "phone": "13900001111", "kind": "dna", "title": "亲子鉴定"}
BUREAU = Actor("ju", frozenset({"bureau"}))
EXAMINER = Actor("jian", frozenset(), organisation_id="qingshi")


class Examination:
    """An examination whose time its applicant chose, as far as the test brings it."""

    def __init__(self, number: str, database: Database, desk: Desk, clock: ManualClock) -> None:
        self.number, self.database, self.desk, self.clock = number, database, desk, clock

    async def row(self) -> Case:
        async with self.database.read() as session:
            return (await session.scalars(select(Case).where(Case.number == self.number))).one()

    async def act(self, action: str, by: Actor, note: str = "", **given: Any) -> None:
        case = await self.row()
        async with self.database.write() as session:
            await self.desk.act(
                session, case.id, action, given, actor=by, now=self.clock.now(), note=note
            )

    async def bring_to(self, state: str) -> None:
        await self.act("entrust", BUREAU)
        if state == "entrusted":
            return
        await self.act("accept", EXAMINER, effective_on="2026-11-24", assignee_id="jian")
        if state == "supplementing":
            await self.act("ask_supplement", EXAMINER, lacking="病历原件")

    async def reasons(self) -> list[tuple[str, str | None]]:
        case = await self.row()
        async with self.database.read() as session:
            return [(event.action, event.note) for event in await events(session, case.id)]


@pytest.fixture
async def examination(
    visitor: Any, database: Database, desk: Desk, clock: ManualClock
) -> Examination:
    async with database.write() as session:
        service = desk.services.get("forensic")
        window = Window("qingshi", {"wed": ["09:00-12:00"]})
        await windows.open_window(session, service, window, by="zhan", now=clock.now())
    answer = await visitor().apply(f"{SERVICE}/apply?slot={NINE}", {**ASKED, "slot": NINE})
    assert answer.status == 303, answer.text
    return Examination(answer.to.rsplit("/", 1)[1], database, desk, clock)


async def followed(visitor: Any, face: Face, number: str) -> Any:
    one = visitor()
    await one.post("/public/follow", {"number": number, "code": face.codes.code(number)})
    return one


@pytest.mark.parametrize("state", ["entrusted", "examining"])
async def test_the_applicant_moves_a_confirmed_time_and_may_say_why(
    state: str, examination: Examination, *, visitor: Any, face: Face
) -> None:
    await examination.bring_to(state)
    one = await followed(visitor, face, examination.number)
    act = f"/public/cases/{examination.number}/acts/choose_time"
    assert "为什么改" in (await one.get(f"{act}?slot={TEN}")).text
    moved = await one.post(f"{act}?slot={TEN}", {"slot": TEN, "note": "那天要开庭"})
    assert moved.status == 303, moved.text
    told = (await one.get(moved.to)).text
    assert "已办好“改时间”" in told
    assert "已办好" not in (await one.get(moved.to)).text, "told once"
    case = await examination.row()
    assert (case.state, case.data["appointment_at"][:16]) == (state, "2026-11-25T10:00")
    assert (await examination.reasons())[-1] == ("choose_time", "那天要开庭")
    times = (await visitor().get(f"{SERVICE}/times")).text
    assert NINE in times
    assert TEN not in times


@pytest.mark.parametrize(
    ("state", "end"),
    [("entrusted", "cancelled"), ("examining", "stopped"), ("supplementing", "stopped")],
)
async def test_the_applicant_gives_a_confirmed_time_back_with_the_reason_kept(
    state: str, end: str, *, examination: Examination, visitor: Any, face: Face
) -> None:
    await examination.bring_to(state)
    assert NINE not in (await visitor().get(f"{SERVICE}/times")).text
    one = await followed(visitor, face, examination.number)
    act = f"/public/cases/{examination.number}/acts/cancel"
    assert (await one.post(act, {"note": ""})).status == 422
    assert (await one.post(act, {"note": "双方和解了"})).status == 303
    assert (await examination.row()).state == end
    assert (await examination.reasons())[-1] == ("cancel", "双方和解了")
    assert NINE in (await visitor().get(f"{SERVICE}/times")).text


async def test_the_clerk_moves_and_cancels_with_the_reason_kept(
    examination: Examination, visitor: Any
) -> None:
    await examination.bring_to("examining")
    await examination.act("move", BUREAU, "鉴定人外出", appointment_at="2026-11-25 11:00")
    times = (await visitor().get(f"{SERVICE}/times")).text
    assert NINE in times
    assert "qingshi@2026-11-25T11:00" not in times
    await examination.act("cancel", EXAMINER, "委托人来电撤回")
    assert "qingshi@2026-11-25T11:00" in (await visitor().get(f"{SERVICE}/times")).text
    assert (await examination.reasons())[-2:] == [
        ("move", "鉴定人外出"),
        ("cancel", "委托人来电撤回"),
    ]


async def test_papers_that_are_waited_for_do_not_cost_the_time(
    examination: Examination, visitor: Any
) -> None:
    await examination.bring_to("supplementing")
    late = await visitor().apply(f"{SERVICE}/apply?slot={NINE}", {**ASKED, "slot": NINE})
    assert late.status == 422
    await examination.act("supplemented", EXAMINER)
    assert (await examination.row()).data["appointment_at"].startswith("2026-11-25T09:00")


async def test_what_was_done_is_told_and_no_receipt_of_something_else(
    visitor: Any, examination: Examination
) -> None:
    one = visitor()
    answer = await one.apply(f"{SERVICE}/apply?slot={TEN}", {**ASKED, "slot": TEN})
    assert "已提交" in (await one.get(answer.to)).text
    cancelled = await one.post(f"{answer.to}/acts/cancel", {"note": "不去了"})
    page = (await one.get(cancelled.to)).text
    assert "已办好“取消”" in page
    assert "已提交" not in page
    assert examination.number not in page


async def test_sending_no_paper_says_what_is_missing(
    visitor: Any, examination: Examination, face: Face
) -> None:
    one = await followed(visitor, face, examination.number)
    path = f"/public/cases/{examination.number}"
    answer = await one.upload(f"{path}/papers", path, "", b"")
    assert answer.status == 422
    assert "文件" in answer.text.partition('id="p-paper"')[2][:200]
