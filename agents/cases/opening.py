"""Opening a case at the counter: without a call, or from another case.

A form that is sent twice makes one case; one that is refused comes back as it was typed.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from agents.cases.drawing import groups
from agents.cases.listing import grouped
from agents.cases.names import Names, read_names
from agents.cases.reach import case as wanted_case
from agents.pages.acts import actor_of
from hotline.casework import Case, Service, engine
from hotline.casework.fields import FieldType, FormField, clean
from hotline.casework.rows import view
from hotline.errors import ForbiddenError, InvalidInputError, NotFoundError
from hotline.public import forms
from hotline.public.forms import CONTACT
from hotline.tickets import shipped
from hotline.tickets.birth import SERVICE
from hotline.web.context import CLOCK, DATABASE, on_record, viewer_of
from hotline.web.templating import flash, render, see_other

PHONE: Final = CONTACT.model_copy(update={"help": "通知和回访用；没有可以不填"})


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
    if not any(value for name, value in typed.items() if name != "place"):
        # Most of a ticket may be left out; one that says nothing was sent by mistake.
        wrong = wrong or {"": "还什么都没有填，不能登记。至少写一句来人要问什么。"}
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
            on_record(request, session, "case.open", "case", made.number, service=service.code)
    except InvalidInputError as error:
        problems = forms.problems_of(error)
        return _open_page(
            request, service, known, parent=parent, typed=typed, problems=problems, data=data
        )
    raise see_other(await _where(request, made))


def opening_fields(service: Service) -> list[FormField]:
    """Return what is asked at the counter: with a telephone number where there is an applicant."""
    fields = [f for f in service.fields if f.opening]
    asks = any(f.name == "caller_name" for f in fields)
    return forms.with_contact(fields) if asks else fields


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
        groups=groups(service, fields, typed, wrong, known),
        problem="请改正标出的各项后再提交，您填写的内容都还在。" if wrong else "",
        other=wrong.get("", ""),
        submission=str(data.get("submission")) if data else secrets.token_urlsafe(12),
    )
