"""The section of the alarms."""

from __future__ import annotations

from pathlib import Path

from agents.alarms import pages
from agents.alarms.pages import ACKNOWLEDGE, SEE_ALARMS
from agents.alarms.watch import watching
from hotline.web.section import Route, Section

section = Section(
    name="alarms",
    templates=Path(__file__).parent / "templates",
    routes=(
        Route("GET", "/alarms", pages.page, SEE_ALARMS),
        Route("POST", "/alarms/{alarm:\\d{1,9}}/seen", pages.acknowledge, ACKNOWLEDGE),
    ),
    resources=(watching,),
)
