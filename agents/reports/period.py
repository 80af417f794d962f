"""The period that a report is about, in China's days."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from hotline.clock import CHINA
from hotline.errors import InvalidInputError


class Kind(StrEnum):
    """How long a report looks back."""

    DAY = "daily"
    WEEK = "weekly"
    MONTH = "monthly"
    YEAR = "yearly"

    @property
    def words(self) -> str:
        """The report's name."""
        return _WORDS[self]


_WORDS = {Kind.DAY: "日报", Kind.WEEK: "周报", Kind.MONTH: "月报", Kind.YEAR: "年报"}


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both included."""

    kind: Kind
    first: date
    last: date

    @property
    def since(self) -> datetime:
        """The beginning of the first day."""
        return datetime.combine(self.first, time(), CHINA)

    @property
    def until(self) -> datetime:
        """The end of the last day, not included."""
        return datetime.combine(self.last + timedelta(days=1), time(), CHINA)

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def words(self) -> str:
        """``2026年11月``, ``2026年第48周（11月23日至29日）``, ``2026年11月24日``."""
        if self.kind is Kind.YEAR:
            return f"{self.first.year}年"
        if self.kind is Kind.MONTH:
            return f"{self.first.year}年{self.first.month}月"
        if self.kind is Kind.WEEK:
            year, week, _ = self.first.isocalendar()
            last = f"{self.last.day}日"
            if self.last.month != self.first.month:
                last = f"{self.last.month}月{last}"
            return f"{year}年第{week}周（{self.first.month}月{self.first.day}日至{last}）"
        return f"{self.first.year}年{self.first.month}月{self.first.day}日"

    @property
    def mark(self) -> str:
        """For addresses and file names: the first day."""
        return self.first.isoformat()

    def before(self) -> Period:
        """Return the period of the same kind that came before."""
        return period_of(self.kind, self.first - timedelta(days=1))

    def after(self) -> Period:
        """Return the period of the same kind that comes next."""
        return period_of(self.kind, self.last + timedelta(days=1))


def period_of(kind: Kind, day: date) -> Period:
    """Return the period of that kind in which ``day`` lies; weeks begin on Monday (GB/T 7408)."""
    if kind is Kind.DAY:
        return Period(kind, day, day)
    if kind is Kind.WEEK:
        monday = day - timedelta(days=day.weekday())
        return Period(kind, monday, monday + timedelta(days=6))
    if kind is Kind.MONTH:
        return Period(kind, day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))
    return Period(kind, date(day.year, 1, 1), date(day.year, 12, 31))


def last_whole(kind: Kind, now: datetime) -> Period:
    """Return the newest period of that kind that is over."""
    return period_of(kind, now.astimezone(CHINA).date()).before()


def read_day(text: str) -> date:
    """Read a day as people write it: ``2026-11-24``, ``2026-11``.

    Raises:
        InvalidInputError: it is no day.
    """
    try:
        return date.fromisoformat(text if len(text) > len("2026-11") else f"{text}-01")
    except ValueError as error:
        raise InvalidInputError(f"“{text[:20]}”不是日期，请写成 2026-11-24 或 2026-11") from error
