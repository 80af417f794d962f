"""Acting on a ticket: whatever its service file allows the viewer, each act with its own form.

Two people may save one ticket. The later one is not thrown away: the form comes back with what
they typed, and beside each field that somebody else changed meanwhile stands the other's value.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from agents.pages import words
from agents.pages.tickets import Names, names
from hotline.casework import Actor, Case, Service, Transition, engine
from hotline.casework.definition import FACETS
from hotline.casework.fields import FieldType, FormField
from hotline.errors import ConflictError, ForbiddenError, InvalidInputError
from hotline.tickets import shipped
from hotline.web.context import CLOCK, DATABASE, on_record, viewer_of
from hotline.web.reach import ticket
from hotline.web.templating import flash, render, see_other
from hotline.web.viewer import Viewer

SECTIONS = (
    ("来电人", ("caller_name", "age_band", "special_group", "number_place")),
    (
        "案情",
        (
            *("title", "details", "demand", "business", "area", "topic", "place"),
            *("jurisdiction", "amount", "other_party", "evidence", "limitation_deadline"),
        ),
    ),
    ("答复", ("answer", "statutes", "risk", "referral", "legal_aid_told", "wrap_up")),
    ("控制", ("urgency", "confidential", "callback_window")),
)
"""How the long form is divided; fields that a bureau adds come last."""


@dataclass(frozen=True)
class Entry:
    """One field of the form as the page draws it."""

    name: str
    label: str
    kind: str
    value: str
    chosen: frozenset[str]
    options: Sequence[tuple[str, str]]
    required: bool
    help: str
    problem: str
    theirs: str
    """What somebody else wrote meanwhile; empty where nobody did."""


def actor_of(viewer: Viewer) -> Actor:
    """Return the viewer as casework knows people."""
    return Actor(
        id=viewer.agent_id or viewer.account,
        roles=frozenset(role.value for role in viewer.roles),
        organisation_id=viewer.organisation,
        name=viewer.name,
    )


async def form(request: web.Request) -> web.StreamResponse:
    """Show the form of one act."""
    async with request.app[DATABASE].read() as session:
        case, service, transition = await _wanted(request, session)
        known = await names(session)
    return _page(request, case, service, transition, known)


async def act(request: web.Request) -> web.StreamResponse:
    """Do the act; a refused form comes back with all that was typed."""
    app, viewer = request.app, viewer_of(request)
    data = await request.post()
    async with app[DATABASE].read() as session:
        case, service, transition = await _wanted(request, session)
        known = await names(session)
    typed = given(data, engine.asked_fields(service, transition))
    revision = str(data.get("revision", ""))
    try:
        async with app[DATABASE].write() as session:
            await shipped().desk.act(
                session,
                case.id,
                transition.action,
                typed,
                actor=actor_of(viewer),
                now=app[CLOCK].now(),
                note=str(data.get("note", "")).strip(),
                revision=int(revision) if revision.isdigit() else None,
                submission=str(data.get("submission", ""))[:64] or None,
            )
            on_record(request, session, "ticket.act", "ticket", case.number, done=transition.action)
    except (ConflictError, InvalidInputError) as error:
        return _page(request, case, service, transition, known, data=data, error=error)
    flash(request, f"已{transition.name}")
    raise see_other(f"/tickets/{case.number}")


async def possible(session: AsyncSession, case: Case, viewer: Viewer) -> Sequence[Transition]:
    """Return what the viewer may do to the ticket now."""
    return await shipped().desk.available(session, case, actor_of(viewer))


async def _wanted(request: web.Request, session: AsyncSession) -> tuple[Case, Service, Transition]:
    viewer = viewer_of(request)
    case = await ticket(request.app, session, viewer, number=request.match_info["number"])
    service = await shipped().desk.definition(session, case)
    for transition in await possible(session, case, viewer):
        if transition.action == request.match_info["action"]:
            return case, service, transition
    raise ForbiddenError("这张工单现在不能这样办：状态已变，或不是您的职责。请回到工单查看。")


def given(data: Mapping[str, Any], fields: Sequence[FormField]) -> dict[str, Any]:
    """Return what a form says about the fields; an unticked box says no."""
    found: dict[str, Any] = {}
    for field in fields:
        if field.type is FieldType.CHOICES:
            found[field.name] = list(data.getall(field.name, []))  # type: ignore[attr-defined]
        elif field.type is FieldType.BOOLEAN:
            found[field.name] = field.name in data
        elif field.name in data:
            found[field.name] = data[field.name]
    return found


def _page(
    request: web.Request,
    case: Case,
    service: Service,
    transition: Transition,
    known: Names,
    *,
    data: Mapping[str, Any] | None = None,
    error: ConflictError | InvalidInputError | None = None,
) -> web.Response:
    fields = engine.asked_fields(service, transition)
    problems = error.details.get("errors", {}) if error else {}
    conflict = isinstance(error, ConflictError)
    entries = {
        field.name: entry(
            field,
            case,
            transition,
            known=known,
            data=data,
            problems=problems,
            conflict=conflict,
        )
        for field in fields
    }
    return render(
        request,
        "agents/act.html",
        status=200 if error is None else 409 if conflict else 422,
        case=case,
        act=transition,
        groups=groups_of(entries),
        note=str(data.get("note", "")) if data else "",
        submission=str(data.get("submission")) if data else secrets.token_urlsafe(12),
        problem=error.message if error else "",
        conflict=conflict,
        topic=words.topic,
    )


def groups_of(entries: Mapping[str, Entry]) -> list[tuple[str, list[Entry]]]:
    """Return the fields in the parts of the long form."""
    left = dict(entries)
    found = []
    for title, members in SECTIONS:
        group = [left.pop(name) for name in members if name in left]
        if group:
            found.append((title, group))
    if left:
        found.append(("其他", list(left.values())))
    return found


def entry(
    field: FormField,
    case: Case,
    transition: Transition,
    *,
    known: Names,
    data: Mapping[str, Any] | None = None,
    problems: Mapping[str, str] | None = None,
    conflict: bool = False,
) -> Entry:
    """Return one field as the page draws it: as it is kept, or as it was typed in ``data``."""
    kept = kept_of(field, case)
    shown: Any = kept
    if data is not None:
        shown = given(data, [field]).get(field.name)
    differs = conflict and flat(shown) != flat(kept)
    return Entry(
        name=field.name,
        label=field.label,
        kind=field.type.value,
        value=flat(shown),
        chosen=frozenset(map(str, shown)) if isinstance(shown, list) else frozenset(),
        options=_options(field, known),
        required=field.required or field.name in transition.requires,
        help=field.help,
        problem=(problems or {}).get(field.name, ""),
        theirs=(field.words(kept) or "（空）") if differs else "",
    )


def kept_of(field: FormField, case: Case) -> Any:
    """Return what the ticket holds of a field."""
    kept = getattr(case, field.name) if field.name in FACETS else None
    return case.data.get(field.name) if kept is None else kept


def flat(value: Any) -> str:
    """Return a value as one text, for comparing."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ",".join(sorted(map(str, value)))
    return str(value)


def _options(field: FormField, known: Names) -> list[tuple[str, str]]:
    if field.options:
        return list(field.options.items())
    lists: Mapping[str, Mapping[str, str]] = {
        "topic": words.topics(),
        "place": known.places,
        "organisation_id": known.places,
        "assignee_id": known.people,
    }
    return list(lists.get(field.name, {}).items())
