"""The station's page: what lies in the inbox, who waits, how the line is; all stations at a glance.

Made for an old computer: one page, no wide tables, every act a link or a form of one button.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.pages import words
from agents.pages.acts import possible
from agents.pages.tickets import vocabulary
from agents.places.editing import hours_of
from agents.stations import reading
from agents.tables import AgentTable, OrganisationTable
from hotline.casework import Case, Transition
from hotline.casework import card as card_of_case
from hotline.errors import NotFoundError
from hotline.public.stations import WEEKDAYS
from hotline.routing.people import AgentKind
from hotline.tickets.visibility import visible
from hotline.web.context import (
    CLOCK,
    DATABASE,
    on_record,
    organisations_under,
    viewer_of,
)
from hotline.web.permissions import Permission, Role
from hotline.web.reach import reach_of
from hotline.web.templating import flash, is_fragment, render, see_other
from hotline.web.viewer import Viewer

STATION_DESK = Permission("station.desk", "使用站点工作台", frozenset({Role.STATION}))
SEE_STATIONS = Permission("stations.see", "查看各站点", frozenset({Role.SUPERVISOR, Role.BUREAU}))
SET_HOURS = Permission("station.hours", "修改本站服务时间", frozenset({Role.STATION}))
FREQUENT = ("sign", "return_ticket", "ask_extension", "start_work", "close", "answer")
"""Acts that stand in the list; the others are on the ticket."""


async def page(request: web.Request) -> web.StreamResponse:
    """Show the station's desk, or its moving parts alone."""
    app, viewer = request.app, viewer_of(request)
    now = app[CLOCK].now()
    tab = request.query.get("tab", "")
    async with app[DATABASE].read() as session:
        agent, place = await _own(session, viewer)
        if agent is None:
            return render(request, "stations/none.html")
        places = await _places(app, session, viewer, place)
        own = reading.mine(places, agent.id, visible(await reach_of(app, session, viewer)))
        counts = await reading.counts(session, own, now)
        if tab not in reading.TABS:
            tab = "sign" if counts["sign"] else "work"
        cases = await reading.inbox(session, own, tab, now)
        ways = [(c, await _ways(session, c, viewer)) for c in cases]
        queue = await reading.queue(session, places, now)
        line = await reading.line(session, agent.id, now)
    return render(
        request,
        "stations/parts.html" if is_fragment(request) else "stations/station.html",
        agent=agent,
        place=place,
        open_now=reading.open_now(agent, place, now),
        hours=_told(place),
        tabs=[
            (f"/station?tab={name}", label, counts[name], name == tab)
            for name, (label, _) in reading.TABS.items()
        ],
        tab=tab,
        cases=ways,
        most=reading.INBOX_SHOWN,
        queue=queue,
        line=line,
        card_of=lambda case: card_of_case(case, now),
        presence=words.PRESENCE,
        **vocabulary(),
    )


async def everyone(request: web.Request) -> web.StreamResponse:
    """Show all stations: open or not, reachable or not, what lies with them."""
    app, now = request.app, request.app[CLOCK].now()
    async with app[DATABASE].read() as session:
        found = await reading.everyone(session, now)
    return render(
        request,
        "stations/everyone.html",
        stations=found,
        presence=words.PRESENCE,
    )


async def hours_form(request: web.Request) -> web.StreamResponse:
    """Show the form of a place's opening hours."""
    async with request.app[DATABASE].read() as session:
        place = await _settable(request, session)
    given = {day: "，".join(place.hours.get(day, ())) for day in WEEKDAYS}
    return _hours_page(request, place, given, {})


async def set_hours(request: web.Request) -> web.StreamResponse:
    """Keep a place's opening hours; routing follows within a quarter of a minute."""
    app, data = request.app, await request.post()
    given = {day: str(data.get(day, "")).strip()[:80] for day in WEEKDAYS}
    problems: dict[str, str] = {}
    read = hours_of(given, problems)
    async with app[DATABASE].write() as session:
        place = await _settable(request, session)
        if problems:
            return _hours_page(request, place, given, problems)
        before, place.hours = place.hours, read
        on_record(
            request, session, "station.hours", "organisation", place.code, before=before, after=read
        )
    flash(request, f"{place.name}的服务时间已保存，电话派接随后按新时间执行")
    raise see_other("/station")


def _hours_page(
    request: web.Request,
    place: OrganisationTable,
    given: Mapping[str, str],
    problems: Mapping[str, str],
) -> web.Response:
    return render(
        request,
        "stations/hours.html",
        status=422 if problems else 200,
        place=place,
        days=WEEKDAYS,
        given=given,
        problems=problems,
    )


async def _settable(request: web.Request, session: AsyncSession) -> OrganisationTable:
    """Return the place whose hours a station may set: its own and those below it.

    Raises:
        NotFoundError: there is none, or it is not the viewer's.
    """
    viewer, code = viewer_of(request), request.match_info["place"]
    allowed = viewer.organisation is not None and code in await organisations_under(
        request.app, session, viewer.organisation
    )
    place = await session.scalar(select(OrganisationTable).where(OrganisationTable.code == code))
    if place is None or not allowed:
        raise NotFoundError("没有这个站点，或者不归您管理")
    return place


async def _own(
    session: AsyncSession, viewer: Viewer
) -> tuple[AgentTable | None, OrganisationTable | None]:
    agent = await session.get(AgentTable, viewer.agent_id) if viewer.agent_id else None
    if agent is None or agent.kind != AgentKind.STATION:
        return None, None
    return agent, await session.get(OrganisationTable, agent.organisation_id or 0)


async def _places(
    app: web.Application, session: AsyncSession, viewer: Viewer, place: OrganisationTable | None
) -> frozenset[str]:
    code = viewer.organisation or (place.code if place is not None else None)
    return await organisations_under(app, session, code) if code is not None else frozenset()


async def _ways(session: AsyncSession, case: Case, viewer: Viewer) -> Sequence[Transition]:
    known = {way.action: way for way in await possible(session, case, viewer)}
    return [known[name] for name in FREQUENT if name in known]


def _told(place: OrganisationTable | None) -> list[tuple[str, str]]:
    if place is None or not place.hours:
        return []
    return [
        (words_, "，".join(place.hours.get(day, ())) or "不开放")
        for day, words_ in WEEKDAYS.items()
    ]
