"""The list of cases: worklists, filters in the address, pages by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from aiohttp import web
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from agents.cases.names import Names, read_names
from agents.cases.notices import unread
from agents.cases.reach import listed_services, reach
from agents.pages.acts import actor_of
from agents.pages.address import ListAddress, one
from agents.persons.pages import SEE_PERSONS
from hotline.casework import Case, CaseFilter, Order, Service, card, count, engine, find
from hotline.casework.queries import COUNTED_TO, Card
from hotline.tickets import shipped
from hotline.web.context import CLOCK, DATABASE, viewer_of
from hotline.web.templating import render
from hotline.web.viewer import Viewer

ROWS = 30

CARDS = {
    Card.YELLOW: ("黄牌：即将到期", "warn"),
    Card.DUE: ("已到期", "bad"),
    Card.RED: ("红牌：严重超期", "bad"),
}

TABS = {
    "open": "未办结",
    "mine": "我的",
    "ours": "本单位",
    "yellow": "黄牌",
    "due": "已超期",
    "red": "红牌",
    "all": "全部",
}
_COUNTED = frozenset({"open", "mine", "ours", "yellow", "due", "red"})


@dataclass(frozen=True)
class Asked(ListAddress):
    """What the list's address asks for."""

    path: ClassVar[str] = "/cases"
    tabs: ClassVar[Mapping[str, str]] = TABS

    tab: str = "open"
    service: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether anything but the worklist and the service is asked for."""
        return bool(self.text or self.state or self.place or self.assignee)


@dataclass(frozen=True)
class Line:
    """One case as the list shows it."""

    case: Case
    service: Service
    state: str
    over: bool
    more: tuple[str, ...]
    """The values of the columns that the service's file names."""


def asked(query: Mapping[str, str], services: Sequence[Service]) -> Asked:
    """Read the address; what it asks wrongly is not asked."""
    wanted = Asked.read(query)
    service = next((s for s in services if s.code == wanted.service), None)
    return replace(
        wanted,
        service=service.code if service else "",
        state=wanted.state if service and wanted.state in service.states else "",
    )


def filter_of(wanted: Asked, services: Sequence[Service], viewer: Viewer) -> CaseFilter:
    """Turn the address into the list's filter."""
    chosen = CaseFilter(
        services=[wanted.service] if wanted.service else [s.code for s in services],
        states=one(wanted.state),
        places=one(wanted.place),
        assignees=one(wanted.assignee),
        text=wanted.text,
    )
    return _tab(chosen, wanted.tab, viewer)


def _tab(chosen: CaseFilter, tab: str, viewer: Viewer) -> CaseFilter:
    if tab == "open":
        return replace(chosen, open_only=True)
    if tab == "mine":
        return replace(chosen, open_only=True, assignees=(viewer.agent_id or viewer.account,))
    if tab == "ours":
        return replace(chosen, open_only=True, organisations=(viewer.organisation or "",))
    if tab in {"yellow", "due", "red"}:
        return replace(chosen, open_only=True, card=Card(tab))
    return chosen


async def page(request: web.Request) -> web.StreamResponse:
    """Show one page of the list."""
    app, viewer, now = request.app, viewer_of(request), request.app[CLOCK].now()
    actor, desk = actor_of(viewer), shipped().desk
    services = listed_services(desk.services, actor)
    wanted = asked(request.query, services)
    async with app[DATABASE].read() as session:
        seen = await reach(app, session, viewer)
        found = await find(
            session,
            filter_of(wanted, services, viewer),
            now=now,
            order=Order(wanted.order),
            after=request.query.get("after") or None,
            limit=ROWS,
            visible=seen,
        )
        known = await read_names(session)
        chosen = next((s for s in services if s.code == wanted.service), None)
        lines = [await _line(session, case, chosen, known) for case in found.cases]
        tabs = await _tabs(session, wanted, services, viewer, now=now, seen=seen)
        fresh = await unread(session, viewer)
    return render(
        request,
        "cases/list.html",
        wanted=wanted,
        tabs=tabs,
        lines=lines,
        chosen=chosen,
        columns=_columns(chosen),
        groups=grouped(services),
        fresh=fresh,
        may_persons=viewer.may(SEE_PERSONS),
        names=known,
        may_open=chosen is not None and engine.may_act(chosen.opened_by, None, actor),
        next_page=wanted.query(after=found.after) if found.after else "",
        first_page=wanted.query() if request.query.get("after") else "",
        cards=CARDS,
        card_of=lambda case: card(case, now),
        stale=[s.name for s in services if s.code in desk.services.stale],
    )


async def _line(session: AsyncSession, case: Case, chosen: Service | None, known: Names) -> Line:
    service = await shipped().desk.definition(session, case)
    state = service.states.get(case.state)
    more = tuple(
        known.masked(field, case.data.get(field.name))
        for field in (_columns(chosen) if chosen else ())
    )
    return Line(
        case, service, state.name if state else case.state, case.closed_at is not None, more
    )


def _columns(service: Service | None) -> list[Any]:
    if service is None:
        return []
    named = (service.field_by_name.get(name) for name in service.pages.columns)
    return [field for field in named if field is not None]


async def _tabs(
    session: AsyncSession,
    wanted: Asked,
    services: Sequence[Service],
    viewer: Viewer,
    *,
    now: datetime,
    seen: ColumnElement[bool],
) -> list[tuple[str, str, int | None, bool]]:
    found = []
    codes = [wanted.service] if wanted.service else [s.code for s in services]
    for tab, name in TABS.items():
        if tab == "ours" and viewer.organisation is None:
            continue
        counted = None
        if tab in _COUNTED:
            chosen = _tab(CaseFilter(services=codes), tab, viewer)
            counted = min(await count(session, chosen, now=now, visible=seen), COUNTED_TO)
        address = Asked(service=wanted.service, tab=tab).query()
        found.append((address, name, counted, tab == wanted.tab))
    return found


def grouped(services: Sequence[Service]) -> list[tuple[str, list[Service]]]:
    """Return the services under the headings that their files name."""
    found: dict[str, list[Service]] = {}
    for service in sorted(services, key=lambda s: s.digits):
        found.setdefault(service.pages.group or "其他服务", []).append(service)
    return list(found.items())
