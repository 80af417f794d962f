"""Which cases a person may see, as a condition of the query and at the one door to a case.

The service's file says which roles see its cases (``seen_by``); place and confidentiality narrow
that down as they do for tickets. What one may not see is answered like what isn't there.
"""

from __future__ import annotations

from typing import Final

from aiohttp import web
from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from agents.pages.acts import actor_of
from hotline.casework import Actor, Case, Service, engine
from hotline.casework.definition import ASSIGNEE, ORGANISATION
from hotline.casework.rows import view
from hotline.casework.services import Services
from hotline.errors import NotFoundError
from hotline.tickets import shipped
from hotline.tickets.birth import SERVICE
from hotline.tickets.visibility import Reach
from hotline.web.permissions import Permission, Role
from hotline.web.reach import reach_of
from hotline.web.viewer import Viewer

SEE_CASES: Final = Permission("cases.see", "查看办件", frozenset(Role) - {Role.ADMIN})
"""Cases of the services whose files name one of the person's roles."""


def seen_services(services: Services, actor: Actor) -> list[Service]:
    """Return the services of which ``actor`` may see cases by role, tickets apart."""
    return [s for s in services.by_code.values() if s.code != SERVICE and _by_role(s, actor)]


def listed_services(services: Services, actor: Actor) -> list[Service]:
    """Return the services of which ``actor`` may see some case."""
    return [
        s
        for s in services.by_code.values()
        if s.code != SERVICE and (_by_role(s, actor) or {ASSIGNEE, ORGANISATION} & set(s.seen_by))
    ]


def visible(services: Services, actor: Actor, reach: Reach) -> ColumnElement[bool]:
    """Return the condition that a case must meet to be shown."""
    others = [s for s in services.by_code.values() if s.code != SERVICE]
    by_role = [s.code for s in others if _by_role(s, actor)]
    placed: ColumnElement[bool] = true()
    if reach.organisations is not None:
        placed = or_(
            Case.organisation_id.in_(reach.organisations), Case.place.in_(reach.organisations)
        )
    elif reach.own_only and not actor.roles & {"lawyer"}:
        placed = false()  # a station without a place: a missing setting opens nothing
    if not reach.confidential:
        placed &= ~Case.confidential
    found: ColumnElement[bool] = Case.service.in_(by_role) & placed
    assigned = [s.code for s in others if _by_role(s, actor) or ASSIGNEE in s.seen_by]
    found |= Case.service.in_(assigned) & (Case.assignee_id == actor.id)
    if actor.organisation_id is not None:
        given = [s.code for s in others if _by_role(s, actor) or ORGANISATION in s.seen_by]
        found |= Case.service.in_(given) & (Case.organisation_id == actor.organisation_id)
    return found


async def reach(app: web.Application, session: AsyncSession, viewer: Viewer) -> ColumnElement[bool]:
    """Return the viewer's condition for lists of cases."""
    services = shipped().desk.services
    return visible(services, actor_of(viewer), await reach_of(app, session, viewer))


async def case(
    app: web.Application, session: AsyncSession, viewer: Viewer, number: str
) -> tuple[Case, Service]:
    """Return the case with a number and the definition that it runs by.

    Raises:
        NotFoundError: there is none, or the viewer may not see it; the answer is the same.
    """
    seen = await reach(app, session, viewer)
    found = await session.scalar(select(Case).where(Case.number == number, seen))
    if found is not None:
        service = await shipped().desk.definition(session, found)
        if engine.may_see(service, view(found), actor_of(viewer)):
            return found, service
    raise NotFoundError("没有这个办件，或者不在您的查看范围内。请核对编号。")


def _by_role(service: Service, actor: Actor) -> bool:
    return not service.seen_by or bool(actor.roles & set(service.seen_by))
