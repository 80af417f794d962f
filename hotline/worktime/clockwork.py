"""Working time and deadlines: hours and a calendar laid on aware moments."""

from __future__ import annotations

import calendar as months_of_year
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from hotline.clock import CHINA
from hotline.worktime.calendar import ONE_DAY, Calendar
from hotline.worktime.hours import ALWAYS, Hours

_FURTHEST = 4_000
"""Days searched for an open hour before giving up: eleven years."""


@dataclass(frozen=True)
class WorkTime:
    """Answers "are we open?" and "until when?". Moments are aware; any zone is understood.

    Deadlines follow 民法典 200–204: the day of the event is not counted, a last day off moves to
    the next working day, and the day ends with business hours where there are any, else at 24:00.
    """

    calendar: Calendar
    hours: Hours = ALWAYS
    zone: tzinfo = CHINA

    def is_open(self, moment: datetime) -> bool:
        """Whether ``moment`` lies in a span."""
        local = moment.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return any(
            span.start <= minute < span.end
            for span in self.hours.spans(local.date(), self.calendar)
        )

    def next_opening(self, moment: datetime) -> datetime | None:
        """Return ``moment`` where it is open, else when it opens; ``None``: not in years."""
        return next((max(start, moment) for start, _ in self._spans_from(moment)), None)

    def working_time(self, start: datetime, end: datetime) -> timedelta:
        """Return how much open time lies between two moments; negative where they are swapped."""
        if end < start:
            return -self.working_time(end, start)
        total = timedelta()
        for opens, closes in self._spans_from(start):
            if opens >= end:
                break
            total += min(closes, end) - max(opens, start)
        return total

    def add_working_time(self, moment: datetime, amount: timedelta) -> datetime:
        """Return the moment at which ``amount`` (not negative) of open time has passed.

        Raises:
            OverflowError: there are no open hours to pass.
        """
        if amount < timedelta():
            raise ValueError(f"working time to add must not be negative: {amount}")
        if not amount:
            return moment
        for opens, closes in self._spans_from(moment):
            begin = max(opens, moment)
            if closes - begin >= amount:
                return (begin + amount).astimezone(moment.tzinfo)
            amount -= closes - begin
        raise OverflowError("there are no open hours to pass")

    def closing(self, day: date) -> datetime:
        """Return when ``day`` ends: with its last span, or at 24:00 (民法典 203)."""
        open_spans = self.hours.spans(day, self.calendar)
        return self._at(day, open_spans[-1].end if open_spans else 1_440)

    def deadline(self, moment: datetime, workdays: int) -> datetime:
        """Return the end of the ``workdays``-th working day after the day of ``moment``."""
        return self.closing(self.calendar.add_workdays(self._day(moment), workdays))

    def deadline_in_days(self, moment: datetime, days: int) -> datetime:
        """Return the end of a period of calendar days (日): a last day off moves on."""
        last = self._day(moment) + timedelta(days=days)
        return self.closing(self.calendar.first_workday(last))

    def deadline_in_months(self, moment: datetime, months: int) -> datetime:
        """Return the end of a period of months: the same day of the month, else its last one."""
        day = self._day(moment)
        year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
        length = months_of_year.monthrange(year, month + 1)[1]
        last = date(year, month + 1, min(day.day, length))
        return self.closing(self.calendar.first_workday(last))

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def _at(self, day: date, minute: int) -> datetime:
        return datetime.combine(day, time(), self.zone) + timedelta(minutes=minute)

    def _spans_from(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the spans that end after ``moment``, in order."""
        day = self._day(moment)
        for _ in range(_FURTHEST):
            for span in self.hours.spans(day, self.calendar):
                closes = self._at(day, span.end)
                if closes > moment:
                    yield self._at(day, span.start), closes
            day += ONE_DAY
