"""The wallboard (大屏): four figures, who waits, who answers. Live, legible from five metres."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from agents.alarms.pages import ACKNOWLEDGE, open_alarms
from agents.pages import chart, load, wall, words
from hotline.calls import figures as call_figures
from hotline.calls.proportion import Proportion
from hotline.routing.people import AgentKind
from hotline.web.context import CLOCK, DATABASE, figures, viewer_of
from hotline.web.permissions import SEE_WALLBOARD
from hotline.web.section import LiveView
from hotline.web.templating import render, render_fragment

LEGAL_ACCURACY = "legal_accuracy"
"""The figure that whoever scores calls counts."""

EMERGENCY = "emergency"

REGIONS = ("alarms", "figures", "waiting", "people", "chart")


async def page(request: web.Request) -> web.StreamResponse:
    """Show the wallboard; ``?screen`` fills a large screen."""
    regions = {**await regions_of(request.app), **await curves_of(request.app)}
    template = (
        "agents/wallboard_screen.html" if "screen" in request.query else "agents/wallboard.html"
    )
    return render(request, template, regions=regions, may_ack=viewer_of(request).may(ACKNOWLEDGE))


async def regions_of(app: web.Application) -> Mapping[str, str]:
    """Compute all regions of the wallboard."""
    now = app[CLOCK].now()
    since, until = wall.day_of(now)
    async with app[DATABASE].read() as session:
        state = await wall.read(session, now)
        counted = call_figures.count(await call_figures.read(session, since, until))
        half_hours = await wall.slots(session, since, until)
        accuracy = await _accuracy(app, session, since, until)
        alarms = await open_alarms(session)
    values: dict[str, Any] = {
        "wall": state,
        "figures": counted,
        "accuracy": accuracy,
        # Emergencies stand beside them, told at once by those who take them.
        "alarms": [alarm for alarm in alarms if alarm.kind != EMERGENCY],
        "chart": chart.draw(half_hours),
        "topic": words.topic,
        "presence": words.PRESENCE,
        "ringing": words.RINGING,
        "kinds": ((AgentKind.LAWYER, "律师"), (AgentKind.STATION, "乡镇站")),
        "long_wait": int(wall.LONG_WAIT.total_seconds()),
        "very_long_wait": int(wall.VERY_LONG_WAIT.total_seconds()),
    }
    return {name: render_fragment(app, f"agents/wall_{name}.html", values) for name in REGIONS}


async def _accuracy(
    app: web.Application, session: AsyncSession, since: object, until: object
) -> Proportion | None:
    figure = figures(app).get(LEGAL_ACCURACY)
    return await figure.count(session, since, until) if figure else None


view = LiveView(
    name="wallboard",
    permission=SEE_WALLBOARD,
    topics=("call.", "offer.", "presence.", "score.", "alarm."),
    render=regions_of,
    every_seconds=20.0,
    gather_seconds=0.8,
)


async def curves_of(app: web.Application) -> Mapping[str, str]:
    """Compute the curves of the last hours."""
    now = app[CLOCK].now()
    async with app[DATABASE].read() as session:
        curves = await load.read(session, now)
    return {"curve": render_fragment(app, "agents/wall_curve.html", {"curves": curves})}


curves_view = LiveView(
    name="load", permission=SEE_WALLBOARD, topics=(), render=curves_of, every_seconds=15.0
)
"""Apart from the wallboard: a curve of minutes need not be read anew at every call."""
