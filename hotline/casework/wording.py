"""Texts of notices and documents: places such as ``{number}`` filled with the case's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from hotline.casework.clocks import face
from hotline.casework.definition import FACETS, Effects, Service
from hotline.casework.fields import FieldType
from hotline.casework.views import CaseView
from hotline.clock import CHINA

CASE_PLACES: Final = ("number", "service", "state", "due")
"""Places that every case fills, besides its fields and facets."""

Naming = Callable[[str, str], str]
"""Field and code to the name that a person reads: ``assignee_id``, ``wang`` → 王律师."""

_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_EMPTY: Final = "——"


def codes_itself(field: str, code: str) -> str:
    """Name a code by itself: where nobody knows the names."""
    del field
    return code


def places(service: Service, case: CaseView, naming: Naming = codes_itself) -> dict[str, str]:
    """Return the words for every place, as a person reads them."""
    state = service.states[case.state]
    due = face(case.clocks).due_at
    words = {name: str(case.facets.get(name) or "") for name in FACETS}
    words |= {f.name: f.words(case.data.get(f.name)) for f in service.fields}
    coded = {f.name for f in service.fields if f.type is FieldType.CODE}
    words |= {name: naming(name, words[name]) for name in coded if words[name]}
    return words | {
        "number": case.number,
        "service": service.name,
        "state": state.public or state.name,
        "due": f"{due.astimezone(CHINA):%Y-%m-%d %H:%M}" if due else "",
    }


def fill(text: str, words: Mapping[str, str]) -> str:
    """Fill the places of ``text``; an empty one shows a dash, so that its lack is seen."""
    return _PLACE.sub(lambda place: words.get(place[1]) or _EMPTY, text)


def names_codes(service: Service, effects: Effects) -> bool:
    """Whether what follows from an act tells names of people or places."""
    texts = [notice.text for notice in effects.tell]
    texts += [service.documents[name].text for name in effects.print_]
    coded = {f.name for f in service.fields if f.type is FieldType.CODE}
    return any(name in coded for text in texts for name in named_places(text))


def named_places(text: str) -> Iterator[str]:
    """Yield the names of the places in ``text``."""
    yield from _PLACE.findall(text)
