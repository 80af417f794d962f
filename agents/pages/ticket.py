"""One ticket: the call's way with its reasons, what it was about, and other packages' panels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.moments.pages import SEE_MOMENTS
from agents.pages.acts import possible
from agents.pages.tickets import CARDS, Names, names, vocabulary
from agents.pages.words import OUTCOMES, topics
from hotline.calls.tables import CallBackTable, CallStepTable, CallTable
from hotline.casework import Case, card, children, events
from hotline.casework.definition import Service
from hotline.errors import NotFoundError
from hotline.routing.tables import OfferTable
from hotline.tickets import shipped
from hotline.web import masking
from hotline.web.context import AUDIT, CLOCK, DATABASE, address_of, on_record, panels, viewer_of
from hotline.web.permissions import REVEAL_PERSONAL
from hotline.web.reach import ticket
from hotline.web.section import Panel, PanelContext
from hotline.web.templating import is_fragment, render
from hotline.web.translating import told

FILLING = timedelta(minutes=10)

_STEP_KINDS = {
    "answered": "good",
    "ended": "",
    "waiting": "primary",
    "fallback": "warn",
    "abandoned": "bad",
}


@dataclass(frozen=True)
class Step:
    """One step of the call's or the ticket's way."""

    at: datetime
    words: str
    why: str = ""
    kind: str = ""


async def page(request: web.Request) -> web.StreamResponse:
    """Show a ticket; the look is recorded."""
    return await _page(request, revealed=False)


async def reveal(request: web.Request) -> web.StreamResponse:
    """Show the caller's whole number, on the record."""
    app, viewer = request.app, viewer_of(request)
    async with app[DATABASE].write() as session:
        case = await ticket(app, session, viewer, number=request.match_info["number"])
        on_record(request, session, "number.reveal", "ticket", case.number)
    if is_fragment(request):
        return web.Response(text=case.caller_number or "未显示号码", content_type="text/plain")
    return await _page(request, revealed=True)


async def preview(request: web.Request) -> web.StreamResponse:
    """Return the drawer's short view."""
    return await _page(request, revealed=False, template="agents/ticket_preview.html")


async def panel(request: web.Request) -> web.StreamResponse:
    """Return one panel anew, after its subject changed."""
    app, viewer = request.app, viewer_of(request)
    wanted = next((p for p in panels(app, viewer) if p.name == request.match_info["panel"]), None)
    if wanted is None:
        raise NotFoundError("没有这个栏目")
    async with app[DATABASE].read() as session:
        case = await ticket(app, session, viewer, number=request.match_info["number"])
        html = await wanted.render(app, _context(request, session, case))
    await app[AUDIT].look_from(
        app[DATABASE], viewer, "ticket.see", "ticket", case.number, address=address_of(request)
    )
    return web.Response(text=html or "", content_type="text/html")


async def _page(
    request: web.Request, *, revealed: bool, template: str = "agents/ticket.html"
) -> web.StreamResponse:
    app, viewer, now = request.app, viewer_of(request), request.app[CLOCK].now()
    async with app[DATABASE].read() as session:
        case = await ticket(app, session, viewer, number=request.match_info["number"])
        call = await session.get(CallTable, case.call_id) if case.call_id else None
        known = await names(session)
        service = await shipped().desk.definition(session, case)
        steps = await _call_steps(session, call, known) if call else []
        for earlier in await _calls_before(session, call) if call else []:
            steps = [*await _call_steps(session, earlier, known), *steps]
        acts = await _case_steps(session, case, service, known)
        shown: list[tuple[Panel, Any]] = []
        if template == "agents/ticket.html":
            context = _context(request, session, case)
            shown = [
                (p, await p.render(app, context))
                for p in panels(app, viewer)
                if p.slot in {"main", "side"}
            ]
        kin = list(await children(session, case.id))
        ways = await possible(session, case, viewer)
    async with app[DATABASE].write() as session:
        await app[AUDIT].look(
            session, viewer, "ticket.see", "ticket", case.number, address=address_of(request)
        )
    return render(
        request,
        template,
        case=case,
        call=call,
        names=known,
        service=service,
        steps=steps,
        acts=acts,
        filled=filled_fields(case, service, known),
        panels=[(p, html) for p, html in shown if html is not None],
        kin=kin,
        ways=ways,
        revealed=revealed,
        may_reveal=viewer.may(REVEAL_PERSONAL),
        may_moments=viewer.may(SEE_MOMENTS),
        card=card(case, now),
        outcome=OUTCOMES.get(call.outcome) if call and call.outcome else None,
        **vocabulary(),
    )


