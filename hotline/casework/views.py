"""Values that the engine works with: who acts, the case as it sees it, what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hotline.casework.clocks import Clocks
from hotline.casework.definition import SYSTEM


@dataclass(frozen=True)
class Actor:
    """Who acts: a person with roles, the applicant of this very case, or the system."""

    id: str
    roles: frozenset[str] = frozenset()
    organisation_id: str | None = None
    is_applicant: bool = False
    name: str = ""


SYSTEM_ACTOR = Actor(SYSTEM, name="系统")


@dataclass(frozen=True)
class Act:
    """What was done before, by whom (the last time) and how often."""

    by: str
    times: int


@dataclass(frozen=True)
class CaseView:
    """A case as the engine sees it."""

    number: str
    state: str
    data: Mapping[str, Any]
    facets: Mapping[str, Any]
    clocks: Clocks = field(default_factory=dict)
    acts: Mapping[str, Act] = field(default_factory=dict)
    before: str | None = None
    """The state that a pause goes back to."""

    @property
    def values(self) -> dict[str, Any]:
        """Fields and facets together, as conditions see them."""
        return {**self.facets, **self.data}


@dataclass(frozen=True)
class Told:
    """A notice that is to be delivered."""

    whom: str
    text: str


@dataclass(frozen=True)
class MadeDocument:
    """A document (文书) that was made out."""

    form: str
    title: str
    text: str


@dataclass(frozen=True)
class Child:
    """A case to be opened from this one."""

    service: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What an act makes of a case, and what follows."""

    action: str
    from_state: str | None
    case: CaseView
    closed: bool
    changed: Mapping[str, Any]
    """The values that this act set."""
    notices: tuple[Told, ...] = ()
    documents: tuple[MadeDocument, ...] = ()
    children: tuple[Child, ...] = ()
    parent_action: str | None = None
