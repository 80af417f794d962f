"""Hours of a day (作息): several spans, by weekday, season, holiday or single date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Self

from hotline.worktime.calendar import Calendar, DayKind

MINUTES_A_DAY = 1_440

Spans = tuple["Span", ...]


@dataclass(frozen=True, order=True)
class Span:
    """From ``start`` up to but not with ``end``, in minutes since midnight (0 to 1,440)."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= MINUTES_A_DAY:
            raise ValueError(f"时段 {self} 有误：应从早到晚，不跨零点")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``08:30-12:00``.

        Raises:
            ValueError: it is not of that form; the message is Chinese.
        """
        try:
            start, end = (_minutes(part) for part in text.split("-"))
        except ValueError as error:
            raise ValueError(f"时段应写成 08:30-12:00，现为“{text}”") from error
        if start >= end:
            raise ValueError(f"时段 {text!r} 应从早到晚；跨零点的请写成两段")
        return cls(start, end)

    def __str__(self) -> str:
        return f"{_clock(self.start)}-{_clock(self.end)}"


def _minutes(text: str) -> int:
    hours, minutes = (int(part) for part in text.strip().split(":"))
    total = hours * 60 + minutes
    if not (0 <= minutes < 60 and 0 <= total <= MINUTES_A_DAY):
        raise ValueError(text)
    return total


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def spans(texts: Sequence[str]) -> Spans:
    """Read the spans of one day, in order.

    Raises:
        ValueError: one is wrong, or two overlap.
    """
    parsed = tuple(sorted(map(Span.parse, texts)))
    for earlier, later in pairwise(parsed):
        if later.start < earlier.end:
            raise ValueError(f"时段重叠：{earlier} 与 {later}")
    return parsed


@dataclass(frozen=True)
class Week:
    """What each day of a week is like."""

    workdays: Spans = ()
    """Monday to Friday, and weekend days worked in exchange."""
    weekends: Spans = ()
    holidays: Spans = ()
    weekdays: Mapping[int, Spans] = field(default_factory=dict)
    """Exceptions: 0 (Monday) to 6, where the day is neither a holiday nor made up for."""

    def spans(self, kind: DayKind, weekday: int) -> Spans:
        """Return the spans of a day of that kind."""
        match kind:
            case DayKind.HOLIDAY:
                return self.holidays
            case DayKind.MAKE_UP:
                return self.workdays
            case DayKind.WEEKEND:
                return self.weekdays.get(weekday, self.weekends)
            case DayKind.WORKDAY:
                return self.weekdays.get(weekday, self.workdays)


@dataclass(frozen=True)
class Season:
    """A part of every year with hours of its own (夏令作息); it may pass the new year."""

    start: tuple[int, int]
    """Month and day of its first day."""
    end: tuple[int, int]
    """Month and day of its last day."""
    week: Week

    def holds(self, day: date) -> bool:
        """Whether ``day`` falls in it."""
        at = (day.month, day.day)
        if self.start <= self.end:
            return self.start <= at <= self.end
        return at >= self.start or at <= self.end


@dataclass(frozen=True)
class Hours:
    """When something is open: single dates first, then the first season that holds, then usual."""

    usual: Week = field(default_factory=Week)
    seasons: tuple[Season, ...] = ()
    days: Mapping[date, Spans] = field(default_factory=dict)

    def week(self, day: date) -> Week:
        """Return the week that ``day`` follows."""
        return next((s.week for s in self.seasons if s.holds(day)), self.usual)

    def spans(self, day: date, calendar: Calendar) -> Spans:
        """Return the spans of ``day``."""
        if day in self.days:
            return self.days[day]
        return self.week(day).spans(calendar.kind(day), day.weekday())

    @property
    def never_open(self) -> bool:
        """Whether there is no span at all in an ordinary week."""
        return not any(self.usual.spans(kind, weekday) for kind in DayKind for weekday in range(7))


ALWAYS = Hours(Week(*((Span(0, MINUTES_A_DAY),),) * 3))
"""Round the clock (全天)."""