def _context(request: web.Request, session: AsyncSession, case: Case) -> PanelContext:
    return PanelContext(
        viewer=viewer_of(request),
        session=session,
        call_id=case.call_id,
        case_id=case.id,
        address=address_of(request),
    )


async def _calls_before(session: AsyncSession, call: CallTable) -> Sequence[CallTable]:
    """Return the calls that led to a call-back, the newest first: tries, and who asked for it."""
    if call.callback_id is None:
        return []
    asked_in = select(CallBackTable.call_id).where(CallBackTable.id == call.callback_id)
    rows = await session.scalars(
        select(CallTable)
        .where(
            or_(CallTable.id.in_(asked_in), CallTable.callback_id == call.callback_id),
            CallTable.id != call.id,
        )
        .order_by(CallTable.started_at.desc())
    )
    return rows.all()


async def _call_steps(session: AsyncSession, call: CallTable, known: Names) -> list[Step]:
    rows = await session.scalars(
        select(CallStepTable)
        .where(CallStepTable.call_id == call.id)
        .order_by(CallStepTable.at, CallStepTable.id)
    )
    steps = [Step(r.at, _safe(r.words, call), "", _STEP_KINDS.get(r.kind, "")) for r in rows]
    offers = await session.scalars(select(OfferTable).where(OfferTable.call_id == call.id))
    steps += [
        Step(o.made_at, f"派给{known.person(o.agent_id)}", _safe(o.words, call), "primary")
        for o in offers
    ]
    return sorted(steps, key=lambda step: step.at)


async def _case_steps(
    session: AsyncSession, case: Case, service: Service, known: Names
) -> list[Step]:
    acts = {t.action: t.name for t in service.transitions}
    found = []
    filled: tuple[str, datetime] | None = None
    for event in await events(session, case.id):
        if event.action == "facets":
            continue  # what observers put on the case stands in the page's head
        filling = (event.actor, event.at) if event.action == "record" else None
        if _goes_on(filled, filling):
            filled = filling
            continue
        filled = filling
        moved = event.from_state != event.to_state and event.to_state in service.states
        to = f" → {service.states[event.to_state].name}" if moved else ""
        actor = "系统" if event.actor == "system" else known.person(event.actor)
        done = {"open": "建单"}.get(event.action) or acts.get(event.action, event.action)
        to = "" if to.endswith(done) else to
        found.append(Step(event.at, f"{told(actor)}：{told(done)}{to}", _note(event.note), ""))
    return found


def _goes_on(before: tuple[str, datetime] | None, now: tuple[str, datetime] | None) -> bool:
    """Whether a person goes on filling the form: it is saved as they type, and told once."""
    return bool(before and now and before[0] == now[0] and now[1] - before[1] <= FILLING)


def _note(note: str | None) -> str:
    text = note or ""
    before, mark, code = text.partition("：")
    return f"{before}{mark}{OUTCOMES[code][0]}" if code in OUTCOMES else text


def _safe(text: str, call: CallTable) -> str:
    """Put the mask on the caller's number and names on codes, in a sentence of the journal."""
    if call.number:
        text = text.replace(call.number, masking.number(call.number))
    if call.topic and f"：{call.topic}" in text:
        text = text.replace(f"：{call.topic}", f"：{topics().get(call.topic, call.topic)}")
    return text


def filled_fields(case: Case, service: Service, known: Names) -> list[tuple[str, str, bool]]:
    """Return (label, value, long) of the form's fields that are filled."""
    found = []
    for field in service.fields:
        value = case.data.get(field.name)
        if value in (None, "", [], False) or field.name in _IN_HEAD:
            continue
        text = _told(
            value, getattr(field, "options", None) or {}, known, field.name, str(field.type)
        )
        found.append((field.label, text, len(text) > 30 or "\n" in text))
    return found


_IN_HEAD = frozenset({"title", "caller_name", "topic", "place", "organisation_id", "assignee_id"})


def _told(value: Any, options: Any, known: Names, name: str, kind: str = "") -> str:
    if value is True:
        return "是"
    if isinstance(value, list):
        return "、".join(_told(item, options, known, name) for item in value)
    if kind == "money":
        return f"{float(value):,.2f} 元".replace(".00 元", " 元")
    if name in {"organisation_id", "place", "jurisdiction"}:
        return known.place(str(value))
    return str(options.get(str(value), value)) if options else str(value)


__all__ = ["CARDS", "Step", "filled_fields", "page", "panel", "preview", "reveal"]


async def of_calls(session: AsyncSession, call_ids: Sequence[str]) -> dict[str, str]:
    """Return by which tickets calls are known."""
    rows = await session.execute(
        select(Case.call_id, Case.number).where(Case.call_id.in_(call_ids))
    )
    return {str(row.call_id): f"工单 {row.number}" for row in rows}
