"""The same act on several tickets at once: each its own transaction, each refusal told.

Offered is what every chosen ticket allows the viewer; asked is only what the act requires.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from multidict import MultiMapping
from sqlalchemy.ext.asyncio import AsyncSession

from agents.pages.acts import actor_of, entry, given, possible
from agents.pages.tickets import names, vocabulary
from hotline.casework import Case, Transition, engine
from hotline.casework.fields import FormField
from hotline.errors import HotlineError, InvalidInputError, NotFoundError
from hotline.tickets import shipped
from hotline.web.context import CLOCK, DATABASE, on_record, viewer_of
from hotline.web.reach import ticket
from hotline.web.templating import render

MOST = 100


@dataclass(frozen=True)
class Done:
    """What came of one ticket."""

    number: str
    refusal: str = ""


async def page(request: web.Request) -> web.StreamResponse:
    """Show the chosen tickets, what may be done to all of them, and the chosen act's form."""
    return await _page(request, request.query)


async def act(request: web.Request) -> web.StreamResponse:
    """Do the act to each ticket; those that refuse are named with the reason."""
    app, viewer, data = request.app, viewer_of(request), await request.post()
    async with app[DATABASE].read() as session:
        cases = await _cases(request, session, data)
        chosen = _chosen(await _common(request, session, cases), data)
        fields = await _fields(session, cases, chosen)
    typed, note = given(data, fields), str(data.get("note", "")).strip()[:2000]
    if missing := [one.label for one in fields if not typed.get(one.name)]:
        return await _page(request, data, problem=f"还没有填：{'、'.join(missing)}")
    if chosen.note and not note:
        return await _page(request, data, problem="还没有填：理由")
    mark = str(data.get("submission", ""))[:40] or secrets.token_urlsafe(12)
    results = []
    for case in cases:
        try:
            async with app[DATABASE].write() as session:
                await shipped().desk.act(
                    session,
                    case.id,
                    chosen.action,
                    typed,
                    actor=actor_of(viewer),
                    now=app[CLOCK].now(),
                    note=note,
                    submission=f"{mark}.{case.id}",
                )
                on_record(
                    request,
                    session,
                    "ticket.act",
                    "ticket",
                    case.number,
                    done=chosen.action,
                    batch=len(cases),
                )
            results.append(Done(case.number))
        except HotlineError as error:
            results.append(Done(case.number, error.message))
    return render(request, "agents/batch_done.html", act=chosen, results=results)


async def _page(
    request: web.Request, data: MultiMapping[Any], *, problem: str = ""
) -> web.StreamResponse:
    async with request.app[DATABASE].read() as session:
        cases = await _cases(request, session, data)
        common = await _common(request, session, cases)
        chosen = _chosen(common, data) if data.get("action") else None
        known = await names(session)
        entries = [
            entry(one, cases[0], chosen, known=known, data=data, problems={})
            for one in (await _fields(session, cases, chosen) if chosen else [])
            if chosen is not None
        ]
    return render(
        request,
        "agents/batch.html",
        status=422 if problem else 200,
        cases=cases,
        acts=common,
        chosen=chosen,
        entries=entries,
        note=str(data.get("note", "")),
        submission=str(data.get("submission", "")) or secrets.token_urlsafe(12),
        problem=problem,
        names=known,
        **vocabulary(),
    )


async def _cases(
    request: web.Request, session: AsyncSession, data: MultiMapping[Any]
) -> Sequence[Case]:
    numbers = list(dict.fromkeys(str(one) for one in data.getall("number", [])))
    if not numbers:
        raise InvalidInputError("请先在工单列表里勾选要一起办理的工单")
    if len(numbers) > MOST:
        raise InvalidInputError(f"一次最多办理 {MOST} 张，请少选一些")
    viewer = viewer_of(request)
    return [await ticket(request.app, session, viewer, number=number) for number in numbers]


async def _common(
    request: web.Request, session: AsyncSession, cases: Sequence[Case]
) -> list[Transition]:
    """Return what all of them allow; merging and referring are about one ticket each."""
    viewer = viewer_of(request)
    allowed: dict[str, Transition] | None = None
    for case in cases:
        here = {one.action: one for one in await possible(session, case, viewer)}
        if allowed is None:
            allowed = here
        else:
            allowed = {action: one for action, one in allowed.items() if action in here}
    return [one for one in (allowed or {}).values() if one.action not in _ALONE]


_ALONE = frozenset({"record", "answer", "merge", "refer", "linked_result"})


def _chosen(common: Sequence[Transition], data: Mapping[str, Any]) -> Transition:
    wanted = str(data.get("action", ""))
    found = next((one for one in common if one.action == wanted), None)
    if found is None:
        raise NotFoundError("这些工单现在不能一起这样办：有的状态已变。请回到列表重新勾选。")
    return found


async def _fields(
    session: AsyncSession, cases: Sequence[Case], chosen: Transition | None
) -> list[FormField]:
    """Return what the act requires and not every ticket says already."""
    if chosen is None:
        return []
    service = await shipped().desk.definition(session, cases[0])
    return [
        one
        for one in engine.asked_fields(service, chosen)
        if one.name in chosen.requires and not all(case.data.get(one.name) for case in cases)
    ]
