"""What the seat of somebody shows who was asked into another's talk: who asked, and what about."""

from __future__ import annotations

from aiohttp import web
from markupsafe import Markup
from sqlalchemy import select

from agents.pages import words
from agents.pages.tickets import names
from agents.phones.lines import line_of
from agents.tables import AgentTable
from hotline.calls.tables import CallTable
from hotline.casework import Case
from hotline.talks.asked import is_here, part_of
from hotline.tickets.visibility import visible
from hotline.web.reach import reach_of
from hotline.web.section import PanelContext
from hotline.web.templating import render_fragment


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
    agent = await session.get(AgentTable, viewer.agent_id)
    values = {
        "state": state,
        "call": call,
        "case": case,
        "place": known.place(call.place) if known is not None else "",
        "topic": words.topic(call.topic),
        "here": is_here(state),
        "line": line_of(agent).value if agent is not None else "",
    }
    return render_fragment(app, "talks/third.html", values)
