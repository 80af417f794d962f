"""Other ways to look at a service's cases, which its file may switch on (``pages``, ``booking``).

A month's calendar, sums by month, coverage of places with its gaps, free and taken times.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.cases.names import Names, read_names
from agents.cases.reach import listed_services, reach
from agents.pages.acts import actor_of
from agents.tables import OrganisationTable
from hotline.casework import Case, Service
from hotline.casework.fields import FormField
from hotline.clock import CHINA
from hotline.errors import NotFoundError
from hotline.tickets import shipped
from hotline.tickets.birth import SERVICE
from hotline.web.context import CLOCK, DATABASE, viewer_of
from hotline.web.templating import render

HOT_DAYS = 30
HOTTEST = 6
MOST = 5000
"""Cases of one service that a view reads; a county has some hundreds a year."""


@dataclass
class Sum:
    """One line of the totals."""

    words: str
    records: int = 0
    sums: list[Decimal] = field(default_factory=list)


@dataclass(frozen=True)
class Hot:
    """One topic that callers ask about much."""

    topic: str
    name: str
    calls: int
    pieces: int
    """Pieces of this service about it in the same time."""


@dataclass(frozen=True)
class Covered:
    """One place and who covers it; nobody: a gap."""

    code: str
    name: str
    who: tuple[str, ...]
    numbers: tuple[str, ...]


async def month(request: web.Request) -> web.StreamResponse:
    """Show the cases of a service in a month's calendar."""
    service = service_of(request)
    named = service.pages.calendar or (service.booking.at if service.booking else None)
    if named is None:
        raise NotFoundError("这项服务没有日历。")
    first = _month(request)
    async with request.app[DATABASE].read() as session:
        rows = await _rows(request, session, service)
        known = await read_names(session)
        now = request.app[CLOCK].now()
        topics = await hot_topics(session, rows, known, now) if service.pages.hot else []
    lanes = service.field_by_name.get(service.pages.lanes or "")
    lane = request.query.get("lane", "")
    days: dict[date, list[Any]] = {}
    for row in rows:
        text = row.data.get(named)
        if not text or (lane and lanes and lane not in _several(row.data.get(lanes.name))):
            continue
        days.setdefault(date.fromisoformat(str(text)[:10]), []).append(row)
    for day in days.values():
        day.sort(key=lambda row: str(row.data.get(named)))
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    return render(
        request,
        "cases/calendar.html",
        service=service,
        field=service.field_by_name[named],
        weeks=weeks,
        first=first,
        days=days,
        lanes=lanes,
        lane=lane,
        before=_shift(first, -1),
        after=_shift(first, 1),
        today=request.app[CLOCK].now().astimezone(CHINA).date(),
        time_of=lambda row: str(row.data.get(named))[11:16],
        title_of=lambda row: row.title or known.place(row.place) or service.name,
        reckoned=reckoned(rows, service, known, lanes, first) if lanes else [],
        topics=topics,
        states={code: state.name for code, state in service.states.items()},
    )


async def hot_topics(
    session: AsyncSession, rows: Sequence[Case], known: Names, now: datetime
) -> list[Hot]:
    """Return what callers asked most of late, and how much is planned or published about it."""
    rows_asked = await session.execute(
        select(Case.topic, func.count())
        .where(
            Case.service == SERVICE,
            Case.opened_at >= now - timedelta(days=HOT_DAYS),
            Case.topic.in_(list(known.topics)),
        )
        .group_by(Case.topic)
        .order_by(func.count().desc())
        .limit(HOTTEST)
    )
    about: dict[str, int] = {}
    for row in rows:
        if row.topic and row.opened_at >= now - timedelta(days=HOT_DAYS):
            about[row.topic] = about.get(row.topic, 0) + 1
    return [
        Hot(str(topic), known.topics[str(topic)], calls, about.get(str(topic), 0))
        for topic, calls in rows_asked
    ]


def reckoned(
    rows: Sequence[Case], service: Service, known: Names, lanes: FormField, first: date
) -> list[Sum]:
    """Return the month's sums for each lane (reach by channel), where the service sums up."""
    totals = service.pages.totals
    if totals is None:
        return []
    return _sums(rows, service, known, lanes, first)


