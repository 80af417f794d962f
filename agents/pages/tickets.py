"""The list of tickets (工单): filters in the address, pages by key, moved through by keyboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from aiohttp import web
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.pages import words
from agents.pages.address import ListAddress, one
from agents.tables import AgentTable, OrganisationTable
from hotline.casework import Case, CaseFilter, Order, card, count, find
from hotline.casework.queries import COUNTED_TO, Card
from hotline.clock import CHINA
from hotline.store import Outbox
from hotline.tickets import shipped
from hotline.tickets.visibility import visible
from hotline.web.context import CLOCK, DATABASE, veiled, viewer_of
from hotline.web.permissions import SEE_TICKETS, Permission, Role
from hotline.web.reach import reach_of
from hotline.web.section import EventRule
from hotline.web.templating import render
from hotline.web.viewer import Viewer

ROWS = 30

EXPORT = Permission("tickets.export", "导出工单", frozenset({Role.SUPERVISOR, Role.BUREAU}))
ACT_ON_MANY = frozenset({Role.STATION, Role.SUPERVISOR, Role.BUREAU})
"""Who has lists to work off; a lawyer acts on the ticket of the call."""

CARDS = {
    Card.YELLOW: ("即将到期", "warn"),
    Card.DUE: ("已到期", "bad"),
    Card.RED: ("严重超期", "bad"),
}


@dataclass(frozen=True)
class Names:
    """Names of people and places, for codes in lists."""

    people: Mapping[str, str]
    places: Mapping[str, str]

    def person(self, code: str | None) -> str:
        """Return who that is; an unknown code names itself."""
        return self.people.get(code, code) if code else ""

    def place(self, code: str | None) -> str:
        """Return where that is; an unknown code names itself."""
        return self.places.get(code, code) if code else ""


async def names(session: AsyncSession) -> Names:
    """Read the names of all people and places."""
    people = await session.execute(select(AgentTable.id, AgentTable.name))
    places = await session.execute(select(OrganisationTable.code, OrganisationTable.name))
    return Names({row[0]: row[1] for row in people}, {row[0]: row[1] for row in places})


TABS = {"all": "全部", "open": "未办结", "mine": "我的", "due": "将到期与超期", "unhappy": "不满意"}


@dataclass(frozen=True)
class Asked(ListAddress):
    """What the list's address asks for."""

    path: ClassVar[str] = "/tickets"
    tabs: ClassVar[Mapping[str, str]] = TABS

    tab: str = "all"
    topic: str = ""
    satisfaction: str = ""
    since: str = ""
    until: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether anything but the tab is asked for."""
        return self != Asked(tab=self.tab, order=self.order)


def asked(query: Mapping[str, str]) -> Asked:
    """Read the address."""
    wanted = Asked.read(query)
    return replace(
        wanted,
        satisfaction=wanted.satisfaction if wanted.satisfaction in {"1", "2", "3"} else "",
        since=wanted.since if _day(wanted.since) else "",
        until=wanted.until if _day(wanted.until) else "",
    )


def filter_of(wanted: Asked, viewer: Viewer) -> CaseFilter:
    """Turn the address into the list's filter."""
    until = _day(wanted.until)
    chosen = CaseFilter(
        states=one(wanted.state),
        topics=one(wanted.topic),
        places=one(wanted.place),
        assignees=one(wanted.assignee),
        satisfaction=int(wanted.satisfaction) if wanted.satisfaction else None,
        opened_from=_day(wanted.since),
        opened_until=until + timedelta(days=1) if until else None,
        text=wanted.text,
    )
    return _tab(chosen, wanted.tab, viewer)


def _tab(chosen: CaseFilter, tab: str, viewer: Viewer) -> CaseFilter:
    if tab == "open":
        return replace(chosen, open_only=True)
    if tab == "mine":
        return replace(chosen, assignees=(viewer.agent_id or viewer.account,))
    if tab == "due":
        return replace(chosen, card=Card.YELLOW, open_only=True)
    if tab == "unhappy":
        return replace(chosen, satisfaction=3)
    return chosen


