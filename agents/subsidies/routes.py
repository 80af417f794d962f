"""The section of subsidies."""

from __future__ import annotations

from pathlib import Path

from agents.subsidies import pages
from hotline.web.section import NavEntry, Route, Section

_MONTH = r"/subsidies/{month:\d{4}-\d{2}}"
_ONE = r"/subsidies/statements/{id:\d{1,9}}"

section = Section(
    name="subsidies",
    templates=Path(__file__).parent / "templates",
    routes=(
        Route("GET", "/subsidies", pages.newest, pages.OWN),
        Route("GET", "/subsidies/mine", pages.mine, pages.OWN),
        Route("GET", _MONTH, pages.month, pages.MANAGE),
        Route("POST", _MONTH + "/draw", pages.draw, pages.MANAGE),
        Route("POST", _MONTH + "/export", pages.export, pages.MANAGE),
        Route("GET", _ONE, pages.one, pages.OWN),
        Route("POST", _ONE + "/{act:confirm|dispute|settle|approve|remove}", pages.act, pages.OWN),
    ),
    nav=(NavEntry("/subsidies", "补贴", "coin", pages.OWN, order=75),),
)
