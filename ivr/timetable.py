"""Opening hours as a table that a dialplan can look up: year by year, minute by minute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from hotline.worktime import Calendar, DayKind, Spans, Week, WorkTime

MINUTES_A_DAY = 1_440


@dataclass(frozen=True)
class Rule:
    """What Monday (0) to Sunday (6) are like, all year or from one month and day to another."""

    season: tuple[int, int] | None
    """First and last day as month × 100 + day (601, 930); the last may be before the first."""
    week: tuple[int, ...]
    """Positions in :attr:`Timetable.schedules`."""

    def holds(self, month_day: int) -> bool:
        """Whether it holds on that day."""
        if self.season is None:
            return True
        first, last = self.season
        if first <= last:
            return first <= month_day <= last
        return month_day >= first or month_day <= last


@dataclass(frozen=True)
class Timetable:
    """The same answers as :meth:`hotline.worktime.WorkTime.is_open`, without a calendar."""

    schedules: tuple[Spans, ...]
    dates: Mapping[date, int]
    """Dates that differ from their weekday's rule → position of their schedule."""
    names: Mapping[date, str]
    rules: tuple[Rule, ...]
    """The first that holds counts; the last one always holds."""

    @property
    def always_open(self) -> bool:
        """Whether no caller ever meets the night service by the clock."""
        return all(
            sum(span.end - span.start for span in schedule) == MINUTES_A_DAY
            for schedule in self.schedules
        )

    def spans(self, day: date) -> Spans:
        """Look one day up, as the dialplan does."""
        if day in self.dates:
            return self.schedules[self.dates[day]]
        rule = next(r for r in self.rules if r.holds(day.month * 100 + day.day))
        return self.schedules[rule.week[day.weekday()]]

    def is_open(self, local: datetime) -> bool:
        """Look a moment up; ``local`` is in the hotline's own zone."""
        minute = local.hour * 60 + local.minute
        return any(span.start <= minute < span.end for span in self.spans(local.date()))


def tabulate(opening: WorkTime) -> Timetable:
    """Write the calendar and hours out. Dates without data follow their weekday."""
    schedules: dict[Spans, int] = {}

    def position(spans: Spans) -> int:
        return schedules.setdefault(spans, len(schedules))

    def rule(week: Week, season: tuple[int, int] | None) -> Rule:
        kinds = [DayKind.WORKDAY] * 5 + [DayKind.WEEKEND] * 2
        return Rule(season, tuple(position(week.spans(k, day)) for day, k in enumerate(kinds)))

    hours, calendar = opening.hours, opening.calendar
    rules = [
        rule(s.week, (s.start[0] * 100 + s.start[1], s.end[0] * 100 + s.end[1]))
        for s in hours.seasons
    ]
    rules.append(rule(hours.usual, None))
    dates: dict[date, int] = {}
    names: dict[date, str] = {}
    by_rule = Timetable(tuple(schedules), {}, {}, tuple(rules))
    for day in sorted({*calendar.holidays, *calendar.make_up, *hours.days}):
        spans = hours.spans(day, calendar)
        if spans != by_rule.spans(day):
            dates[day] = position(spans)
            names[day] = _name(day, calendar)
    return Timetable(tuple(schedules), dates, names, tuple(rules))


def _name(day: date, calendar: Calendar) -> str:
    name = calendar.name(day)
    return "特别安排" if name in {"工作日", "周末"} else name
