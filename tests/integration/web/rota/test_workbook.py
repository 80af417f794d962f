"""A week of the rota goes out as a workbook and comes back, edited or not."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from io import BytesIO
from typing import Any

from aiohttp import FormData
from openpyxl import Workbook, load_workbook

from hotline.store import Database
from tests.integration.web.rota.shifts import WEEK, add, at, kept


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


async def test_rows_sorted_without_their_marks_are_known_by_what_they_say(
    supervisor: Any, database: Database
) -> None:
    await add(supervisor, "wang", 25, "08:30-12:00", "1")
    await add(supervisor, "li", 25, "08:30-12:00", "2")
    before = await kept(database)
    book = load_workbook(BytesIO(await exported(supervisor)))
    first, second = book.active["H2"], book.active["H3"]
    first.value, second.value = second.value, first.value
    assert (await upload(supervisor, saved(book))).status == 303
    assert await kept(database) == before


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
