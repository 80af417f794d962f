"""The section of the rota."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from agents.rota import personal, reading, week
from agents.rota.demand import Demand
from agents.rota.week import DEMAND, MAKE_ROTA, SEE_ROTA
from hotline.store import Outbox
from hotline.web.context import DATABASE
from hotline.web.permissions import PUBLIC
from hotline.web.section import EventRule, NavEntry, Route, Section
from hotline.web.viewer import Viewer

_FOLDER = Path(__file__).parent


async def _demand(app: web.Application) -> AsyncIterator[None]:
    app[DEMAND] = Demand(app[DATABASE])
    yield


def _changed(row: Outbox, viewer: Viewer) -> Mapping[str, Any] | None:
    del viewer
    return {"week": row.payload.get("week", "")}


def _request(row: Outbox, viewer: Viewer) -> Mapping[str, Any] | None:
    concerned = viewer.agent_id in {row.payload.get("agent_id"), row.payload.get("other_agent_id")}
    return {} if viewer.may(MAKE_ROTA) or (viewer.agent_id and concerned) else None


section = Section(
    name="rota",
    templates=_FOLDER / "templates",
    static=_FOLDER / "static",
    subjects={"rota": reading.told},
    routes=(
        Route("GET", "/rota", week.page, SEE_ROTA),
        Route("GET", "/rota/shifts/new", week.form, MAKE_ROTA),
        Route("GET", "/rota/shifts/{shift:\\d{1,9}}", week.form, MAKE_ROTA),
        Route("POST", "/rota/shifts", week.add, MAKE_ROTA),
        Route("POST", "/rota/shifts/{shift:\\d{1,9}}", week.change, MAKE_ROTA),
        Route("POST", "/rota/copy", week.copy, MAKE_ROTA),
        Route("GET", "/rota/export.xlsx", week.export, SEE_ROTA),
        Route("POST", "/rota/import", week.take_in, MAKE_ROTA),
        Route("GET", "/rota/mine", personal.page, SEE_ROTA),
        Route("POST", "/rota/ask/{kind:leave|swap}", personal.ask, SEE_ROTA),
        Route(
            "POST",
            "/rota/requests/{request:\\d{1,9}}/{act:agree|decline|approve|refuse|withdraw}",
            personal.decide,
            SEE_ROTA,
        ),
        Route("GET", "/rota/attendance", personal.attendance_page, MAKE_ROTA),
        Route("POST", "/rota/feed/renew", personal.renew_feed, SEE_ROTA),
        Route("GET", "/rota/feed/{name}.ics", personal.calendar, PUBLIC),
    ),
    nav=(NavEntry("/rota", "排班", "calendar", SEE_ROTA, order=40),),
    panels=(personal.panel,),
    event_rules=(
        EventRule("rota.changed", SEE_ROTA, _changed),
        EventRule("rota.request", SEE_ROTA, _request),
    ),
    resources=(_demand,),
)
