from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook

from agents.rota.plan import Person
from agents.rota.rules import Rules, Seat
from agents.rota.workbook import HEAD, RotaFileError, read

PEOPLE = {
    "wang": Person("wang", "王晓梅", "101"),
    "gone": Person("gone", "赵离职", "199", active=False),
}
RULES = Rules(seats=(Seat(code="1", name="1 号席"),))
GOOD = ["101", "王晓梅", "2026-11-24", "周二", "08:30", "12:00", "1 号席"]


def book(*rows: list[Any], head: tuple[str, ...] = HEAD) -> bytes:
    made = Workbook()
    made.active.append(list(head))  # type: ignore[union-attr]
    for row in rows:
        made.active.append(row)  # type: ignore[union-attr]
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def problems(content: bytes) -> tuple[str, ...]:
    with pytest.raises(RotaFileError) as caught:
        read(content, PEOPLE, RULES)
    return caught.value.problems


def test_a_number_a_date_and_a_time_of_the_spreadsheet_are_understood() -> None:
    from datetime import date, time

    (line,) = read(
        book([101, "", date(2026, 11, 24), None, time(8, 30), "24:00", 1]), PEOPLE, RULES
    )
    assert line.shift.agent_id == "wang"
    assert line.shift.seat == "1"
    assert line.shift.length.total_seconds() == 15.5 * 3600


def test_empty_rows_are_passed_over() -> None:
    assert len(read(book([None] * 7, GOOD), PEOPLE, RULES)) == 1


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        (0, "999", "A2（工号）：没有工号“999”的在册律师"),
        (0, "199", "A2（工号）：没有工号“199”的在册律师"),
        (1, "李建国", "B2（姓名）：工号 101 是王晓梅，不是“李建国”"),
        (2, "明天", "C2（日期）：“明天”不是日期，请写成 2026-11-24"),
        (2, "2026-02-30", "C2（日期）：“2026-02-30”不是日期，请写成 2026-11-24"),
        (4, "早上", "E2（开始）：“早上”不是时刻，请写成 08:30"),
        (4, "08:10", "E2（开始）：起止时间以 30 分钟为单位"),
        (5, "25:00", "F2（结束）：“25:00”不是时刻，请写成 08:30"),
        (5, "08:00", "F2（结束）：结束时间应晚于开始时间"),
        (6, "九号席", "G2（坐席）：没有坐席“九号席”"),
    ],
)
def test_a_mistake_is_told_by_its_cell(column: int, value: str, told: str) -> None:
    row: list[Any] = list(GOOD)
    row[column] = value
    assert problems(book(row)) == (told,)


def test_what_is_no_workbook_is_told() -> None:
    assert "打不开" in problems(b"PK\x03\x04 nothing")[0]
    assert "表头" in problems(book(GOOD, head=("a",) * 7))[0]
