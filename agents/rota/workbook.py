"""The rota as a workbook (xlsx), out and in. What is refused is told by cell, in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any, Literal
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from agents.rota.plan import WEEKDAYS, Person, Shift
from agents.rota.planning import ShiftError, check_times
from agents.rota.rules import Rules
from hotline.clock import CHINA
from hotline.errors import InvalidInputError

HEAD = ("工号", "姓名", "日期", "星期", "开始", "结束", "坐席", "编号")
COLUMNS = "ABCDEFGH"
PERSON, SEAT, MARK = 0, 6, 7
"""Columns that conflicts are told by."""
UNMARKED = HEAD[:MARK]
"""Such files are taken in too: every row is a shift to be."""
MOST_ROWS = 5000
_HEAD = Font(bold=True, color="FFFFFF")
_GROUND = PatternFill("solid", fgColor="1D5BB8")
_TIME = re.compile(r"(\d{1,2})[:：](\d{2})(?::00)?")
_MARK = re.compile(r"#?(\d{1,9})-(\d{1,9})")
_FIRST_DAYS = 1901
"""A spreadsheet counts days from 1900: a time of 24 hours and more is a day of that year."""
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


class RotaFileError(InvalidInputError):
    """排班文件有误，整个文件都没有导入。请按提示修改后重新导入。"""

    error_id = "rota-file"

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            "排班文件有误，整个文件都没有导入：" + "；".join(problems[:20]), problems=list(problems)
        )


@dataclass(frozen=True)
class Line:
    """One shift of a file, and the row it stands in."""

    row: int
    shift: Shift
    mark: tuple[int, int] | None = None
    """The shift that the row was written from, and its revision then."""


def cell(column: int, *rows: int) -> str:
    """Name cells of a column as a spreadsheet does, with what stands in them."""
    return "、".join(f"{COLUMNS[column]}{row}" for row in rows) + f"（{HEAD[column]}）"


def write(
    shifts: Sequence[Shift],
    people: Mapping[str, Person],
    rules: Rules,
    revisions: Mapping[int, int] | None = None,
) -> bytes:
    """Return the shifts as a workbook that :func:`read` takes back.

    ``revisions`` marks each row, so that it is known again when it comes back edited.
    """
    marks = revisions or {}
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook begins with a worksheet")
    sheet.title = "排班"
    sheet.append(list(HEAD))
    for title in sheet[1]:
        title.font, title.fill = _HEAD, _GROUND
        title.alignment = Alignment(horizontal="center")
    for shift in sorted(shifts, key=lambda s: (s.start, s.agent_id)):
        person = people[shift.agent_id]
        start, end = shift.start.astimezone(CHINA), shift.end.astimezone(CHINA)
        # Written as text: a spreadsheet that "helps" with dates would change what is read back.
        sheet.append(
            [
                person.staff_no,
                _plain(person.name),
                f"{start:%Y-%m-%d}",
                WEEKDAYS[start.weekday()],
                f"{start:%H:%M}",
                "24:00" if end.time() == time() else f"{end:%H:%M}",
                rules.seat_name(shift.seat) if shift.seat else "",
                f"#{shift.id}-{marks[shift.id]}" if shift.id in marks else "",
            ]
        )
    for column, width in zip(COLUMNS, (10, 16, 14, 8, 9, 9, 20, 10), strict=True):
        sheet.column_dimensions[column].width = width
    note = Comment("导入时按编号认出原来的班次，请勿改动；新增的班此格留空。", "12348")
    sheet.cell(1, MARK + 1).comment = note
    sheet.freeze_panes = "A2"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def read(content: bytes, people: Mapping[str, Person], rules: Rules) -> list[Line]:
    """Read the shifts of a file.

    Raises:
        RotaFileError: what is wrong, cell by cell; nothing is taken then.
    """
    rows = _rows(content)
    head = tuple(_text(value) for value in rows[0][: len(HEAD)]) if rows else ()
    if head != HEAD and (head[:MARK] != UNMARKED or any(head[MARK:])):
        raise RotaFileError([f"第 1 行应为表头：{'、'.join(HEAD)}（请用本页导出的文件作模板）"])
    if len(rows) > MOST_ROWS:
        raise RotaFileError([f"一次最多导入 {MOST_ROWS} 行，请分几个文件"])
    by_number = {person.staff_no: person for person in people.values() if person.active}
    seats = {seat.name: seat.code for seat in rules.seats} | {s.code: s.code for s in rules.seats}
    found, problems = [], []
    for number, row in enumerate(rows[1:], 2):
        values = [*row, *[None] * len(HEAD)][: len(HEAD)]
        if all(_text(value) == "" for value in values):
            continue
        line, wrong = _line(number, values, by_number, seats)
        problems += wrong
        if line is not None:
            found.append(line)
    if problems:
        raise RotaFileError(problems)
    return found


def _rows(content: bytes) -> list[tuple[Any, ...]]:
    try:
        book = load_workbook(BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        return [tuple(row) for row in sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 1)]
    except (InvalidFileException, BadZipFile, KeyError, ValueError, IndexError) as error:
        raise RotaFileError(["打不开：请选择 .xlsx 文件（Excel 或 WPS 另存为 xlsx）"]) from error


def _line(
    number: int,
    values: Sequence[Any],
    by_number: Mapping[str, Person],
    seats: Mapping[str, str],
) -> tuple[Line | None, list[str]]:
    problems: list[str] = []

    def wrong(column: int, words: str) -> None:
        problems.append(f"{cell(column, number)}：{words}")

    person = _person(values, by_number, wrong)
    day = _day(values[2])
    if day is None:
        wrong(2, f"“{_text(values[2])[:20]}”不是日期，请写成 2026-11-24")
    start, end = _minutes(values[4]), _minutes(values[5])
    for column, value in ((4, start), (5, end)):
        if value is None:
            wrong(column, f"“{_text(values[column])[:20]}”不是时刻，请写成 08:30")
    seat = seats.get(_text(values[SEAT])) if _text(values[SEAT]) else ""
    if seat is None:
        wrong(SEAT, f"没有坐席“{_text(values[SEAT])[:20]}”")
    mark = _mark(values[MARK])
    if mark is False:
        wrong(MARK, f"“{_text(values[MARK])[:20]}”不是导出时的编号，新增的班请留空")
    if problems or person is None or day is None or start is None or end is None or seat is None:
        return None, problems
    midnight = datetime.combine(day, time(), CHINA)
    shift = Shift(
        -number,
        person.id,
        midnight + timedelta(minutes=start),
        midnight + timedelta(minutes=end),
        seat,
    )
    try:
        check_times(shift.start, shift.end)
    except ShiftError as error:
        wrong(5 if error.details.get("field") == "to" else 4, error.message)
        return None, problems
    return Line(number, shift, mark or None), []


def _person(
    values: Sequence[Any], by_number: Mapping[str, Person], wrong: Callable[[int, str], None]
) -> Person | None:
    person = by_number.get(_text(values[PERSON]))
    name = _text(values[1])
    if person is None:
        wrong(PERSON, f"没有工号“{_text(values[PERSON])[:20]}”的在册律师")
    elif name and name != _plain(person.name):
        wrong(1, f"工号 {person.staff_no} 是{person.name}，不是“{name[:20]}”")
    return person


def _mark(value: Any) -> tuple[int, int] | Literal[False] | None:
    """Return what :func:`write` marked a row with; false where somebody wrote something else."""
    text = _text(value)
    found = _MARK.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else False if text else None


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _plain(name: str) -> str:
    """Keep a spreadsheet from taking a name for a formula."""
    return f"'{name}" if name[:1] in {"=", "+", "-", "@"} else name


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    found = _DATE.fullmatch(_text(value))
    if found is None:
        return None
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        return None


def _minutes(value: Any) -> int | None:
    if isinstance(value, datetime) and value.year < _FIRST_DAYS:
        value = value - datetime(1899, 12, 30, tzinfo=value.tzinfo)
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return minutes if 0 <= minutes <= 24 * 60 else None
    if isinstance(value, datetime | time):
        return value.hour * 60 + value.minute
    found = _TIME.fullmatch(_text(value))
    if found is None:
        return None
    hour, minute = int(found.group(1)), int(found.group(2))
    return hour * 60 + minute if minute < 60 and hour * 60 + minute <= 24 * 60 else None
