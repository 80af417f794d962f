"""What the seat of somebody shows who was asked into another's talk: who asked, and what about."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.pages import words
from agents.pages.tickets import names
from hotline.calls.tables import CallTable
from hotline.casework import Case
from hotline.talks.state import as_third
from hotline.talks.tables import TalkTable
from hotline.tickets.visibility import visible
from hotline.web.reach import reach_of
from hotline.web.section import PanelContext
from hotline.web.templating import render_fragment


async def part_of(session: AsyncSession, agent_id: str) -> dict[str, Any] | None:
    """Return the talk that somebody was asked into, as their seat is told."""
    # Only talks of more than two that go on just now stand there: a handful.
    for row in await session.scalars(select(TalkTable)):
        if (state := as_third(row.state, agent_id)) is not None:
            return state
    return None


async def draw(app: web.Application, context: PanelContext) -> Markup | None:
    """Draw the talk that this seat was asked into; nothing where there is none."""
    session, viewer = context.session, context.viewer
    state = await part_of(session, viewer.agent_id) if viewer.agent_id else None
    call = await session.get(CallTable, state["call_id"]) if state is not None else None
    if state is None or call is None:
        return None
    seen = visible(await reach_of(app, session, viewer))
    case = await session.scalar(
        select(Case).where(Case.call_id == call.id, Case.service == "ticket", seen)
    )
    known = await names(session) if call.place else None
    mine = next(p for p in state["parties"] if p["id"] == state["third"])
    values = {
        "state": state,
        "call": call,
        "case": case,
        "place": known.place(call.place) if known is not None else "",
        "topic": words.topic(call.topic),
        "here": mine["state"] == "talking",
    }
    return render_fragment(app, "talks/third.html", values)
