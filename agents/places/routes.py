"""The section of the places."""

from __future__ import annotations

from pathlib import Path

from agents.places import pages
from agents.places.pages import MANAGE_PLACES, SEE_PLACES
from hotline.web.section import NavEntry, Route, Section

_FOLDER = Path(__file__).parent
_PLACE = "/places/{code:[a-z][a-z0-9_-]*}"

section = Section(
    name="places",
    templates=_FOLDER / "templates",
    static=_FOLDER / "static",
    routes=(
        Route("GET", "/places", pages.page, SEE_PLACES),
        Route("GET", "/places.xlsx", pages.export, MANAGE_PLACES),
        Route("POST", "/places.xlsx", pages.take_in, MANAGE_PLACES),
        Route("GET", "/places-new", pages.form, MANAGE_PLACES),
        Route("POST", "/places-new", pages.save, MANAGE_PLACES),
        Route("GET", _PLACE, pages.place, SEE_PLACES),
        Route("GET", f"{_PLACE}/edit", pages.form, MANAGE_PLACES),
        Route("POST", f"{_PLACE}/edit", pages.save, MANAGE_PLACES),
    ),
    nav=(NavEntry("/places", "站室", "place", SEE_PLACES, order=45),),
)
