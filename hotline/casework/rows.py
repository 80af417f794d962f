"""Between the engine's values and the database's rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hotline.casework import clocks
from hotline.casework.clocks import Running
from hotline.casework.definition import FACETS
from hotline.casework.tables import Case
from hotline.casework.views import Act, CaseView, Outcome

_COUNTED = frozenset({"satisfaction", "solved"})
"""Facets that are numbers although a form gives them as a choice."""

CARRIED = (
    "title",
    "caller_name",
    "caller_number",
    "language",
    "topic",
    "place",
    "person_id",
    "confidential",
)
"""Facets that a case opened from another takes over."""


def view(row: Case) -> CaseView:
    """Return the case as the engine sees it."""
    return CaseView(
        number=row.number,
        state=row.state,
        data=dict(row.data),
        facets={name: getattr(row, name) for name in FACETS},
        clocks={name: Running.from_json(record) for name, record in row.clocks.items()},
        acts={name: Act(by, times) for name, (by, times) in row.acts.items()},
        before=row.before,
    )


def clock_columns(case: CaseView) -> dict[str, Any]:
    """Return the columns that hold the case's clocks and what shows of them."""
    face = clocks.face(case.clocks)
    return {
        "clocks": {name: run.as_json() for name, run in case.clocks.items()},
        "warn_at": face.warn_at,
        "due_at": face.due_at,
        "red_at": face.red_at,
        "signal_at": face.signal_at,
    }


def columns(outcome: Outcome) -> dict[str, Any]:
    """Return the columns that an outcome sets, without those that never change."""
    case = outcome.case
    return {
        "state": case.state,
        "data": dict(case.data),
        "acts": {name: [act.by, act.times] for name, act in case.acts.items()},
        "before": case.before,
        **clock_columns(case),
        **facet_columns(case.facets),
    }


def facet_columns(facets: Mapping[str, Any]) -> dict[str, Any]:
    """Return facets as their columns hold them."""
    found: dict[str, Any] = {name: facets.get(name) for name in FACETS}
    for name in _COUNTED:
        if (value := found[name]) is not None:
            found[name] = int(value)
    number = found["caller_number"]
    return found | {
        "urgency": found["urgency"] or "normal",
        "confidential": bool(found["confidential"]),
        "channel": found["channel"] or "call",
        "caller_reversed": number[::-1] if number else None,
    }
