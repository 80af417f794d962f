"""The section of moments."""

from __future__ import annotations

from pathlib import Path

from agents.moments import pages
from hotline.web.section import Route, Section

section = Section(
    name="moments",
    templates=Path(__file__).parent / "templates",
    routes=(Route("GET", "/moment", pages.page, pages.SEE_MOMENTS),),
)
