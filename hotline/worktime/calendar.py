"""Working days of China: weekends, public holidays (节假日) and make-up days (调休上班)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

ONE_DAY = timedelta(days=1)
_FURTHEST = 20_000
"""Days searched before giving up: a calendar without any working day is a mistake."""

ANNOUNCED_BY = (11, 30)
"""Month and day by which the State Council's notice for the next year was out in recent years
(2024-11-12 for 2025, 2025-11-04 for 2026); later than that a missing one is our omission."""


class DayKind(StrEnum):
    """What a date is for those who work."""

    WORKDAY = "workday"
    """An ordinary Monday to Friday."""
    WEEKEND = "weekend"
    """A Saturday or Sunday off."""
    HOLIDAY = "holiday"
    """Off by the State Council's notice."""
    MAKE_UP = "make_up"
    """A Saturday or Sunday worked in exchange (调休上班)."""


@dataclass(frozen=True)
class Calendar:
    """Which dates are worked. A date of a year that is not ``known`` follows its weekday."""

    holidays: Mapping[date, str] = field(default_factory=dict)
    """Date off → its name (国庆节)."""
    make_up: Mapping[date, str] = field(default_factory=dict)
    """Weekend date worked → the holiday it makes up for."""
    known: frozenset[int] = frozenset()
    """Years of which there is any data."""
    published: frozenset[int] = frozenset()
    """Years whose notice of the State Council is in the data; the others are provisional."""

    def kind(self, day: date) -> DayKind:
        """Tell what ``day`` is."""
        if day in self.holidays:
            return DayKind.HOLIDAY
        if day in self.make_up:
            return DayKind.MAKE_UP
        return DayKind.WEEKEND if day.weekday() >= 5 else DayKind.WORKDAY

    def is_workday(self, day: date) -> bool:
        """Whether ``day`` counts as a working day (工作日)."""
        return self.kind(day) in {DayKind.WORKDAY, DayKind.MAKE_UP}

    def name(self, day: date) -> str:
        """Return what a person calls ``day``: 国庆节, 国庆节调休上班, 周末, 工作日."""
        match self.kind(day):
            case DayKind.HOLIDAY:
                return self.holidays[day]
            case DayKind.MAKE_UP:
                return f"{self.make_up[day]}调休上班"
            case DayKind.WEEKEND:
                return "周末"
            case DayKind.WORKDAY:
                return "工作日"

    def first_workday(self, day: date) -> date:
        """Return ``day`` itself where it is a working day, else the next one after it."""
        return next(self._workdays(day, ONE_DAY))

    def add_workdays(self, day: date, count: int) -> date:
        """Return the ``count``-th working day after ``day`` (before it, where negative).

        ``day`` itself is never counted (民法典 201: 开始的当日不计入). Zero gives the first
        working day from ``day`` on.
        """
        if count == 0:
            return self.first_workday(day)
        step = ONE_DAY if count > 0 else -ONE_DAY
        workdays = self._workdays(day + step, step)
        for _ in range(abs(count) - 1):
            next(workdays)
        return next(workdays)

    def workdays_between(self, start: date, end: date) -> int:
        """Count the working days after ``start`` up to and with ``end``; negative backwards.

        It undoes :meth:`add_workdays`: ``workdays_between(d, add_workdays(d, n)) == n``.
        """
        if end < start:
            return -sum(map(self.is_workday, _days(end, start - ONE_DAY)))
        return sum(map(self.is_workday, _days(start + ONE_DAY, end)))

    def is_provisional(self, start: date, end: date) -> bool:
        """Whether a span touches a year without its notice, so that its days may still change."""
        return any(year not in self.published for year in range(start.year, end.year + 1))

    def gaps(self, today: date) -> list[str]:
        """Return what is missing from the data as of ``today``, in Chinese; empty if nothing."""
        found = []
        if today.year not in self.published:
            found.append(_GAP.format(year=today.year))
        if (today.month, today.day) > ANNOUNCED_BY and today.year + 1 not in self.published:
            found.append(_GAP.format(year=today.year + 1))
        return found

    def _workdays(self, day: date, step: timedelta) -> Iterator[date]:
        for _ in range(_FURTHEST):
            if self.is_workday(day):
                yield day
            day += step
        raise OverflowError(f"no working day near {day}")


_GAP = (
    "{year} 年的放假调休安排还没有录入：请照国务院办公厅的通知填写 calendar/{year}.yaml，"
    "并将 published 改为 true；在此之前节假日只是推定"
)


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += ONE_DAY
