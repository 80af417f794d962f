"""The counter's calendar: free and taken times, and the windows that applicants book themselves."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from agents.cases.names import Names, read_names
from agents.cases.views import day_of_query, service_of
from hotline.casework import Service, booking, windows
from hotline.casework.booking import Slot
from hotline.casework.counters import WEEKDAYS, one, tidied
from hotline.casework.definition import Booking, OwnChoice
from hotline.casework.windows import Window
from hotline.clock import CHINA
from hotline.errors import ForbiddenError, InvalidInputError, NotFoundError
from hotline.public.stations import hours_words
from hotline.tickets import shipped
from hotline.web.context import CLOCK, DATABASE, on_record, viewer_of
from hotline.web.permissions import Permission, Role
from hotline.web.reach import reach_of
from hotline.web.templating import flash, render, see_other

OPEN_WINDOWS: Final = Permission(
    "booking.windows",
    "开放网上预约时间",
    frozenset({Role.STATION, Role.SUPERVISOR, Role.BUREAU}),
)
"""A station only for itself and the places below it."""

_SPLIT = re.compile(r"[,，;；、\s]+")
_SIGNS = str.maketrans("：—～–", ":---")


@dataclass(frozen=True)
class Shown:
    """One time of the calendar. ``online``: applicants may take it themselves."""

    slot: Slot
    online: bool


@dataclass(frozen=True)
class Opened:
    """One window as the page lists it."""

    place: str
    name: str
    hours: Sequence[tuple[str, str]]
    capacity: int


async def slots(request: web.Request) -> web.StreamResponse:
    """Show the free and the taken times of somebody's calendar in a week."""
    return await _page(request)


async def change_window(request: web.Request) -> web.StreamResponse:
    """Open a window at a place, change its hours, or close it."""
    app, viewer, service = request.app, viewer_of(request), service_of(request)
    own = _own(_booked(service))
    posted = await request.post()
    place, closing = str(posted.get("place", "")), posted.get("close") == "1"
    days = [str(day) for day in posted.getall("days", [])]
    text = str(posted.get("hours", ""))[:200]
    capacity = str(posted.get("capacity") or "1")[:4]
    parts = [part for part in _SPLIT.split(tidied(text).translate(_SIGNS)) if part]
    async with app[DATABASE].read() as session:
        mine = await _places(request, session, await read_names(session))
    if place not in mine:
        raise ForbiddenError("只能开放本单位和下级站点的预约时间。")
    try:
        async with app[DATABASE].write() as session:
            if closing:
                await windows.close_window(session, service, place)
            else:
                hours: dict[str, Sequence[str]] = {d: parts for d in WEEKDAYS if d in days}
                window = Window(place, hours, int(capacity) if capacity.isdecimal() else 0)
                now = app[CLOCK].now()
                await windows.open_window(session, service, window, by=viewer.account, now=now)
            on_record(
                request,
                session,
                "booking.close" if closing else "booking.open",
                "service",
                service.code,
                place=place,
            )
    except InvalidInputError as error:
        typed = {"place": place, "days": days, "hours": text, "capacity": capacity}
        return await _page(request, typed=typed, problem=error.message)
    flash(request, "已停止网上预约，已约好的不变" if closing else "已开放网上预约")
    raise see_other(f"/cases/slots/{service.code}?whose={own.of}:{place}")


async def _page(
    request: web.Request, *, typed: Mapping[str, Any] | None = None, problem: str = ""
) -> web.Response:
    viewer, service, start = viewer_of(request), service_of(request), day_of_query(request)
    wanted = _booked(service)
    own = wanted.applicants
    earliest = request.app[CLOCK].now()
    if own is not None:
        earliest += timedelta(hours=own.notice_hours)
    async with request.app[DATABASE].read() as session:
        known = await read_names(session)
        opened = {w.place: w for w in await windows.windows(session, service)}
        choices = [
            (f"{name}:{code}", words)
            for name in wanted.of
            for code, words in known.of(name).items()
        ]
        first = [f"{own.of}:{place}" for place in opened] if own is not None else []
        whose = request.query.get("whose", "")
        if whose not in dict(choices):
            whose = next((w for w in (*first, *dict(choices))), "")
        field, _, place = whose.partition(":")
        calendar = booking.calendar(service, field, place)
        window = opened.get(place) if own is not None and field == own.of else None
        days = [
            (on, await _day(session, wanted, calendar, on, window=window, earliest=earliest))
            for on in (start + timedelta(days=n) for n in range(7))
        ]
        mine = await _places(request, session, known)
    may_open = own is not None and viewer.may(OPEN_WINDOWS)
    return render(
        request,
        "cases/slots.html",
        status=422 if problem else 200,
        service=service,
        choices=choices,
        whose=whose,
        name=dict(choices).get(whose, ""),
        days=[(on, found) for on, found in days if found],
        start=start,
        before=start - timedelta(days=7),
        after=start + timedelta(days=7),
        own=own,
        opened=[
            Opened(w.place, known.place(w.place), hours_words(w.hours), w.capacity)
            for w in opened.values()
        ],
        may_open=may_open,
        places=list(mine.items()),
        typed=typed or _typed(window, place if field != "assignee_id" else ""),
        problem=problem,
    )


async def _day(
    session: AsyncSession,
    wanted: Booking,
    whose: str,
    on: date,
    *,
    window: Window | None,
    earliest: datetime,
) -> list[Shown]:
    """Return a day's times: those of the window, and the office's own beside them."""
    worktime = shipped().desk.worktime
    begin = datetime.combine(on, time(), CHINA)
    marks = await booking.taken(session, whose, begin, begin + timedelta(days=1))
    counters = window.counters if window is not None else one
    spans = window.spans(on, worktime) if window is not None else ()
    online = booking.slots(wanted, on, spans, marks, counters)
    busy = {q for slot in online for q in booking.quarters(slot.at, wanted.minutes)}
    hours = worktime.hours.spans(on, worktime.calendar)
    others = [
        slot
        for slot in booking.slots(wanted, on, hours, marks, counters)
        if busy.isdisjoint(booking.quarters(slot.at, wanted.minutes))
    ]
    # What has come too near is offered to nobody any more.
    found = [Shown(slot, online=slot.at >= earliest) for slot in online]
    found += [Shown(slot, online=False) for slot in others]
    return sorted(found, key=lambda shown: shown.slot.at)


async def _places(request: web.Request, session: AsyncSession, known: Names) -> dict[str, str]:
    """Return the places whose windows the viewer may open."""
    reach = await reach_of(request.app, session, viewer_of(request))
    under = reach.organisations
    return {c: n for c, n in known.places.items() if under is None or c in under}


def _booked(service: Service) -> Booking:
    if service.booking is None:
        raise NotFoundError("这项服务不用预约。")
    return service.booking


def _own(wanted: Booking) -> OwnChoice:
    if wanted.applicants is None:
        raise NotFoundError("这项服务的时间由工作人员安排。")
    return wanted.applicants


def _typed(window: Window | None, place: str) -> dict[str, Any]:
    """Return the form as it stands: the window's own days and hours."""
    if window is None:
        return {"place": place, "days": list(WEEKDAYS[:5]), "hours": "", "capacity": 1}
    days = [day for day in WEEKDAYS if window.hours.get(day)]
    hours = "，".join(window.hours[days[0]])
    return {"place": window.place, "days": days, "hours": hours, "capacity": window.capacity}


async def names_of(_: AsyncSession, codes: Sequence[str]) -> dict[str, str]:
    """Return what services are called, for the audit of their windows."""
    services = shipped().desk.services.by_code
    return {code: services[code].name for code in codes if code in services}
