"""A case's form as the pages draw it: fields under headings, with what others wrote meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.cases.names import Names
from hotline.casework import Service
from hotline.casework.fields import FieldType, FormField, Sensitivity
from hotline.public import forms
from hotline.public.forms import Control

APPLICANT, MATTER, HANDLING = "申请人", "事项", "办理"

_APPLICANTS = frozenset({"caller_name", "id_number", "phone", "agent_name", "age_band"})


@dataclass(frozen=True)
class Shown:
    """One field of a form, with what somebody else wrote meanwhile."""

    control: Control
    theirs: str


def sections(service: Service, fields: Sequence[FormField]) -> list[tuple[str, list[FormField]]]:
    """Divide fields under the headings of the service's file, the others by what they are."""
    left = {field.name: field for field in fields}
    found: list[tuple[str, list[FormField]]] = []
    for title, names in service.pages.sections.items():
        group = [left.pop(name) for name in names if name in left]
        if group:
            found.append((title, group))
    others: dict[str, list[FormField]] = {APPLICANT: [], MATTER: [], HANDLING: []}
    for field in left.values():
        whose = APPLICANT if field.name in _APPLICANTS else MATTER if field.opening else HANDLING
        others[whose].append(field)
    return found + [(title, group) for title, group in others.items() if group]


def groups(
    service: Service,
    fields: Sequence[FormField],
    typed: Mapping[str, Any],
    problems: Mapping[str, str],
    known: Names,
    *,
    required: frozenset[str] = frozenset(),
    kept: Mapping[str, Any] | None = None,
) -> list[tuple[str, list[Shown]]]:
    """Return the form: ``kept`` is what stands in the case where somebody was quicker."""
    drawn = {
        control.field.name: control
        for control in forms.controls(
            fields, _as_typed(fields, typed), problems, known.lists(), required
        )
    }
    found = []
    for title, group in sections(service, fields):
        shown = [Shown(drawn[f.name], _theirs(f, typed, kept, known)) for f in group]
        found.append((title, shown))
    return found


def typed_in(fields: Sequence[FormField], data: Any) -> dict[str, Any]:
    """Return what was typed; a box that isn't ticked says no."""
    found = forms.read(fields, data)
    for field in fields:
        if field.type is FieldType.BOOLEAN:
            found[field.name] = field.name in data
    return found


def _as_typed(fields: Sequence[FormField], typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return kept values as the inputs of a page take them."""
    found = dict(typed)
    for field in fields:
        value = found.get(field.name)
        if field.type is FieldType.DATETIME and value:
            found[field.name] = str(value)[:16]
        elif field.type is FieldType.BOOLEAN and value is True:
            found[field.name] = "true"
    return found


def _theirs(
    field: FormField, typed: Mapping[str, Any], kept: Mapping[str, Any] | None, known: Names
) -> str:
    if kept is None:
        return ""
    mine, other = typed.get(field.name), kept.get(field.name)
    if _flat(mine) == _flat(other):
        return ""
    if field.sensitivity is Sensitivity.SENSITIVE:
        return "（内容不同，请回到办件核对）"
    return known.words(field, other) or "（空）"


def _flat(value: Any) -> str:
    if value in (None, False, "", []):
        return ""
    if isinstance(value, list | tuple):
        return ",".join(sorted(map(str, value)))
    return "true" if value is True else str(value)[:16] if "T" in str(value)[10:11] else str(value)
