"""Opening a case at the counter and acting on one: forms drawn from the service's file.

A form that is sent twice makes one case and acts once. Two people may save one case: the later
form comes back as it was typed, with the other's value beside each field that differs.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from agents.cases.listing import grouped
from agents.cases.names import Names, read_names
from agents.cases.reach import case as wanted_case
from agents.pages.acts import actor_of
from hotline.casework import Case, Service, Transition, booking, by_id, engine
from hotline.casework.erasing import correct, personal_fields
from hotline.casework.fields import FieldType, FormField, Sensitivity, clean
from hotline.casework.rows import view
from hotline.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from hotline.public import forms
from hotline.public.forms import CONTACT, Control
from hotline.tickets import shipped
from hotline.tickets.birth import SERVICE
from hotline.web.context import AUDIT, CLOCK, DATABASE, address_of, viewer_of
from hotline.web.permissions import Permission, Role
from hotline.web.templating import flash, render, see_other

CORRECT: Final = "correct_personal"
CORRECT_PERSONAL: Final = Permission("personal.correct", "更正个人信息", frozenset({Role.BUREAU}))

APPLICANT, MATTER, HANDLING = "申请人", "事项", "办理"

PHONE: Final = CONTACT.model_copy(update={"help": "通知和回访用；没有可以不填"})

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


async def choose(request: web.Request) -> web.StreamResponse:
    """Show the services that the viewer may open a case of."""
    actor = actor_of(viewer_of(request))
    services = [
        s
        for s in shipped().desk.services.by_code.values()
        if engine.may_act(s.opened_by, None, actor)
    ]
    return render(request, "cases/choose.html", groups=grouped(services), origin=_origin(request))


async def open_form(request: web.Request) -> web.StreamResponse:
    """Show the form of a new case."""
    service = _opened(request)
    async with request.app[DATABASE].read() as session:
        parent = await _parent(request, session)
        known = await read_names(session)
    typed = _carried(service, parent)
    for name, value in request.query.items():
        field = service.field_by_name.get(name)
        if field is not None and field.opening and field.type is FieldType.CODE:
            typed.setdefault(name, value[:80])
    place = viewer_of(request).organisation
    if place and "place" in service.field_by_name:
        typed.setdefault("place", place)
    return _open_page(request, service, known, parent=parent, typed=typed)


async def open_case(request: web.Request) -> web.StreamResponse:
    """Open a case; a refused form comes back with all that was typed."""
    app, viewer = request.app, viewer_of(request)
    service = _opened(request)
    data = await request.post()
    async with app[DATABASE].read() as session:
        parent = await _parent(request, session)
        known = await read_names(session)
    fields = opening_fields(service)
    typed = forms.read(fields, data)
    wrong = forms.check_lists(fields, typed, known.lists())
    if wrong:
        return _open_page(
            request, service, known, parent=parent, typed=typed, problems=wrong, data=data
        )
    try:
        async with app[DATABASE].write() as session:
            made = await shipped().desk.open(
                session,
                service.code,
                {k: v for k, v in typed.items() if k in service.field_by_name},
                actor=actor_of(viewer),
                now=app[CLOCK].now(),
                channel="counter" if parent is None else parent.channel,
                facets=_facets(service, typed, viewer.organisation),
                parent=parent,
                submission=str(data.get("submission", ""))[:64] or None,
            )
            app[AUDIT].record(
                session,
                viewer,
                "case.open",
                "case",
                made.number,
                address=address_of(request),
                service=service.code,
            )
    except InvalidInputError as error:
        problems = forms.problems_of(error)
        return _open_page(
            request, service, known, parent=parent, typed=typed, problems=problems, data=data
        )
    raise see_other(await _where(request, made))


async def _where(request: web.Request, made: Case) -> str:
    """Return where the new case is looked at, and tell its number."""
    flash(request, f"已登记，编号 {made.number}")
    if made.service == SERVICE:
        return f"/tickets/{made.number}"
    try:
        async with request.app[DATABASE].read() as session:
            await wanted_case(request.app, session, viewer_of(request), made.number)
    except NotFoundError:
        # Who takes in a complaint is not among those who see it.
        return "/cases"
    return f"/cases/{made.number}"


def opening_fields(service: Service) -> list[FormField]:
    """Return what is asked at the counter: with a telephone number where there is an applicant."""
    fields = [f for f in service.fields if f.opening]
    asks = any(f.name == "caller_name" for f in fields)
    return forms.with_contact(fields) if asks else fields


async def form(request: web.Request) -> web.StreamResponse:
    """Show the form of one act."""
    async with request.app[DATABASE].read() as session:
        found = await _wanted(request, session)
        known = await read_names(session)
    return _page(request, found, known)


async def act(request: web.Request) -> web.StreamResponse:
    """Do the act; a refused form comes back with all that was typed."""
    app, viewer = request.app, viewer_of(request)
    data = await request.post()
    async with app[DATABASE].read() as session:
        found = await _wanted(request, session)
        known = await read_names(session)
    case, service, transition = found
    fields = engine.asked_fields(service, transition)
    revision = str(data.get("revision", ""))
    seen = int(revision) if revision.isdigit() else None
    note = str(data.get("note", "")).strip()
    typed = _typed(fields, data)
    try:
        _refuse_unlisted(fields, typed, known)
        async with app[DATABASE].write() as session:
            if transition.action == CORRECT:
                row = await by_id(session, case.id)
                actor = actor_of(viewer)
                await correct(
                    session,
                    service,
                    row,
                    typed,
                    by=actor.id,
                    now=app[CLOCK].now(),
                    note=note,
                    revision=seen,
                )
            else:
                await shipped().desk.act(
                    session,
                    case.id,
                    transition.action,
                    typed,
                    actor=actor_of(viewer),
                    now=app[CLOCK].now(),
                    note=note,
                    revision=seen,
                    submission=str(data.get("submission", ""))[:64] or None,
                )
            app[AUDIT].record(
                session,
                viewer,
                "case.act",
                "case",
                case.number,
                address=address_of(request),
                done=transition.action,
            )
    except (ConflictError, InvalidInputError) as error:
        async with app[DATABASE].read() as session:
            case, service = await wanted_case(app, session, viewer, case.number)
        return _page(request, (case, service, transition), known, data=data, error=error)
    flash(request, f"已{transition.name}")
    raise see_other(f"/cases/{case.number}")


def _refuse_unlisted(fields: Sequence[FormField], typed: Mapping[str, Any], known: Names) -> None:
    wrong = forms.check_lists(fields, typed, known.lists())
    if wrong:
        raise InvalidInputError("请从列表中选择标出的各项", errors=wrong)


def _correction(service: Service, case: Case) -> Transition:
    """Return the correction of personal data as an act, which every case allows (PIPL 46)."""
    return Transition.model_validate(
        {
            "action": CORRECT,
            "name": "更正个人信息",
            "from": [case.state],
            "to": "=",
            "who": ["bureau"],
            "asks": [f.name for f in personal_fields(service)],
            "note": True,
            "basis": "个人信息保护法第四十六条；理由写请求的编号",
        }
    )


async def _wanted(request: web.Request, session: AsyncSession) -> tuple[Case, Service, Transition]:
    viewer = viewer_of(request)
    case, service = await wanted_case(request.app, session, viewer, request.match_info["number"])
    if request.match_info["action"] == CORRECT and viewer.may(CORRECT_PERSONAL):
        return case, service, _correction(service, case)
    for transition in await shipped().desk.available(session, case, actor_of(viewer)):
        if transition.action == request.match_info["action"]:
            return case, service, transition
    raise ForbiddenError("这个办件现在不能这样办：状态已变，或不是您的职责。请回到办件查看。")


def _opened(request: web.Request) -> Service:
    services = shipped().desk.services.by_code
    service = services.get(request.match_info["service"])
    if service is None:
        raise NotFoundError("没有这项服务，请从服务目录里选择。")
    if not engine.may_act(service.opened_by, None, actor_of(viewer_of(request))):
        raise ForbiddenError(f"您没有登记“{service.name}”的权限。")
    return service


def _origin(request: web.Request) -> str:
    number = request.query.get("from", "")
    return number if number.isdigit() and len(number) < 40 else ""


async def _parent(request: web.Request, session: AsyncSession) -> Case | None:
    """Return the case that the new one comes from, where the viewer may see it."""
    number = _origin(request)
    if not number:
        return None
    found, _ = await wanted_case(request.app, session, viewer_of(request), number)
    return found


def _carried(service: Service, parent: Case | None) -> dict[str, Any]:
    if parent is None:
        return {}
    values = view(parent).values
    typed = {f.name: values[f.name] for f in service.fields if f.opening and values.get(f.name)}
    if parent.caller_number:
        typed.setdefault(CONTACT.name, parent.caller_number)
    return typed


def _facets(service: Service, typed: Mapping[str, Any], organisation: str | None) -> dict[str, Any]:
    facets: dict[str, Any] = {}
    if typed.get(CONTACT.name):
        # Whom the workflow's notices go to.
        contact = clean([PHONE], {PHONE.name: typed[CONTACT.name]}, {})
        facets["caller_number"] = contact[PHONE.name]
    if organisation is not None and "place" not in service.field_by_name:
        # So that those who opened it find it again.
        facets["place"] = organisation
    return facets


def _open_page(
    request: web.Request,
    service: Service,
    known: Names,
    *,
    parent: Case | None,
    typed: Mapping[str, Any],
    problems: Mapping[str, str] | None = None,
    data: Mapping[str, Any] | None = None,
) -> web.Response:
    wrong = problems or {}
    fields = [PHONE if f is CONTACT else f for f in opening_fields(service)]
    return render(
        request,
        "cases/open.html",
        status=422 if wrong else 200,
        service=service,
        parent=parent,
        groups=_groups(service, fields, typed, wrong, known),
        problem="请改正标出的各项后再提交，您填写的内容都还在。" if wrong else "",
        other=wrong.get("", ""),
        submission=str(data.get("submission")) if data else secrets.token_urlsafe(12),
    )


def _page(
    request: web.Request,
    found: tuple[Case, Service, Transition],
    known: Names,
    *,
    data: Mapping[str, Any] | None = None,
    error: ConflictError | InvalidInputError | None = None,
) -> web.Response:
    case, service, transition = found
    fields = engine.asked_fields(service, transition)
    kept = {**view(case).facets, **case.data}
    kept = {name: value for name, value in kept.items() if value is not None}
    typed = kept if data is None else _typed(fields, data)
    conflict = isinstance(error, ConflictError)
    wrong = forms.problems_of(error) if isinstance(error, InvalidInputError) else {}
    groups = _groups(
        service,
        fields,
        typed,
        wrong,
        known,
        required=frozenset(transition.requires),
        kept=kept if conflict else None,
    )
    return render(
        request,
        "cases/act.html",
        status=200 if error is None else 409 if conflict else 422,
        case=case,
        service=service,
        act=transition,
        groups=groups,
        note=str(data.get("note", "")) if data else "",
        note_problem=wrong.get("note", ""),
        submission=str(data.get("submission")) if data else secrets.token_urlsafe(12),
        problem=error.message if error else "",
        conflict=conflict,
        calendar=_calendar(service, transition, typed, kept),
    )


def _calendar(
    service: Service,
    transition: Transition,
    typed: Mapping[str, Any],
    kept: Mapping[str, Any],
) -> str:
    """Return the address of the calendar that an appointment is made in, if the act makes one."""
    if service.booking is None or service.booking.at not in {
        *transition.asks,
        *transition.requires,
    }:
        return ""
    whose = booking.whose(service.booking, {**kept, **typed})
    return f"/cases/slots/{service.code}" + (f"?whose={whose}" if whose else "")


def _groups(
    service: Service,
    fields: Sequence[FormField],
    typed: Mapping[str, Any],
    problems: Mapping[str, str],
    known: Names,
    *,
    required: frozenset[str] = frozenset(),
    kept: Mapping[str, Any] | None = None,
) -> list[tuple[str, list[Shown]]]:
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


def _typed(fields: Sequence[FormField], data: Any) -> dict[str, Any]:
    """Return what was typed; a box that isn't ticked says no."""
    found = forms.read(fields, data)
    for field in fields:
        if field.type is FieldType.BOOLEAN:
            found[field.name] = field.name in data
    return found