async def page(request: web.Request) -> web.StreamResponse:
    """Show one page of the list."""
    app, viewer, wanted = request.app, viewer_of(request), asked(request.query)
    now = app[CLOCK].now()
    async with app[DATABASE].read() as session:
        seen = visible(await reach_of(app, session, viewer))
        found = await find(
            session,
            filter_of(wanted, viewer),
            now=now,
            order=Order(wanted.order),
            after=request.query.get("after") or None,
            limit=ROWS,
            visible=seen,
        )
        hidden = await scores_hidden(app, session, viewer, found.cases)
        known = await names(session)
        tabs = await _tabs(session, wanted, viewer, now, seen)
    return render(
        request,
        "agents/tickets.html",
        wanted=wanted,
        tabs=tabs,
        cases=found.cases,
        scores_hidden=hidden,
        next_page=wanted.query(after=found.after) if found.after else "",
        may_batch=bool(viewer.roles & ACT_ON_MANY),
        may_export=viewer.may(EXPORT),
        export=wanted.query().replace("/tickets", "/tickets/export.xlsx", 1),
        first_page=wanted.query() if request.query.get("after") else "",
        names=known,
        **vocabulary(),
        card_of=lambda case: card(case, now),
    )


async def scores_hidden(
    app: web.Application, session: AsyncSession, viewer: Viewer, cases: Sequence[Case]
) -> frozenset[str | None]:
    """Return the calls whose score the viewer may not see: they are to be graded blindly."""
    return await veiled(app, session, viewer, [one.call_id for one in cases if one.call_id])


async def _tabs(
    session: AsyncSession,
    wanted: Asked,
    viewer: Viewer,
    now: datetime,
    seen: ColumnElement[bool],
) -> list[tuple[str, str, int | None, bool]]:
    found = []
    for tab, name in TABS.items():
        counted = None
        if tab in {"open", "due"}:
            counted = await count(session, _tab(CaseFilter(), tab, viewer), now=now, visible=seen)
            counted = min(counted, COUNTED_TO)
        found.append((Asked(tab=tab).query(), name, counted, tab == wanted.tab))
    return found


def vocabulary() -> dict[str, Any]:
    """Return the words that lists and tickets show."""
    service = shipped().desk.services.get("ticket")
    return {
        "states": {code: state.name for code, state in service.states.items()},
        "state_kinds": {code: state_kind(code) for code in service.states},
        "topic": words.topic,
        "topics": words.topics(),
        "satisfactions": words.SATISFACTION,
        "solved_words": words.SOLVED,
        "cards": CARDS,
        "urgencies": words.URGENCIES,
    }


_KINDS = {
    "accepted": "primary",
    "dispatched": "primary",
    "signed": "primary",
    "handling": "primary",
    "callback": "warn",
    "returned": "warn",
    "objection": "warn",
    "extension": "warn",
    "redo": "bad",
    "answered": "good",
    "closed": "good",
    "followup": "good",
}


def state_kind(code: str) -> str:
    """Return how a state is coloured; states that a bureau adds are neutral."""
    return _KINDS.get(code, "")


def _day(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), CHINA)
    except ValueError:
        return None


def _about_case(row: Outbox, viewer: Viewer) -> Mapping[str, Any]:
    del viewer
    # Numbers of tickets and what happened, no personal data: the list only says that it grew.
    return {"number": str(row.payload.get("number", ""))}


def _about_call(row: Outbox, viewer: Viewer) -> Mapping[str, Any]:
    del viewer
    return {"call": row.key}


event_rules = (
    EventRule("case.", SEE_TICKETS, _about_case),
    EventRule("recording.", SEE_TICKETS, _about_call),
    EventRule("transcript.", SEE_TICKETS, _about_call),
    EventRule("score.", SEE_TICKETS, _about_call),
)
