"""The pages of persons: search, one file, merging and its undoing, and the panel on a ticket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aiohttp import web
from markupsafe import Markup
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.cases.reach import reach
from agents.persons import files, requests
from agents.persons.tables import PersonTable
from hotline.casework import Case, Service, by_id
from hotline.errors import InvalidInputError, NotFoundError
from hotline.tickets import shipped
from hotline.tickets.birth import SERVICE
from hotline.tickets.visibility import visible
from hotline.web.context import AUDIT, CLOCK, DATABASE, address_of, on_record, viewer_of
from hotline.web.permissions import REVEAL_PERSONAL, Permission, Role
from hotline.web.reach import reach_of
from hotline.web.section import Panel, PanelContext
from hotline.web.templating import flash, render, render_fragment, see_other
from hotline.web.viewer import Viewer

SEE_PERSONS: Final = Permission(
    "persons.see",
    "查看人员档案",
    frozenset({Role.LAWYER, Role.STATION, Role.SUPERVISOR, Role.BUREAU}),
)
MERGE_PERSONS: Final = Permission(
    "persons.merge", "合并人员档案", frozenset({Role.SUPERVISOR, Role.BUREAU})
)
LEAST_DIGITS: Final = 4


@dataclass(frozen=True)
class Line:
    """One case of a file."""

    case: Case
    service: Service
    state: str
    path: str


async def seen(app: web.Application, session: AsyncSession, viewer: Viewer) -> ColumnElement[bool]:
    """Return which tickets and cases the viewer sees."""
    tickets = (Case.service == SERVICE) & visible(await reach_of(app, session, viewer))
    return or_(tickets, await reach(app, session, viewer))


async def page(request: web.Request) -> web.StreamResponse:
    """Look for a file by telephone or name, among the cases that the viewer sees."""
    app, viewer = request.app, viewer_of(request)
    text = request.query.get("text", "").strip()[:60]
    found: list[tuple[PersonTable, int]] = []
    problem = ""
    if text.isdigit() and len(text) < LEAST_DIGITS:
        problem = f"按号码查找请至少输入 {LEAST_DIGITS} 位"
    elif text:
        async with app[DATABASE].read() as session:
            found = await _search(session, text, await seen(app, session, viewer))
    return render(request, "persons/persons.html", text=text, found=found, problem=problem)


async def _search(
    session: AsyncSession, text: str, may: ColumnElement[bool]
) -> list[tuple[PersonTable, int]]:
    if text.isdigit():
        wanted = or_(
            Case.caller_number == text,
            (Case.caller_reversed >= text[::-1])
            & (Case.caller_reversed < text[::-1] + "\U0010ffff"),
        )
    else:
        wanted = Case.caller_name == text
    query = (
        select(Case.person_id)
        .where(Case.person_id.is_not(None), wanted, may)
        .order_by(Case.id.desc())
        .limit(files.MOST)
    )
    counted: dict[str, int] = {}
    for person_id in await session.scalars(query):
        person = await files.get(session, str(person_id))
        counted[person.id] = counted.get(person.id, 0) + 1
    return [(await files.get(session, person_id), n) for person_id, n in counted.items()]


async def person(request: web.Request) -> web.StreamResponse:
    """Show one file; the look is recorded."""
    return await _person(request, revealed=False)


async def reveal(request: web.Request) -> web.StreamResponse:
    """Show the whole name and number, on the record."""
    app = request.app
    async with app[DATABASE].write() as session:
        found = await _wanted(request, session)
        on_record(request, session, "person.reveal", "person", found.id)
    return await _person(request, revealed=True)


async def _person(request: web.Request, *, revealed: bool) -> web.StreamResponse:
    app, viewer = request.app, viewer_of(request)
    async with app[DATABASE].read() as session:
        found = await _wanted(request, session)
        if found.id != request.match_info["person"]:
            raise see_other(f"/persons/{found.id}")
        may = await seen(app, session, viewer)
        lines = [await _line(session, c) for c in await files.cases_of(session, found, may)]
        alike = await files.like_person(session, found, may)
        others = [(one, await _line(session, one.case) if one.case else None) for one in alike]
        mergers = [
            (m, await session.get(PersonTable, m.merged))
            for m in await files.mergers(session, found)
        ]
    async with app[DATABASE].write() as session:
        await app[AUDIT].look(
            session, viewer, "person.see", "person", found.id, address=address_of(request)
        )
    return render(
        request,
        "persons/person.html",
        person=found,
        lines=lines,
        others=others,
        mergers=mergers,
        revealed=revealed,
        may_reveal=viewer.may(REVEAL_PERSONAL),
        may_merge=viewer.may(MERGE_PERSONS),
    )


async def begin(request: web.Request) -> web.StreamResponse:
    """Begin a file with a case, or put the case into the file that was chosen."""
    app, viewer = request.app, viewer_of(request)
    data = await request.post()
    by, now = viewer.agent_id or viewer.account, app[CLOCK].now()
    async with app[DATABASE].write() as session:
        may = await seen(app, session, viewer)
        case = await session.scalar(
            select(Case).where(Case.number == str(data.get("case", "")), may)
        )
        if case is None:
            raise NotFoundError("没有这个办件，或者不在您的查看范围内。")
        chosen = str(data.get("person", ""))
        if chosen:
            file = await files.get(session, chosen)
            await files.add(session, file, case, by=by, now=now)
        else:
            file = await files.begin(session, case, by=by, now=now)
        on_record(request, session, "person.add", "person", file.id, case=case.number)
    flash(request, "已归入档案")
    raise see_other(f"/persons/{file.id}")


async def take_out(request: web.Request) -> web.StreamResponse:
    """Take a case out of a file."""
    app, viewer = request.app, viewer_of(request)
    data = await request.post()
    async with app[DATABASE].write() as session:
        file = await _wanted(request, session)
        may = await seen(app, session, viewer)
        case = await session.scalar(
            select(Case).where(
                Case.number == str(data.get("case", "")), Case.person_id == file.id, may
            )
        )
        if case is None:
            raise NotFoundError("档案里没有这个办件。")
        by = viewer.agent_id or viewer.account
        await files.take_out(session, case, by=by, now=app[CLOCK].now())
        on_record(request, session, "person.take_out", "person", file.id, case=case.number)
    flash(request, "已移出档案")
    raise see_other(f"/persons/{file.id}")


async def merge_form(request: web.Request) -> web.StreamResponse:
    """Show two files side by side before they are merged."""
    app, viewer = request.app, viewer_of(request)
    async with app[DATABASE].read() as session:
        kept = await _wanted(request, session)
        merged = await files.get(session, request.match_info["other"])
        may = await seen(app, session, viewer)
        sides = [
            (p, [await _line(session, c) for c in await files.cases_of(session, p, may)])
            for p in (kept, merged)
        ]
    return render(request, "persons/merge.html", kept=kept, merged=merged, sides=sides)


async def merge(request: web.Request) -> web.StreamResponse:
    """Merge two files after somebody has confirmed."""
    app, viewer = request.app, viewer_of(request)
    if "confirmed" not in await request.post():
        raise InvalidInputError("请先核对两份档案，再勾选“确认是同一人”。", field="confirmed")
    async with app[DATABASE].write() as session:
        kept = await _wanted(request, session)
        merged = await files.get(session, request.match_info["other"])
        by = viewer.agent_id or viewer.account
        await files.merge(session, kept, merged, by=by, now=app[CLOCK].now())
        on_record(request, session, "person.merge", "person", kept.id, merged=merged.id)
    flash(request, "已合并；发现不是同一人时可以撤销")
    raise see_other(f"/persons/{kept.id}")


async def undo(request: web.Request) -> web.StreamResponse:
    """Undo a merger."""
    app, viewer = request.app, viewer_of(request)
    async with app[DATABASE].write() as session:
        kept = await _wanted(request, session)
        by = viewer.agent_id or viewer.account
        again = await files.undo(
            session, kept, int(request.match_info["merge"]), by=by, now=app[CLOCK].now()
        )
        on_record(request, session, "person.undo", "person", kept.id, merged=again.id)
    flash(request, "已撤销合并，两份档案各归各")
    raise see_other(f"/persons/{kept.id}")


async def of_case(request: web.Request) -> web.StreamResponse:
    """Lead from a case to its file, or to the choice of one."""
    app, viewer = request.app, viewer_of(request)
    async with app[DATABASE].read() as session:
        may = await seen(app, session, viewer)
        number = request.match_info["number"]
        case = await session.scalar(select(Case).where(Case.number == number, may))
        if case is None:
            raise NotFoundError("没有这个办件，或者不在您的查看范围内。")
        if case.person_id is not None:
            file = await files.get(session, case.person_id)
            raise see_other(f"/persons/{file.id}")
        alike = await files.like_case(session, case, may)
        line = await _line(session, case)
    return render(request, "persons/choose.html", line=line, alike=alike)


async def draw(app: web.Application, context: PanelContext) -> Markup | None:
    """Draw the panel on a ticket: the caller's file, or files that it may belong to."""
    if context.case_id is None:
        return None
    case = await by_id(context.session, context.case_id)
    return await drawn(app, context.session, context.viewer, case)


