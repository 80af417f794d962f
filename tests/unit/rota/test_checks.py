from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agents.rota.checks import conflicts
from agents.rota.plan import Leave, Person, Shift, Week, spoken
from agents.rota.rules import Rules, load

MONDAY = Week.of(datetime(2026, 11, 24, tzinfo=UTC)).start
WANG = Person("wang", "王晓梅", "101", {"wages": 3})


def shift(number: int, begins: float, ends: float, seat: str = "", agent: str = "wang") -> Shift:
    return Shift(
        number, agent, MONDAY + timedelta(hours=begins), MONDAY + timedelta(hours=ends), seat
    )


def kinds(*shifts: Shift, **more: object) -> list[str]:
    return [one.kind for one in conflicts(shifts, {"wang": WANG}, load(), **more)]  # type: ignore[arg-type]


def test_an_ordinary_day_is_without_conflict() -> None:
    assert kinds(shift(1, 8.5, 12, "3"), shift(2, 14, 17.5, "3")) == []


@pytest.mark.parametrize(
    ("shifts", "kind"),
    [
        ([shift(1, 8, 12), shift(2, 11, 13)], "person"),
        ([shift(1, 8, 12.5)], "stretch"),
        ([shift(1, 8, 10), shift(2, 10, 13)], "stretch"),
        ([shift(1, 8, 11), shift(2, 12, 15), shift(3, 16, 19)], "day"),
        ([shift(1, 20, 23), shift(2, 32, 34)], "rest"),
        ([shift(1, 8, 10, "4")], "topic"),
        ([shift(1, 8, 10, "5")], "language"),
    ],
)
def test_what_is_wrong_is_named(shifts: list[Shift], kind: str) -> None:
    assert kind in kinds(*shifts)


def test_too_many_hours_a_week() -> None:
    week = [
        shift(n * 2 + half, n * 24 + 8 + half * 5, n * 24 + 12 + half * 5)
        for n in range(6)
        for half in (0, 1)
    ]
    assert "week" in kinds(*week)


def test_who_is_on_leave_cannot_be_on_duty() -> None:
    away = Leave("wang", MONDAY, MONDAY + timedelta(days=1))
    (found,) = conflicts([shift(1, 9, 11)], {"wang": WANG}, load(), [away])
    assert found.bad
    assert "王晓梅已请假" in found.words
    assert "11月23日（周一）09:00–11:00" in found.words


def test_who_left_the_house_is_told() -> None:
    (found,) = conflicts([shift(1, 9, 11)], {}, Rules())
    assert (found.kind, found.bad) == ("inactive", True)


def test_the_end_of_a_day_is_called_so() -> None:
    midnight = MONDAY + timedelta(days=1)
    assert spoken(midnight - timedelta(hours=3), midnight).endswith("21:00–24:00")
