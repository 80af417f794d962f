"""The section of the persons' files."""

from __future__ import annotations

from pathlib import Path

from agents.persons import files, pages, requests
from agents.persons.pages import MERGE_PERSONS, SEE_PERSONS
from hotline.web.permissions import REVEAL_PERSONAL
from hotline.web.section import Route, Section

_PERSON = "/persons/{person:p-[0-9a-f]{16}}"
_OTHER = _PERSON + "/merge/{other:p-[0-9a-f]{16}}"

section = Section(
    name="persons",
    templates=Path(__file__).parent / "templates",
    routes=(
        Route("GET", "/persons", pages.page, SEE_PERSONS),
        Route("POST", "/persons", pages.begin, SEE_PERSONS),
        Route("GET", "/persons/of/{number:\\d+}", pages.of_case, SEE_PERSONS),
        Route("GET", "/persons/erase/{number:\\d+}", requests.page, requests.ERASE),
        Route("POST", "/persons/erase/{number:\\d+}", requests.do, requests.ERASE),
        Route("GET", _PERSON, pages.person, SEE_PERSONS),
        Route("POST", f"{_PERSON}/reveal", pages.reveal, REVEAL_PERSONAL),
        Route("POST", f"{_PERSON}/take-out", pages.take_out, SEE_PERSONS),
        Route("GET", _OTHER, pages.merge_form, MERGE_PERSONS),
        Route("POST", _OTHER, pages.merge, MERGE_PERSONS),
        Route("POST", f"{_PERSON}/undo/{{merge:\\d+}}", pages.undo, MERGE_PERSONS),
    ),
    panels=(pages.panel,),
    subjects={"person": files.masked_names},
)
