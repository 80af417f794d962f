"""The rota as values: shifts, people, leave, and the week in China's time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from hotline.clock import CHINA

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


@dataclass(frozen=True)
class Shift:
    """One person at one seat; aware times."""

    id: int
    agent_id: str
    start: datetime
    end: datetime
    seat: str = ""

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """Whether some moment lies in both."""
        return self.start < end and start < self.end


@dataclass(frozen=True)
class Person:
    """A lawyer whom the rota may name."""

    id: str
    name: str
    staff_no: str = ""
    skills: Mapping[str, int] = field(default_factory=dict)
    languages: frozenset[str] = frozenset({"zh"})
    active: bool = True


@dataclass(frozen=True)
class Leave:
    """An approved absence."""

    agent_id: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Week:
    """Monday to Sunday."""

    monday: date

    @classmethod
    def of(cls, moment: datetime | date) -> Week:
        """Return the week in which a moment lies, in China."""
        day = moment.astimezone(CHINA).date() if isinstance(moment, datetime) else moment
        return cls(day - timedelta(days=day.weekday()))

    @property
    def start(self) -> datetime:
        """Its first moment."""
        return datetime.combine(self.monday, time(), CHINA)

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return self.start + timedelta(days=7)

    @property
    def days(self) -> tuple[date, ...]:
        """Its seven days."""
        return tuple(self.monday + timedelta(days=n) for n in range(7))

    def shifted(self, weeks: int) -> Week:
        """Return an earlier or later week."""
        return Week(self.monday + timedelta(weeks=weeks))


def spoken(start: datetime, end: datetime) -> str:
    """Return ``11月24日（周二）08:30–12:00`` in China's time."""
    here, there = start.astimezone(CHINA), end.astimezone(CHINA)
    day = f"{here.month}月{here.day}日（{WEEKDAYS[here.weekday()]}）"
    # The end of a day is called 24:00 where it begins, not 00:00 of the next.
    if there.time() == time() and there.date() == here.date() + timedelta(days=1):
        return f"{day}{here:%H:%M}–24:00"
    if there.date() != here.date():
        if there.time() == time():
            last = there - timedelta(days=1)
            return f"{day}{here:%H:%M} 至 {last.month}月{last.day}日24:00"
        return f"{day}{here:%H:%M} 至 {there.month}月{there.day}日{there:%H:%M}"
    return f"{day}{here:%H:%M}–{there:%H:%M}"


def hours(length: timedelta | float) -> str:
    """Return ``3.5 小时``; whole hours without a point."""
    number = length.total_seconds() / 3600 if isinstance(length, timedelta) else length
    return f"{number:.1f}".removesuffix(".0") + " 小时"
