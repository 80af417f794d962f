"""The tree of places: district centre, township stations, village rooms."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from agents.tables import OrganisationTable


async def organisation_tree(session: AsyncSession) -> Mapping[str, str | None]:
    """Return each place's code with its parent's code; the root has none."""
    parent = aliased(OrganisationTable)
    query = select(OrganisationTable.code, parent.code).join(
        parent, OrganisationTable.parent_id == parent.id, isouter=True
    )
    rows = await session.execute(query)
    return {row[0]: row[1] for row in rows}
