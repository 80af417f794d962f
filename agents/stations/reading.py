"""What a station's page shows, read in one go and put into values."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.pages import wall, words
from agents.pages.wall import Waiting
from agents.tables import AgentTable, OrganisationTable, PresenceTable
from hotline.casework import Case
from hotline.routing.people import Agent, AgentKind, Presence
from hotline.routing.tables import OfferOutcome, OfferTable

LATELY = timedelta(days=7)
MISSED_SHOWN = 5
INBOX_SHOWN = 60
_MISSED = (OfferOutcome.MISSED, OfferOutcome.UNREACHABLE, OfferOutcome.REFUSED)

TABS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "sign": ("待签收", ("dispatched",)),
    "work": ("办理中", ("signed", "handling", "redo", "suspended", "accepted", "callback")),
    "asked": ("等上级答复", ("returned", "objection", "extension")),
    "done": ("近七天办结", ("closed", "answered", "followup", "archived")),
}
"""How the inbox is divided, by the states of ``ticket.yaml``."""

_OVER = "done"


@dataclass(frozen=True)
class Line:
    """The health of a station's line."""

    state: Presence
    reachable: bool
    since: datetime | None
    """Since when the telephone has been reachable, or not; ``None``: not seen to change yet."""
    offered: int
    missed: Sequence[OfferTable]
    missed_count: int
    reason: str = ""


@dataclass(frozen=True)
class Station:
    """One station, for the supervisors' list."""

    agent: AgentTable
    place: OrganisationTable | None
    line: Line
    open_now: bool
    unsigned: int
    handling: int


async def line(session: AsyncSession, agent_id: str, now: datetime) -> Line:
    """Return how a station's line has done in the last days."""
    presence = await session.get(PresenceTable, agent_id)
    since = now - LATELY
    offers = select(OfferTable).where(OfferTable.agent_id == agent_id, OfferTable.made_at > since)
    missed = offers.where(OfferTable.outcome.in_(_MISSED)).order_by(OfferTable.made_at.desc())
    count = func.count()
    return Line(
        state=Presence(presence.state) if presence else Presence.OFFLINE,
        reachable=presence.reachable if presence else False,
        since=presence.reachable_since if presence else None,
        offered=await session.scalar(select(count).select_from(offers.subquery())) or 0,
        missed=list(await session.scalars(missed.limit(MISSED_SHOWN))),
        missed_count=await session.scalar(
            select(count).select_from(missed.order_by(None).subquery())
        )
        or 0,
        reason=presence.reason if presence else "",
    )


def open_now(agent: AgentTable, place: OrganisationTable | None, now: datetime) -> bool:
    """Whether the opening hours run, as routing sees it."""
    hours = {day: tuple(spans) for day, spans in place.hours.items()} if place else {}
    known = Agent(agent.id, agent.name, AgentKind.STATION, agent.endpoint, hours=hours)
    return known.is_open(now)


def mine(places: Collection[str], agent_id: str, seen: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition of a station's own tickets among those that it may see."""
    own = or_(Case.organisation_id.in_(places), Case.assignee_id == agent_id)
    return and_(Case.service == "ticket", own, seen)


async def counts(
    session: AsyncSession, own: ColumnElement[bool], now: datetime
) -> Mapping[str, int]:
    """Return how many tickets lie in each part of the inbox."""
    found = {}
    for name in TABS:
        query = select(func.count()).select_from(Case).where(own, _part(name, now))
        found[name] = await session.scalar(query) or 0
    return found


async def inbox(
    session: AsyncSession, own: ColumnElement[bool], tab: str, now: datetime
) -> Sequence[Case]:
    """Return the tickets of one part of the inbox, the most pressing first."""
    order = (
        (Case.opened_at.desc(),)
        if tab == _OVER
        else (Case.due_at.is_(None), Case.due_at, Case.opened_at)
    )
    query = select(Case).where(own, _part(tab, now)).order_by(*order).limit(INBOX_SHOWN)
    return (await session.scalars(query)).all()


def _part(tab: str, now: datetime) -> ColumnElement[bool]:
    inside = Case.state.in_(TABS[tab][1])
    if tab != _OVER:
        return inside
    lately = now - LATELY
    return and_(inside, or_(Case.closed_at > lately, Case.opened_at > lately))


async def queue(session: AsyncSession, places: Collection[str], now: datetime) -> list[Waiting]:
    """Return the callers who wait for this station, or belong to its part of the tree."""
    state = await wall.read(session, now)
    return [
        caller
        for caller in state.waiting
        if caller.place in places or (caller.topic == words.STATION and not caller.place)
    ]


async def everyone(session: AsyncSession, now: datetime) -> list[Station]:
    """Return all stations with their lines, in the order of staff numbers."""
    rows = await session.execute(
        select(AgentTable, OrganisationTable)
        .outerjoin(OrganisationTable, OrganisationTable.id == AgentTable.organisation_id)
        .where(AgentTable.kind == AgentKind.STATION, AgentTable.active)
        .order_by(AgentTable.staff_no)
    )
    counted = await session.execute(
        select(Case.organisation_id, Case.state, func.count())
        .where(
            Case.service == "ticket",
            or_(Case.state.in_(TABS["sign"][1]), Case.state.in_(TABS["work"][1])),
        )
        .group_by(Case.organisation_id, Case.state)
    )
    open_tickets = [(place, state, number) for place, state, number in counted]
    found = []
    for agent, place in rows:
        own = [(s, n) for code, s, n in open_tickets if place is not None and code == place.code]
        found.append(
            Station(
                agent,
                place,
                await line(session, agent.id, now),
                open_now(agent, place, now),
                sum(n for s, n in own if s in TABS["sign"][1]),
                sum(n for s, n in own if s in TABS["work"][1]),
            )
        )
    return found
