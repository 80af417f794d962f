"""The rota as a workbook (xlsx), out and in. What is refused is told by cell, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from agents.rota.plan import WEEKDAYS, Person, Shift
from agents.rota.planning import ShiftError, check_times
from agents.rota.rules import Rules
from hotline.clock import CHINA
from hotline.errors import InvalidInputError

HEAD = ("工号", "姓名", "日期", "星期", "开始", "结束", "坐席")
MOST_ROWS = 5000
_HEAD = Font(bold=True, color="FFFFFF")
_GROUND = PatternFill("solid", fgColor="1D5BB8")
_TIME = re.compile(r"(\d{1,2})[:：](\d{2})(?::00)?")
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


def write(shifts: Sequence[Shift], people: Mapping[str, Person], rules: Rules) -> bytes:
    """Return the shifts as a workbook that :func:`read` takes back."""
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook begins with a worksheet")
    sheet.title = "排班"
    sheet.append(list(HEAD))
    for cell in sheet[1]:
        cell.font, cell.fill = _HEAD, _GROUND
        cell.alignment = Alignment(horizontal="center")
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
            ]
        )
    for column, width in zip("ABCDEFG", (10, 16, 14, 8, 9, 9, 20), strict=True):
        sheet.column_dimensions[column].width = width
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
    head = [_text(value) for value in rows[0][: len(HEAD)]] if rows else []
    if head != list(HEAD):
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
        shift, wrong = _line(number, values, by_number, seats)
        problems += wrong
        if shift is not None:
            found.append(Line(number, shift))
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
) -> tuple[Shift | None, list[str]]:
    problems: list[str] = []

    def wrong(column: int, words: str) -> None:
        problems.append(f"{'ABCDEFG'[column]}{number}（{HEAD[column]}）：{words}")

    person = by_number.get(_text(values[0]))
    name = _text(values[1])
    if person is None:
        wrong(0, f"没有工号“{_text(values[0])[:20]}”的在册律师")
    elif name and name != _plain(person.name):
        wrong(1, f"工号 {person.staff_no} 是{person.name}，不是“{name[:20]}”")
    day = _day(values[2])
    if day is None:
        wrong(2, f"“{_text(values[2])[:20]}”不是日期，请写成 2026-11-24")
    start, end = _minutes(values[4]), _minutes(values[5])
    for column, value in ((4, start), (5, end)):
        if value is None:
            wrong(column, f"“{_text(values[column])[:20]}”不是时刻，请写成 08:30")
    seat = seats.get(_text(values[6])) if _text(values[6]) else ""
    if seat is None:
        wrong(6, f"没有坐席“{_text(values[6])[:20]}”")
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
    return shift, []


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
    if isinstance(value, datetime | time):
        return value.hour * 60 + value.minute
    found = _TIME.fullmatch(_text(value))
    if found is None:
        return None
    hour, minute = int(found.group(1)), int(found.group(2))
    return hour * 60 + minute if minute < 60 and hour * 60 + minute <= 24 * 60 else None
