"""On a ticket's page: what to tell the caller, the services that it may go on to, its papers."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from agents.pages.acts import actor_of
from agents.pages.tickets import Names, names
from agents.pages.words import topic
from hotline.casework import Case, Codes, Service, by_id, children, engine
from hotline.casework.rows import view
from hotline.errors import NotFoundError
from hotline.public.face import papers_folder
from hotline.public.papers import Papers, of_case
from hotline.public.tables import PaperTable
from hotline.tickets import shipped
from hotline.tickets.referral import destinations, open_from_ticket
from hotline.web import masking
from hotline.web.context import CLOCK, DATABASE, SETTINGS, on_record, viewer_of
from hotline.web.permissions import SEE_TICKETS
from hotline.web.reach import ticket
from hotline.web.section import Panel, PanelContext
from hotline.web.templating import flash, render, render_fragment, see_other
from hotline.web.viewer import Viewer


@dataclass(frozen=True)
class Kin:
    """A case that came from the ticket."""

    number: str
    service: str
    state: str
    over: bool
    code: str


async def draw(app: web.Application, context: PanelContext) -> Markup | None:
    """Draw the panel."""
    if context.case_id is None:
        return None
    desk, actor = shipped().desk, actor_of(context.viewer)
    case = await by_id(context.session, context.case_id)
    ways = {t.action for t in await desk.available(context.session, case, actor)}
    codes = Codes.of(app[SETTINGS].home)
    kin: list[Kin] = []
    for child in await children(context.session, case.id):
        service = await desk.definition(context.session, child)
        state = service.states[child.state]
        kin.append(
            Kin(
                child.number,
                service.name,
                state.name,
                child.closed_at is not None,
                codes.code(child.number),
            )
        )
    opened = {k.service for k in kin}
    offered = [s for s in destinations(desk.services, actor) if s.name not in opened]
    return render_fragment(
        app,
        "agents/ticket_cases.html",
        {
            "case": case,
            "code": codes.code(case.number),
            "kin": kin,
            "offered": offered if "refer" in ways else [],
            "papers": await _papers(context.session, case, context.viewer),
        },
    )


async def refer_form(request: web.Request) -> web.StreamResponse:
    """Show what would be carried over, and what to tell the caller."""
    app, viewer = request.app, viewer_of(request)
    async with app[DATABASE].read() as session:
        case = await ticket(app, session, viewer, number=request.match_info["number"])
        known = await names(session)
    service = next(
        (
            s
            for s in destinations(shipped().desk.services, actor_of(viewer))
            if s.code == request.match_info["service"]
        ),
        None,
    )
    if service is None:
        raise NotFoundError("没有这项服务，或您不能转办。")
    return render(
        request,
        "agents/ticket_refer.html",
        case=case,
        service=service,
        carried=_carried(case, service, known),
        submission=secrets.token_urlsafe(12),
    )


async def refer(request: web.Request) -> web.StreamResponse:
    """Open a case of another service from the ticket."""
    app, viewer = request.app, viewer_of(request)
    form = await request.post()
    async with app[DATABASE].write() as session:
        case = await ticket(app, session, viewer, number=request.match_info["number"])
        made = await open_from_ticket(
            shipped().desk,
            session,
            case.id,
            request.match_info["service"],
            actor=actor_of(viewer),
            now=app[CLOCK].now(),
            submission=str(form.get("submission", ""))[:64] or None,
        )
        on_record(
            request,
            session,
            "ticket.refer",
            "ticket",
            case.number,
            service=made.service,
            case=made.number,
        )
    name = shipped().desk.services.get(made.service).name
    flash(request, f"已转{name}，编号 {made.number}，已知情况已带过去")
    raise see_other(f"/tickets/{case.number}")


def _carried(case: Case, service: Service, known: Names) -> list[tuple[str, str]]:
    """Return label and value of what both the ticket and the service know, masked as elsewhere."""
    values = view(case).values
    told = [("姓名", masking.name(case.caller_name))] if case.caller_name else []
    if case.caller_number:
        told.append(("电话", masking.number(case.caller_number)))
    for field in service.fields:
        value = values.get(field.name)
        if not field.opening or value in (None, "", [], False) or field.name == "caller_name":
            continue
        names_ = {"place": known.place, "organisation_id": known.place, "topic": topic}
        told.append((field.label, names_.get(field.name, field.words)(value)))
    return told


async def paper(request: web.Request) -> web.StreamResponse:
    """Give out one paper of the ticket or of a case that came from it; the look is recorded."""
    app, viewer = request.app, viewer_of(request)
    wanted = int(request.match_info["paper"])
    async with app[DATABASE].write() as session:
        case = await ticket(app, session, viewer, number=request.match_info["number"])
        found = next((p for p in await _papers(session, case, viewer) if p.id == wanted), None)
        if found is None:
            raise NotFoundError("没有这份材料，或者不在您的查看范围内。")
        on_record(request, session, "paper.read", "ticket", case.number, paper=found.id)
    content = await Papers(papers_folder(app[SETTINGS].home)).read(found)
    # Saved, never shown in the page: an applicant's file is nothing that our pages trust.
    return web.Response(
        body=content,
        content_type=found.kind,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name)}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


async def _papers(session: AsyncSession, case: Case, viewer: Viewer) -> list[PaperTable]:
    desk, actor = shipped().desk, actor_of(viewer)
    found = list(await of_case(session, case.id))
    for child in await children(session, case.id):
        service = await desk.definition(session, child)
        if engine.may_see(service, view(child), actor):
            found += await of_case(session, child.id)
    return found


panel = Panel(
    name="cases",
    slot="side",
    order=20,
    permission=SEE_TICKETS,
    render=draw,
    refresh_on=("case.",),
)
