"""The rota as people use it: made, copied, asked about, seen in calendars and files."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from io import BytesIO
from typing import Any

import icalendar
import pytest
from aiohttp import FormData
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from agents.people import DatabasePeople
from agents.rota import attendance, reading
from agents.rota.plan import Shift, Week
from agents.rota.requests import State
from agents.rota.routes import section as rota_section
from agents.rota.tables import RequestTable, ShiftTable
from agents.routes import section as agents_section
from agents.tables import AgentTable, PresenceTable
from hotline.clock import CHINA, ManualClock
from hotline.routing.people import AgentKind, Presence
from hotline.store import Database
from hotline.web.permissions import Role
from hotline.web.section import Section

WEEK = "2026-11-23"


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section, rota_section]


@pytest.fixture
async def lawyers(database: Database) -> None:
    async with database.write() as session:
        for number, (name, words) in enumerate(
            [("wang", "王晓梅"), ("li", "李建国"), ("abdu", "阿卜杜热合曼")], 101
        ):
            session.add(
                AgentTable(
                    id=name,
                    staff_no=str(number),
                    name=words,
                    kind=AgentKind.LAWYER,
                    skills={"wages": 2},
                    endpoint=f"PJSIP/{name}",
                )
            )
            await session.flush()
            session.add(
                PresenceTable(
                    agent_id=name, state=Presence.READY, since=datetime(2026, 11, 24, tzinfo=CHINA)
                )
            )


@pytest.fixture
async def supervisor(lawyers: None, signed_in: Any) -> Any:
    return await signed_in("banzhang", Role.SUPERVISOR)


def at(day: int, hour: float) -> datetime:
    return datetime(2026, 11, day, tzinfo=CHINA) + timedelta(hours=hour)


async def add(browser: Any, agent: str, day: int, span: str, seat: str = "") -> Any:
    begins, ends = span.split("-")
    form = {"agent": agent, "day": f"2026-11-{day}", "from": begins, "to": ends, "seat": seat}
    return await browser.post("/rota/shifts", form)


async def kept(database: Database) -> list[Shift]:
    async with database.read() as session:
        return await reading.shifts(session, at(1, 0), at(30, 0))


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


async def test_the_calendar_opens_for_its_address_alone(
    supervisor: Any, signed_in: Any, browser: Any, database: Database
) -> None:
    await add(supervisor, "wang", 26, "08:30-12:00", "1")
    await add(supervisor, "li", 27, "08:30-12:00")
    wang = await signed_in("wang", Role.LAWYER, agent_id="wang")

    async def address() -> str:
        found = re.search(
            r'value="http[^"]*(/rota/feed/[^"]+)"', (await wang.get("/rota/mine")).text
        )
        assert found
        return found.group(1)

    first = await address()
    stranger = browser()
    answer = await stranger.get(first)
    assert answer.headers["Content-Type"].startswith("text/calendar")
    (event,) = icalendar.Calendar.from_ical(answer.text).walk("VEVENT")
    assert event["summary"] == "12348 值班（1 号席）"
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (at(26, 8.5), at(26, 12))
    forged = first.replace("/wang.", "/li.")
    assert (await stranger.get(forged)).status == 404
    await wang.post("/rota/feed/renew")
    assert (await stranger.get(first)).status == 404
    assert (await stranger.get(await address())).status == 200


async def test_a_week_goes_out_as_a_workbook_and_comes_back(
    supervisor: Any, database: Database
) -> None:
    await add(supervisor, "wang", 25, "08:30-12:00", "1")
    await add(supervisor, "li", 25, "18:00-24:00")
    before = {(s.agent_id, s.start, s.end, s.seat) for s in await kept(database)}
    content = await exported(supervisor)
    for shift in await kept(database):
        await supervisor.post(f"/rota/shifts/{shift.id}", {"remove": "1"})
    assert (await upload(supervisor, content)).status == 303
    assert {(s.agent_id, s.start, s.end, s.seat) for s in await kept(database)} == before
    assert (await upload(supervisor, content)).status == 303
    assert len(await kept(database)) == 2


async def test_a_workbook_with_one_mistake_changes_nothing(
    supervisor: Any, database: Database
) -> None:
    await add(supervisor, "wang", 25, "08:30-12:00", "1")
    await add(supervisor, "abdu", 25, "14:00-17:30", "2")
    book = load_workbook(BytesIO(await exported(supervisor)))
    book.active.append(["102", "李建国", "2026-11-25", "", "08:30", "12:00", ""])
    book.active.append(["101", "王晓梅", "2026-11-25", "", "09:00", "10:00", ""])
    book.active.append(["102", "李建国", "2026-11-25", "", "14:00", "15:00", "2 号席"])
    answer = await upload(supervisor, saved(book))
    assert answer.status == 422
    assert "A5（工号）：王晓梅同一时间排了两班" in answer.text
    assert "G6（坐席）：2 号席同一时间排了两人" in answer.text
    assert len(await kept(database)) == 2
    for content in (b"", b"not a workbook"):
        assert "打不开" in (await upload(supervisor, content)).text


async def test_what_was_edited_in_the_workbook_changes_the_shifts_that_it_tells_of(
    supervisor: Any, database: Database
) -> None:
    await add(supervisor, "wang", 25, "08:30-12:00", "1")
    await add(supervisor, "li", 25, "08:30-12:00", "2")
    await add(supervisor, "abdu", 26, "08:30-12:00")
    ids = {s.agent_id: s.id for s in await kept(database)}
    book = load_workbook(BytesIO(await exported(supervisor)))
    rows = {row[0].value: row for row in book.active.iter_rows(min_row=2)}
    # Two change seats, which can be only if both do; one's time is typed as a spreadsheet keeps it.
    rows["101"][6].value, rows["102"][6].value = rows["102"][6].value, rows["101"][6].value
    rows["103"][4].value, rows["103"][5].value = time(9), timedelta(days=1)
    answer = await upload(supervisor, saved(book))
    assert answer.status == 303, answer.text
    assert "新增 0 班，改动 3 班，删除 0 班" in (await supervisor.get(f"/rota?week={WEEK}")).text
    assert {(s.id, s.agent_id, s.start, s.end, s.seat) for s in await kept(database)} == {
        (ids["wang"], "wang", at(25, 8.5), at(25, 12), "2"),
        (ids["li"], "li", at(25, 8.5), at(25, 12), "1"),
        (ids["abdu"], "abdu", at(26, 9), at(27, 0), ""),
    }


async def test_rows_left_out_of_the_workbook_are_taken_out_only_when_asked_for(
    supervisor: Any, database: Database
) -> None:
    await add(supervisor, "wang", 25, "08:30-12:00", "1")
    await add(supervisor, "li", 25, "08:30-12:00", "2")
    book = load_workbook(BytesIO(await exported(supervisor)))
    book.active.delete_rows(3)
    assert (await upload(supervisor, saved(book))).status == 303
    assert "另有 1 班不在文件里" in (await supervisor.get(f"/rota?week={WEEK}")).text
    assert len(await kept(database)) == 2
    assert (await upload(supervisor, saved(book), remove="1")).status == 303
    assert [s.agent_id for s in await kept(database)] == ["li"]
    book.active.delete_rows(2)
    answer = await upload(supervisor, saved(book), remove="1")
    assert answer.status == 422
    assert "文件里没有这一周的班次" in answer.text
    assert len(await kept(database)) == 1


async def test_a_workbook_serves_as_pattern_for_another_week(
    supervisor: Any, database: Database
) -> None:
    await add(supervisor, "wang", 18, "08:30-12:00", "1")
    book = load_workbook(BytesIO(await exported(supervisor, "2026-11-16")))
    book.active["C2"] = datetime(2026, 11, 25)  # noqa: DTZ001 - as a spreadsheet keeps a day
    assert (await upload(supervisor, saved(book))).status == 303
    assert [s.start for s in await kept(database)] == [at(18, 8.5), at(25, 8.5)]


async def test_a_shift_that_somebody_changed_since_the_export_is_not_changed_back(
    supervisor: Any, database: Database
) -> None:
    await add(supervisor, "wang", 25, "08:30-12:00", "1")
    book = load_workbook(BytesIO(await exported(supervisor)))
    (shift,) = await kept(database)
    form = {"agent": "li", "day": "2026-11-25", "from": "08:30", "to": "12:00", "seat": "1"}
    assert (await supervisor.post(f"/rota/shifts/{shift.id}", form)).status == 303
    answer = await upload(supervisor, saved(book))
    assert answer.status == 422
    assert "H2（编号）：这一班导出以后有人改过" in answer.text
    assert [s.agent_id for s in await kept(database)] == ["li"]


async def exported(browser: Any, week: str = WEEK) -> bytes:
    url = browser.server.make_url(f"/rota/export.xlsx?week={week}")
    async with browser.session.get(url) as answer:
        return bytes(await answer.read())


def saved(book: Workbook) -> bytes:
    out = BytesIO()
    book.save(out)
    return out.getvalue()


async def upload(browser: Any, content: bytes, **more: str) -> Any:
    form = FormData()
    form.add_field("csrf", await browser.token())
    form.add_field("week", WEEK)
    for name, value in more.items():
        form.add_field(name, value)
    form.add_field("file", content, filename="rota.xlsx")
    return await browser.send("POST", "/rota/import", data=form)


async def test_lateness_and_absence_are_seen_from_presence(
    supervisor: Any, database: Database, clock: ManualClock
) -> None:
    for name in ("wang", "li", "abdu"):
        await add(supervisor, name, 24, "10:30-12:00")
    await presence(database, wang=Presence.READY, li=Presence.OFFLINE, abdu=Presence.OFFLINE)
    async with database.write() as session:
        assert await attendance.look(session, clock.now()) == 0
    for minute in range(30, 120):
        if minute == 42:
            await presence(database, li=Presence.READY)
        clock.advance(60 if minute > 30 else 30 * 60)
        async with database.write() as session:
            await attendance.look(session, clock.now())
    page = (await supervisor.get("/rota/attendance")).text
    rows = {row: re.sub(r"<[^>]+>", " ", row) for row in page.split("<tr>")}
    told = {
        name: next(t for t in rows.values() if name in t) for name in ("王晓梅", "李建国", "阿卜杜")
    }
    assert "到岗" in told["王晓梅"]
    assert "1:29:00" in told["王晓梅"]
    assert "迟到" in told["李建国"]
    assert "10:42:00" in told["李建国"]
    assert "缺勤" in told["阿卜杜"]


async def presence(database: Database, **states: Presence) -> None:
    async with database.write() as session:
        for row in await session.scalars(select(PresenceTable)):
            row.state = states.get(row.agent_id, row.state)


async def test_calls_are_offered_on_duty_and_to_those_without_a_rota(
    supervisor: Any, database: Database, clock: ManualClock, tmp_path: Any, monkeypatch: Any
) -> None:
    await add(supervisor, "wang", 24, "10:30-12:00")
    people = DatabasePeople(database, clock)

    async def offered() -> set[str]:
        return {a.id for a in (await people.load()).agents if a.is_open(clock.now())}

    # 10:00: Wang's shift begins in half an hour; ten minutes before it she may be rung.
    assert await offered() == {"li", "abdu"}
    clock.advance(20 * 60)
    assert await offered() == {"wang", "li", "abdu"}
    clock.advance(100 * 60)
    assert await offered() == {"li", "abdu"}
    (tmp_path / "rota.yaml").write_text("duty: presence\n")
    monkeypatch.setenv("HOTLINE_CONFIG", str(tmp_path))
    assert await offered() == {"wang", "li", "abdu"}
    # A mistake in the file keeps the rules that were.
    (tmp_path / "rota.yaml").write_text("duty: nonsense\n")
    assert await offered() == {"wang", "li", "abdu"}


async def test_leave_takes_a_lawyer_off_the_line(
    supervisor: Any, database: Database, clock: ManualClock
) -> None:
    await add(supervisor, "wang", 24, "09:00-12:00")
    people = DatabasePeople(database, clock)
    assert any(a.id == "wang" and a.is_open(clock.now()) for a in (await people.load()).agents)
    async with database.write() as session:
        session.add(
            RequestTable(
                kind="leave",
                agent_id="wang",
                starts_at=at(24, 8),
                ends_at=at(24, 18),
                state=State.APPROVED,
                asked_at=clock.now(),
            )
        )
    assert not any(a.id == "wang" and a.is_open(clock.now()) for a in (await people.load()).agents)


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
