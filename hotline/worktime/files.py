"""``config/calendar``: a file a year, and ``hours.yaml``."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    model_validator,
)

import config
from hotline import configfiles
from hotline.configfiles import ConfigFileError, Document, Problem
from hotline.errors import NotFoundError
from hotline.worktime.calendar import Calendar
from hotline.worktime.clockwork import WorkTime
from hotline.worktime.hours import Hours, Season, Spans, Week, spans

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_YEAR_FILE = re.compile(r"\d{4}\.yaml")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Part):
    """Where the dates were read."""

    title: str = Field(min_length=1)
    issued: date
    url: str = ""


class HolidayEntry(_Part):
    """Days off in a row, both ends included."""

    name: str = Field(min_length=1)
    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not timedelta() <= self.last - self.first <= timedelta(days=20):
            raise ValueError("from 应不晚于 to，且一个假期不超过 20 天")
        return self

    def days(self) -> list[date]:
        """Return each date of it."""
        count = (self.last - self.first).days + 1
        return [self.first + timedelta(days=n) for n in range(count)]


class MakeUpEntry(_Part):
    """A Saturday or Sunday that is worked (调休上班)."""

    name: str = Field(min_length=1)
    day: date = Field(alias="date")

    @model_validator(mode="after")
    def _on_a_weekend(self) -> Self:
        if self.day.weekday() < 5:
            raise ValueError(f"{self.day} 不是周六或周日，不能是调休上班日")
        return self


class YearFile(_Part):
    """One year's notice."""

    year: int = Field(ge=2000, le=2100)
    published: bool
    source: Source
    holidays: tuple[HolidayEntry, ...]
    make_up: tuple[MakeUpEntry, ...] = ()


def _month_and_day(text: object) -> tuple[int, int]:
    """Read ``06-01``. A leap day is allowed."""
    if not isinstance(text, str) or not re.fullmatch(r"\d{1,2}-\d{1,2}", text):
        raise ValueError('应写成月-日，如 "06-01"')
    month, day = map(int, text.split("-"))
    date(2000, month, day)
    return month, day


def _readable(texts: tuple[str, ...]) -> tuple[str, ...]:
    spans(texts)
    return texts


SpanTexts = Annotated[tuple[str, ...], AfterValidator(_readable)]
MonthAndDay = Annotated[tuple[int, int], BeforeValidator(_month_and_day)]


class _WeekEntry(_Part):
    workdays: SpanTexts = ()
    weekends: SpanTexts = ()
    holidays: SpanTexts = ()
    monday: SpanTexts | None = None
    tuesday: SpanTexts | None = None
    wednesday: SpanTexts | None = None
    thursday: SpanTexts | None = None
    friday: SpanTexts | None = None
    saturday: SpanTexts | None = None
    sunday: SpanTexts | None = None

    def week(self) -> Week:
        exceptions: dict[int, Spans] = {}
        for number, name in enumerate(WEEKDAYS):
            texts = getattr(self, name)
            if texts is not None:
                exceptions[number] = spans(texts)
        return Week(spans(self.workdays), spans(self.weekends), spans(self.holidays), exceptions)


class _SeasonEntry(_WeekEntry):
    first: MonthAndDay = Field(alias="from")
    last: MonthAndDay = Field(alias="to")


class _DayEntry(_Part):
    day: date = Field(alias="date")
    name: str = ""
    open: SpanTexts = ()


class HoursEntry(_WeekEntry):
    """One set of hours under its name."""

    seasons: tuple[_SeasonEntry, ...] = ()
    days: tuple[_DayEntry, ...] = ()

    def hours(self) -> Hours:
        """Return them as values."""
        return Hours(
            self.week(),
            tuple(Season(s.first, s.last, s.week()) for s in self.seasons),
            {entry.day: spans(entry.open) for entry in self.days},
        )


class HoursFile(RootModel[dict[str, HoursEntry]]):
    """All sets of hours."""


def load_calendar() -> Calendar:
    """Read every year that we ship or the bureau added.

    Raises:
        ConfigFileError: a file is wrong; each mistake has its line.
    """
    names = {
        file.name
        for folder in {config.SHIPPED / "calendar", config.path("calendar")}
        for file in folder.glob("*.yaml")
        if _YEAR_FILE.fullmatch(file.name)
    }
    holidays: dict[date, str] = {}
    make_up: dict[date, str] = {}
    known, published = set(), set()
    for name in sorted(names):
        document = configfiles.read(config.path(f"calendar/{name}"))
        year = document.parse(YearFile)
        if problems := _year_problems(document, year):
            raise ConfigFileError(problems)
        known.add(year.year)
        if year.published:
            published.add(year.year)
        for holiday in year.holidays:
            holidays |= dict.fromkeys(holiday.days(), holiday.name)
        make_up |= {entry.day: entry.name for entry in year.make_up}
    return Calendar(holidays, make_up, frozenset(known), frozenset(published))


def _year_problems(document: Document, year: YearFile) -> list[Problem]:
    problems = []
    if document.file.stem != str(year.year):
        problems.append(document.problem(("year",), f"文件名应为 {year.year}.yaml"))
    off: set[date] = set()
    for position, holiday in enumerate(year.holidays):
        days = set(holiday.days())
        if both := off & days:
            problems.append(
                document.problem(("holidays", position), f"{min(both)} 在两个假期里都有")
            )
        if all(day.year != year.year for day in days):
            problems.append(
                document.problem(("holidays", position), f"{holiday.name}不在 {year.year} 年")
            )
        off |= days
    for position, entry in enumerate(year.make_up):
        if entry.day in off:
            problems.append(document.problem(("make_up", position), f"{entry.day} 既放假又上班"))
    return problems


def load_hours(name: str) -> Hours:
    """Read the hours called ``name`` from ``calendar/hours.yaml``.

    Raises:
        ConfigFileError: the file is wrong.
        NotFoundError: it has no such hours.
    """
    file = config.path("calendar/hours.yaml")
    entries = configfiles.load(file, HoursFile).root
    if name not in entries:
        raise NotFoundError(f"{file} 里没有名为 {name} 的作息时间（现有：{'、'.join(entries)}）")
    return entries[name].hours()


def load(name: str = "office") -> WorkTime:
    """Return working time by the hours called ``name``: ``office`` counts statutory deadlines.

    Raises:
        ConfigFileError: a file of ``config/calendar`` is wrong.
        NotFoundError: there are no such hours.
    """
    return WorkTime(load_calendar(), load_hours(name))
