"""Places of the bureau as the public sees them, given by whoever keeps the tree."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import CHINA
from hotline.worktime import Hours, Span, WorkTime

WEEKDAYS: Mapping[str, str] = {
    "mon": "周一",
    "tue": "周二",
    "wed": "周三",
    "thu": "周四",
    "fri": "周五",
    "sat": "周六",
    "sun": "周日",
}


@dataclass(frozen=True)
class Station:
    """One place: district centre, township station or village room."""

    code: str
    parent: str | None
    kind: str
    """``district``, ``township`` or ``village``."""
    name: str
    phone: str = ""
    hours: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Weekday (``mon`` …) to spans (``09:00-12:00``); empty: the bureau's office hours."""


StationsReader = Callable[[AsyncSession], Awaitable[Sequence[Station]]]
"""Reads all places, those above before those below."""


async def no_stations(session: AsyncSession) -> Sequence[Station]:
    """Return nothing: an installation that keeps no places."""
    del session
    return ()


@dataclass(frozen=True)
class Branch:
    """A place with those below it."""

    station: Station
    below: tuple[Branch, ...] = ()


def tree(stations: Sequence[Station]) -> tuple[Branch, ...]:
    """Return the places as a tree; one whose parent is unknown stands at the top."""
    codes = {station.code for station in stations}
    below: dict[str | None, list[Station]] = {}
    for station in stations:
        below.setdefault(station.parent if station.parent in codes else None, []).append(station)

    def branch(station: Station) -> Branch:
        return Branch(station, tuple(branch(child) for child in below.get(station.code, ())))

    return tuple(branch(station) for station in below.get(None, ()))


def is_open(station: Station, office: WorkTime, now: datetime) -> bool:
    """Whether somebody is there now; a place without hours of its own keeps the bureau's."""
    if not station.hours:
        return office.is_open(now)
    local = now.astimezone(CHINA)
    if not office.calendar.is_workday(local.date()) and local.weekday() < 5:
        return False  # a public holiday closes what is open on that weekday
    minute = local.hour * 60 + local.minute
    today = station.hours.get(list(WEEKDAYS)[local.weekday()], ())
    return any(span.start <= minute < span.end for span in map(Span.parse, today))


def hours_words(hours: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Return (days, times) in words, days with the same times drawn together: 周一至周五."""
    groups: list[tuple[list[str], str]] = []
    for day, name in WEEKDAYS.items():
        times = "、".join(hours.get(day, ())) or "休息"
        if groups and groups[-1][1] == times:
            groups[-1][0].append(name)
        else:
            groups.append(([name], times))
    return [
        (days[0] if len(days) == 1 else f"{days[0]}至{days[-1]}", times)
        for days, times in groups
        if times != "休息" or len(groups) == 1
    ]


def office_words(office: Hours) -> list[tuple[str, str]]:
    """Return the bureau's usual hours in words."""
    week = office.usual
    pairs = (("工作日", week.workdays), ("周末", week.weekends), ("节假日", week.holidays))
    return [(name, "、".join(map(str, spans))) for name, spans in pairs if spans]
