"""The section of the stations."""

from __future__ import annotations

from pathlib import Path

from agents.stations import pages
from agents.stations.pages import SEE_STATIONS, SET_HOURS, STATION_DESK
from hotline.web.section import NavEntry, Route, Section

_FOLDER = Path(__file__).parent

section = Section(
    name="stations",
    templates=_FOLDER / "templates",
    static=_FOLDER / "static",
    routes=(
        Route("GET", "/station", pages.page, STATION_DESK),
        Route("GET", "/stations", pages.everyone, SEE_STATIONS),
        Route("GET", "/stations/{place:[A-Za-z0-9_-]{1,64}}/hours", pages.hours_form, SET_HOURS),
        Route("POST", "/stations/{place:[A-Za-z0-9_-]{1,64}}/hours", pages.set_hours, SET_HOURS),
    ),
    nav=(
        NavEntry("/station", "站点", "place", STATION_DESK, order=12),
        NavEntry("/stations", "线路", "signal", SEE_STATIONS, order=46),
    ),
)
