"""Acting on a case: forms drawn from the service's file.

A form that is sent twice acts once. Two people may save one case: the later form comes back as it
was typed, with the other's value beside each field that differs.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from agents.cases.drawing import groups, typed_in
from agents.cases.figure import figure, kept_at
from agents.cases.names import Names, read_names
from agents.cases.reach import case as wanted_case
from agents.pages.acts import actor_of
from agents.reports.standing import Standing
from hotline.casework import Case, Service, Transition, booking, by_id, engine
from hotline.casework.desk import was_done
from hotline.casework.erasing import correct, personal_fields
from hotline.casework.fields import FormField
from hotline.casework.rows import view
from hotline.errors import ConflictError, InvalidInputError
from hotline.public import forms
from hotline.tickets import shipped
from hotline.web.context import CLOCK, DATABASE, on_record, viewer_of
from hotline.web.permissions import Permission, Role
from hotline.web.templating import flash, render, see_other

CORRECT: Final = "correct_personal"
CORRECT_PERSONAL: Final = Permission("personal.correct", "更正个人信息", frozenset({Role.BUREAU}))


async def form(request: web.Request) -> web.StreamResponse:
    """Show the form of one act."""
    async with request.app[DATABASE].read() as session:
        found = await _wanted(request, session)
        known = await read_names(session)
        standing = await figure(request, session, found[0], found[1])
    return _page(request, found, known, standing=standing)


async def act(request: web.Request) -> web.StreamResponse:
    """Do the act; a refused form comes back with all that was typed."""
    app, viewer = request.app, viewer_of(request)
    data = await request.post()
    submission = str(data.get("submission", ""))[:64] or None
    async with app[DATABASE].read() as session:
        if submission is not None:
            known_case, _ = await wanted_case(app, session, viewer, request.match_info["number"])
            if await was_done(session, known_case.id, submission):
                # The same form again: the first one has acted, and its way may be gone already.
                raise see_other(f"/cases/{known_case.number}")
        found = await _wanted(request, session)
        known = await read_names(session)
        standing = await figure(request, session, found[0], found[1])
    case, service, transition = found
    fields = _typed_fields(service, transition)
    revision = str(data.get("revision", ""))
    seen = int(revision) if revision.isdigit() else None
    note = str(data.get("note", "")).strip()
    typed = typed_in(fields, data)
    keeps = kept_at(service, transition.action)
    counted = {keeps: standing.words} if keeps and standing is not None else {}
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
                    {**typed, **counted},
                    actor=actor_of(viewer),
                    now=app[CLOCK].now(),
                    note=note,
                    revision=seen,
                    submission=submission,
                )
            on_record(request, session, "case.act", "case", case.number, done=transition.action)
    except (ConflictError, InvalidInputError) as error:
        async with app[DATABASE].read() as session:
            case, service = await wanted_case(app, session, viewer, case.number)
        acted = (case, service, transition)
        return _page(request, acted, known, data=data, error=error, standing=standing)
    flash(request, f"已{transition.name}")
    raise see_other(f"/cases/{case.number}")


def _typed_fields(service: Service, transition: Transition) -> list[FormField]:
    """Return what people fill in: without the figure that the house counts itself."""
    keeps = kept_at(service, transition.action)
    return [f for f in engine.asked_fields(service, transition) if f.name != keeps]


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
    action, actor = request.match_info["action"], actor_of(viewer)
    refusal = engine.why_not(service, view(case), action, actor)
    raise refusal or ConflictError("这个办件现在不能这样办，请回到办件查看。")


def _page(
    request: web.Request,
    found: tuple[Case, Service, Transition],
    known: Names,
    *,
    data: Mapping[str, Any] | None = None,
    error: ConflictError | InvalidInputError | None = None,
    standing: Standing | None = None,
) -> web.Response:
    case, service, transition = found
    fields = _typed_fields(service, transition)
    kept = {**view(case).facets, **case.data}
    kept = {name: value for name, value in kept.items() if value is not None}
    typed = kept if data is None else typed_in(fields, data)
    conflict = isinstance(error, ConflictError)
    wrong = forms.problems_of(error) if isinstance(error, InvalidInputError) else {}
    drawn = groups(
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
        groups=drawn,
        note=str(data.get("note", "")) if data else "",
        note_problem=wrong.get("note", ""),
        submission=str(data.get("submission")) if data else secrets.token_urlsafe(12),
        problem=error.message if error else "",
        conflict=conflict,
        standing=standing if kept_at(service, transition.action) else None,
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
    values = {**kept, **typed}
    field = booking.whose(service.booking, values)
    return f"/cases/slots/{service.code}" + (f"?whose={field}:{values[field]}" if field else "")
