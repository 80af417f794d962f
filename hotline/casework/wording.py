"""Texts of notices and documents: places such as ``{number}`` filled with the case's words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from hotline.casework.clocks import face
from hotline.casework.definition import FACETS, Service
from hotline.casework.views import CaseView
from hotline.clock import CHINA

CASE_PLACES: Final = ("number", "service", "state", "due")
"""Places that every case fills, besides its fields and facets."""

_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_EMPTY: Final = "——"


def places(service: Service, case: CaseView) -> dict[str, str]:
    """Return the words for every place, as a person reads them."""
    state = service.states[case.state]
    due = face(case.clocks).due_at
    words = {name: str(case.facets.get(name) or "") for name in FACETS}
    words |= {f.name: f.words(case.data.get(f.name)) for f in service.fields}
    return words | {
        "number": case.number,
        "service": service.name,
        "state": state.public or state.name,
        "due": f"{due.astimezone(CHINA):%Y-%m-%d %H:%M}" if due else "",
    }


def fill(text: str, words: Mapping[str, str]) -> str:
    """Fill the places of ``text``; an empty one shows a dash, so that its lack is seen."""
    return _PLACE.sub(lambda place: words.get(place[1]) or _EMPTY, text)


def named_places(text: str) -> Iterator[str]:
    """Yield the names of the places in ``text``."""
    yield from _PLACE.findall(text)
