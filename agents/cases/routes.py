"""The section of the cases of every service."""

from __future__ import annotations

from pathlib import Path

from agents.cases import acting, listing, notices, opening, papers, showing, slots, views, ways
from agents.cases.reach import SEE_CASES
from hotline.web.permissions import REVEAL_PERSONAL
from hotline.web.section import NavEntry, Route, Section

_FOLDER = Path(__file__).parent
_CASE = "/cases/{number:\\d+}"
_SERVICE = "{service:[a-z][a-z0-9_]*}"

section = Section(
    name="cases",
    templates=_FOLDER / "templates",
    static=_FOLDER / "static",
    subjects={"service": slots.names_of},
    routes=(
        Route("GET", "/cases", listing.page, SEE_CASES),
        Route("GET", "/cases/notices", notices.page, SEE_CASES),
        Route("GET", "/cases/notices/ways", ways.page, SEE_CASES),
        Route("POST", "/cases/notices/ways", ways.keep, SEE_CASES),
        Route("GET", "/cases/new", opening.choose, SEE_CASES),
        Route("GET", f"/cases/new/{_SERVICE}", opening.open_form, SEE_CASES),
        Route("POST", f"/cases/new/{_SERVICE}", opening.open_case, SEE_CASES),
        Route("GET", f"/cases/calendar/{_SERVICE}", views.month, SEE_CASES),
        Route("GET", f"/cases/totals/{_SERVICE}", views.totals, SEE_CASES),
        Route("GET", f"/cases/coverage/{_SERVICE}", views.coverage, SEE_CASES),
        Route("GET", f"/cases/slots/{_SERVICE}", slots.slots, SEE_CASES),
        Route("POST", f"/cases/slots/{_SERVICE}", slots.change_window, slots.OPEN_WINDOWS),
        Route("GET", _CASE, showing.page, SEE_CASES),
        Route("POST", f"{_CASE}/reveal", showing.reveal, REVEAL_PERSONAL),
        Route("GET", f"{_CASE}/acts/{{action}}", acting.form, SEE_CASES),
        Route("POST", f"{_CASE}/acts/{{action}}", acting.act, SEE_CASES),
        Route("GET", f"{_CASE}/documents/{{document:\\d+}}", papers.document, SEE_CASES),
        Route("GET", f"{_CASE}/papers/{{paper:\\d+}}", papers.paper, SEE_CASES),
        # Its form is read piece by piece, token included.
        Route("POST", f"{_CASE}/papers", papers.add_paper, SEE_CASES, checks_token=False),
    ),
    nav=(NavEntry("/cases", "办件", "inbox", SEE_CASES, order=35),),
)
