"""The figure that the house counts for a case: targets are judged by it, not by what is typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.places import organisation_tree
from agents.reports.counting import EVERYTHING, Scope
from agents.reports.standing import Asked, Standing, standing
from agents.tables import OrganisationKind, OrganisationTable
from hotline.casework import Case, Service
from hotline.casework.looks import Reckoned
from hotline.casework.rows import view
from hotline.tickets import shipped
from hotline.web.context import CLOCK, figures, under


async def figure(
    request: web.Request, session: AsyncSession, case: Case, service: Service
) -> Standing | None:
    """Return how the case's figure stands now; ``None``: people have to tell."""
    reckoned = service.pages.reckoned
    if reckoned is None:
        return None
    values = view(case).values
    asked = await _asked(session, reckoned, values)
    if asked is None:
        return None
    rates = {name: one.count for name, one in figures(request.app).items()}
    now = request.app[CLOCK].now()
    return await standing(session, asked, shipped().desk.services, now, rates)


async def _asked(
    session: AsyncSession, reckoned: Reckoned, values: Mapping[str, Any]
) -> Asked | None:
    code, since, until = (
        str(values.get(name) or "") for name in (reckoned.indicator, reckoned.since, reckoned.until)
    )
    if not (code and since and until):
        return None
    target = values.get(reckoned.target)
    return Asked(
        code,
        await _scope(session, str(values.get(reckoned.place) or "")),
        date.fromisoformat(since[:10]),
        date.fromisoformat(until[:10]),
        Decimal(str(target)) if target not in (None, "") else None,
    )


async def _scope(session: AsyncSession, place: str) -> Scope:
    """Return the place with all below it; the district is the whole bureau."""
    row = await session.scalar(select(OrganisationTable).where(OrganisationTable.code == place))
    if row is None or (row.kind == OrganisationKind.DISTRICT and row.parent_id is None):
        return EVERYTHING
    return Scope(under(await organisation_tree(session), place), row.name)


def kept_at(service: Service, action: str) -> str:
    """Return the field that keeps the figure at this act; empty: none."""
    reckoned = service.pages.reckoned
    return reckoned.keeps if reckoned is not None and action in reckoned.when else ""
