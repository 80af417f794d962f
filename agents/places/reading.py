"""The tree of places: district centre, township stations, village rooms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from agents.tables import AgentTable, OrganisationTable
from hotline.public.stations import Station
from hotline.web.section import Directory


async def organisation_tree(session: AsyncSession) -> Mapping[str, str | None]:
    """Return each place's code with its parent's code; the root has none."""
    parent = aliased(OrganisationTable)
    query = select(OrganisationTable.code, parent.code).join(
        parent, OrganisationTable.parent_id == parent.id, isouter=True
    )
    rows = await session.execute(query)
    return {row[0]: row[1] for row in rows}


async def stations(session: AsyncSession) -> Sequence[Station]:
    """Return every place as the public sees it, those above before those below."""
    rows = (await session.scalars(select(OrganisationTable).order_by(OrganisationTable.id))).all()
    codes = {row.id: row.code for row in rows}
    levels = {"district": 0, "township": 1, "village": 2}
    found = [station_of(row, codes.get(row.parent_id or 0)) for row in rows]
    return sorted(found, key=lambda station: levels.get(station.kind, 3))


async def directory(session: AsyncSession) -> Directory:
    """Return the names of people and places, also of those who answer no more."""
    places = {place.id: place for place in await session.scalars(select(OrganisationTable))}
    people = list(await session.scalars(select(AgentTable)))
    return Directory(
        people={person.id: person.name for person in people},
        places={place.code: place.name for place in places.values()},
        homes={
            person.id: places[person.organisation_id].code
            for person in people
            if person.organisation_id in places
        },
    )


def station_of(row: OrganisationTable, parent: str | None) -> Station:
    """Return one place as the public sees it, below ``parent``."""
    return Station(
        code=row.code,
        parent=parent,
        kind=row.kind,
        name=row.name,
        phone=row.phone,
        hours=row.hours,
    )
