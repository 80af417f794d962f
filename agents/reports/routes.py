"""The section of the reports."""

from __future__ import annotations

from pathlib import Path

from agents.reports import pages
from hotline.web.section import NavEntry, Route, Section

_FOLDER = Path(__file__).parent

_ONE = r"/reports/{kind:daily|weekly|monthly|yearly}/{day:\d{4}-\d{2}(?:-\d{2})?}"

section = Section(
    name="reports",
    templates=_FOLDER / "templates",
    static=_FOLDER / "static",
    routes=(
        Route("GET", "/reports", pages.newest, pages.SEE),
        Route("GET", _ONE, pages.page, pages.SEE),
        Route("GET", _ONE + r".{form:xlsx|pdf|json|txt}", pages.download, pages.SEE),
    ),
    nav=(NavEntry("/reports", "报表", "chart", pages.SEE, order=70),),
)
