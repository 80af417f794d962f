"""Whose recording it is: the call's ticket, or the case that a call was placed from."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework import Case
from hotline.errors import NotFoundError
from hotline.talks.tables import DialledTable
from hotline.tickets.visibility import visible
from hotline.web.reach import reach_of, ticket
from hotline.web.viewer import Viewer

PLACED = "dial-"
"""How the names begin of calls that somebody placed (点击外呼)."""


async def case_of(app: web.Application, session: AsyncSession, viewer: Viewer, call: str) -> Case:
    """Return the case that a recording belongs to, if the viewer may see it.

    Raises:
        NotFoundError: there is none, or the viewer may not see it.
    """
    if not call.startswith(PLACED):
        return await ticket(app, session, viewer, call_id=call)
    row = await session.get(DialledTable, call)
    seen = visible(await reach_of(app, session, viewer))
    wanted = select(Case).where(Case.id == (row.case_id if row else None), seen)
    case = await session.scalar(wanted)
    if case is None:
        raise NotFoundError("没有这个录音，或者不在您的查看范围内。")
    return case