async def drawn(
    app: web.Application, session: AsyncSession, viewer: Viewer, case: Case
) -> Markup | None:
    """Draw the same for any case."""
    if not viewer.may(SEE_PERSONS):
        return None
    erases = requests.concerns(case) and viewer.may(requests.ERASE)
    may = await seen(app, session, viewer)
    file: PersonTable | None = None
    alike: list[files.Likeness] = []
    others = 0
    if case.person_id is not None:
        file = await files.get(session, case.person_id)
        others = len(await files.cases_of(session, file, may)) - 1
    elif case.caller_number:
        alike = await files.like_case(session, case, may)
    elif not case.caller_name:
        return None
    values = {
        "case": case,
        "file": file,
        "alike": alike,
        "others": max(0, others),
        "erases": erases,
    }
    return render_fragment(app, "persons/panel.html", values)


async def _wanted(request: web.Request, session: AsyncSession) -> PersonTable:
    """Return the file, if the viewer sees one of its cases; otherwise it isn't there."""
    found = await files.get(session, request.match_info["person"])
    may = await seen(request.app, session, viewer_of(request))
    if not await files.cases_of(session, found, may):
        raise NotFoundError("没有这份人员档案，或者不在您的查看范围内。")
    return found


async def _line(session: AsyncSession, case: Case) -> Line:
    service = await shipped().desk.definition(session, case)
    state = service.states.get(case.state)
    path = f"/{'tickets' if case.service == SERVICE else 'cases'}/{case.number}"
    return Line(case, service, state.name if state else case.state, path)


panel = Panel(
    name="person",
    slot="side",
    order=30,
    permission=SEE_PERSONS,
    render=draw,
    refresh_on=("case.facets",),
)
