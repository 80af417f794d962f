"""Documents that were made out in a case, and the papers that came with it."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from agents.cases.reach import case as wanted_case
from hotline.casework import documents
from hotline.errors import ConflictError, InvalidInputError, NotFoundError
from hotline.public import papers, uploads
from hotline.public.face import papers_folder
from hotline.web import csrf
from hotline.web.context import CLOCK, DATABASE, SETTINGS, on_record, viewer_of
from hotline.web.templating import flash, render, see_other


async def document(request: web.Request) -> web.StreamResponse:
    """Show one document as it was issued, ready to be printed; the look is recorded."""
    app, viewer = request.app, viewer_of(request)
    wanted = int(request.match_info["document"])
    async with app[DATABASE].write() as session:
        case, service = await wanted_case(app, session, viewer, request.match_info["number"])
        found = next((d for d in await documents(session, case.id) if d.id == wanted), None)
        if found is None:
            raise NotFoundError("没有这份文书，或者不在您的查看范围内。")
        on_record(request, session, "document.read", "case", case.number, document=found.title)
    return render(request, "cases/document.html", case=case, service=service, document=found)


async def paper(request: web.Request) -> web.StreamResponse:
    """Give out one paper of the case; the look is recorded."""
    app, viewer = request.app, viewer_of(request)
    wanted = int(request.match_info["paper"])
    async with app[DATABASE].write() as session:
        case, _ = await wanted_case(app, session, viewer, request.match_info["number"])
        found = next((p for p in await papers.of_case(session, case.id) if p.id == wanted), None)
        if found is None:
            raise NotFoundError("没有这份材料，或者不在您的查看范围内。")
        on_record(request, session, "paper.read", "case", case.number, paper=found.id)
    content = await papers.Papers(papers_folder(app[SETTINGS].home)).read(found)
    # Saved, never shown in the page: an applicant's file is nothing that our pages trust.
    return web.Response(
        body=content,
        content_type=found.kind,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name)}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


async def add_paper(request: web.Request) -> web.StreamResponse:
    """Take a paper in at the counter. The form is read piece by piece: it may be large."""
    app, viewer = request.app, viewer_of(request)
    csrf.check_origin(request, app[SETTINGS].web.public_url)
    store = papers.Papers(papers_folder(app[SETTINGS].home))
    number = request.match_info["number"]
    try:
        taken = await uploads.paper(request)
        async with app[DATABASE].write() as session:
            case, _ = await wanted_case(app, session, viewer, number)
            if case.closed_at is not None:
                raise ConflictError("办件已经办结，不能再加材料。")
            sender = viewer.agent_id or viewer.account
            await store.add(session, case.id, taken, sender=sender, now=app[CLOCK].now())
            on_record(request, session, "paper.add", "case", number)
    except InvalidInputError as error:
        flash(request, error.message, "bad")
    else:
        flash(request, f"已收下“{taken.name}”")
    raise see_other(f"/cases/{number}#papers")