async def totals(request: web.Request) -> web.StreamResponse:
    """Show a month's sums, by each field that the service's file names."""
    service = service_of(request)
    wanted = service.pages.totals
    if wanted is None:
        raise NotFoundError("这项服务没有统计。")
    first = _month(request)
    async with request.app[DATABASE].read() as session:
        rows = await _rows(request, session, service)
        known = await read_names(session)
    tables = [
        (by.label, _sums(rows, service, known, by, first))
        for name in wanted.by
        if (by := service.field_by_name.get(name)) is not None
    ]
    return render(
        request,
        "cases/totals.html",
        service=service,
        tables=tables,
        labels=[service.field_by_name[name].label for name in wanted.sums],
        counted="、".join(service.states[s].name for s in wanted.states),
        dated=service.field_by_name[wanted.dated].label,
        first=first,
        before=_shift(first, -1),
        after=_shift(first, 1),
    )


def _sums(
    rows: Sequence[Case], service: Service, known: Names, by: FormField, first: date
) -> list[Sum]:
    wanted = service.pages.totals
    if wanted is None:
        return []
    found: dict[str, Sum] = {}
    for row in rows:
        text = str(row.data.get(wanted.dated) or "")
        if row.state not in wanted.states or text[:7] != f"{first:%Y-%m}":
            continue
        value = row.data.get(by.name)
        for one in _several(value) or ("",):
            words = known.words(by, one if value != one else value) or "未填"
            line = found.setdefault(words, Sum(words, sums=[Decimal(0)] * len(wanted.sums)))
            line.records += 1
            for place, name in enumerate(wanted.sums):
                line.sums[place] += Decimal(str(row.data.get(name) or 0))
    return sorted(found.values(), key=lambda line: line.sums, reverse=True)


async def coverage(request: web.Request) -> web.StreamResponse:
    """Show which places have a record of the service and which are gaps."""
    service = service_of(request)
    if service.pages.coverage is None:
        raise NotFoundError("这项服务不统计覆盖情况。")
    async with request.app[DATABASE].read() as session:
        rows = await _rows(request, session, service)
        known = await read_names(session)
        places = list(
            await session.scalars(select(OrganisationTable).order_by(OrganisationTable.id))
        )
    groups = covered(service, rows, places, known)
    all_of = [place for _, members in groups for place in members]
    return render(
        request,
        "cases/coverage.html",
        service=service,
        groups=groups,
        total=len(all_of),
        covered=sum(bool(place.numbers) for place in all_of),
        level="村（社区）" if service.pages.coverage.level == "village" else "乡镇（街道）",
    )


def covered(
    service: Service, rows: Sequence[Case], places: Sequence[OrganisationTable], known: Names
) -> list[tuple[str, list[Covered]]]:
    """Return the places of the wanted level under the place above them, with who covers them."""
    wanted = service.pages.coverage
    if wanted is None:
        return []
    by_place: dict[str, list[Case]] = {}
    for row in rows:
        if row.state in wanted.states and row.place:
            by_place.setdefault(row.place, []).append(row)
    who = service.field_by_name.get(wanted.who or "")
    names = {place.id: place.name for place in places}
    groups: dict[str, list[Covered]] = {}
    for place in places:
        if place.kind != wanted.level:
            continue
        records = by_place.get(place.code, [])
        people = tuple(known.words(who, r.data.get(who.name)) for r in records) if who else ()
        group = groups.setdefault(names.get(place.parent_id or 0, ""), [])
        group.append(Covered(place.code, place.name, people, tuple(r.number for r in records)))
    return list(groups.items())


def service_of(request: web.Request) -> Service:
    """Return the service of the address, where the viewer may see cases of it."""
    services = listed_services(shipped().desk.services, actor_of(viewer_of(request)))
    found = next((s for s in services if s.code == request.match_info["service"]), None)
    if found is None:
        raise NotFoundError("没有这项服务，或者不在您的查看范围内。")
    return found


async def _rows(request: web.Request, session: AsyncSession, service: Service) -> Sequence[Case]:
    seen = await reach(request.app, session, viewer_of(request))
    query = (
        select(Case)
        .where(Case.service == service.code, seen)
        .order_by(Case.opened_at.desc())
        .limit(MOST)
    )
    return (await session.scalars(query)).all()


def _month(request: web.Request) -> date:
    try:
        return date.fromisoformat(request.query.get("month", "") + "-01")
    except ValueError:
        return request.app[CLOCK].now().astimezone(CHINA).date().replace(day=1)


def day_of_query(request: web.Request) -> date:
    """Return the Monday of the week that the address names, or of this one."""
    try:
        found = date.fromisoformat(request.query.get("day", ""))
    except ValueError:
        found = request.app[CLOCK].now().astimezone(CHINA).date()
    return found - timedelta(days=found.weekday())


def _shift(first: date, months: int) -> str:
    number = first.year * 12 + first.month - 1 + months
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _several(value: Any) -> tuple[str, ...]:
    if value in (None, "", []):
        return ()
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)
