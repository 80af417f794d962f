"""How far a viewer's eyes go, from roles and place, and the one door to a ticket or its call."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework import Case
from hotline.errors import NotFoundError
from hotline.tickets.visibility import Reach, visible
from hotline.web.context import organisations_under
from hotline.web.permissions import Role
from hotline.web.viewer import Viewer

_SEE_OTHERS = frozenset({Role.STATION, Role.REVIEWER, Role.SUPERVISOR, Role.BUREAU})
_SEE_CONFIDENTIAL = frozenset({Role.SUPERVISOR, Role.BUREAU})


async def reach_of(app: web.Application, session: AsyncSession, viewer: Viewer) -> Reach:
    """Return which tickets the viewer may see.

    A station without a place sees only what it answered itself: a missing setting must not open
    the whole bureau.
    """
    organisations = (
        await organisations_under(app, session, viewer.organisation)
        if viewer.organisation is not None
        else None
    )
    return reach_within(viewer, organisations)


def reach_within(viewer: Viewer, organisations: frozenset[str] | None) -> Reach:
    """Return how far a viewer's eyes go within one's own part of the tree; ``None``: all of it."""
    placeless_station = viewer.organisation is None and not (
        viewer.roles & (_SEE_OTHERS - {Role.STATION})
    )
    return Reach(
        organisations=organisations,
        agent_id=viewer.agent_id,
        own_only=placeless_station or not viewer.roles & _SEE_OTHERS,
        confidential=bool(viewer.roles & _SEE_CONFIDENTIAL),
    )


async def ticket(
    app: web.Application,
    session: AsyncSession,
    viewer: Viewer,
    *,
    number: str | None = None,
    call_id: str | None = None,
) -> Case:
    """Return the ticket with a number, or of a call, if the viewer may see it.

    Raises:
        NotFoundError: there is none, or the viewer may not see it: the answer is the same, so
            that nobody learns by trying which numbers exist.
    """
    reach = await reach_of(app, session, viewer)
    wanted = Case.number == number if number is not None else Case.call_id == call_id
    found = await session.scalar(
        select(Case).where(Case.service == "ticket", wanted, visible(reach))
    )
    if found is None:
        raise NotFoundError("没有这张工单，或者不在您的查看范围内。请核对工单号。")
    return found
