"""The call bar in the top of every page of those who answer: what it says about the call."""

from __future__ import annotations

from aiohttp import web

from agents.pages import words
from agents.pages.seat_call import Phase, current_call, phase_of
from agents.pages.tickets import names
from agents.phones.lines import Line, line_of
from agents.tables import AgentTable, PresenceTable
from hotline.calls.tables import CallTable
from hotline.routing.people import Presence
from hotline.talks.asked import is_here, part_of
from hotline.web.context import CLOCK, DATABASE, viewer_of
from hotline.web.section import Bar
from hotline.web.templating import render
from hotline.web.viewer import Viewer

from agents.pages.seat_rights import SIT  # isort: skip


def _sits(viewer: Viewer) -> bool:
    return viewer.agent_id is not None and viewer.may(SIT)


bar = Bar(
    template="agents/seat_dock.html",
    script="agents/dock.js",
    style="agents/dock.css",
    shown_to=_sits,
)

LINES = {Line.BROWSER: "浏览器", Line.DESK: "话机", Line.MOBILE: "手机"}


async def show(request: web.Request) -> web.StreamResponse:
    """Return what the bar says now, and in data attributes what its script goes by."""
    app, viewer = request.app, viewer_of(request)
    now = app[CLOCK].now()
    agent = presence = current = part = None
    async with app[DATABASE].read() as session:
        if viewer.agent_id is not None:
            agent = await session.get(AgentTable, viewer.agent_id)
            presence = await session.get(PresenceTable, viewer.agent_id)
            part = await part_of(session, viewer.agent_id)
            current = None if part else await current_call(session, viewer.agent_id, now)
        known = await names(session) if current and current.call.place else None
        asked_into = await session.get(CallTable, part["call_id"]) if part else None
    if agent is None:
        return web.Response(status=204)
    phase = phase_of(current)
    if part is not None:
        phase = Phase.TALKING if is_here(part) else Phase.RINGING
    since = None
    if current is not None:
        call = current.call
        since = {
            Phase.RINGING: call.waiting_since,
            Phase.TALKING: call.answered_at,
            Phase.OVER: call.talk_ended_at or call.ended_at,
        }.get(phase)
    return render(
        request,
        "agents/seat_bar.html",
        agent=agent,
        line=line_of(agent),
        line_words=LINES[line_of(agent)],
        state=Presence(presence.state) if presence else Presence.OFFLINE,
        presence=presence,
        looks=words.PRESENCE,
        phase=phase,
        since=since,
        current=current,
        part=part,
        asked_into=asked_into,
        place=known.place(current.call.place) if known and current else "",
        topic=words.topic,
    )
