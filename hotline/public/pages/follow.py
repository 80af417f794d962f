"""A case in its applicant's hands: progress, papers, what the applicant may do, evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from hotline.casework import Case, Transition, by_number
from hotline.casework.definition import Service
from hotline.errors import ConflictError, InvalidInputError, NotFoundError
from hotline.messages.wording import EVALUATE, evaluation_path
from hotline.public import evaluation, following, forms, papers, uploads
from hotline.public.face import Face
from hotline.public.following import NotYoursError
from hotline.public.intake import APPLICANT_ACTOR
from hotline.public.pages import times
from hotline.public.pages.showing import (
    back_to,
    forget,
    is_fresh,
    note_done,
    page,
    remember,
    remembers,
    show,
    told_done,
)
from hotline.web import csrf
from hotline.web.context import address_of


@page
async def form(face: Face, request: web.Request) -> web.StreamResponse:
    """Ask for number and code."""
    return _ask(face, request)


@page
async def enter(face: Face, request: web.Request) -> web.StreamResponse:
    """Take number and code."""
    face.limiter.check("follow", address_of(request))
    posted = await request.post()
    number, code = str(posted.get("number", "")), str(posted.get("code", ""))
    if not number.strip() or not code.strip():
        return _ask(face, request, number, "请填写编号和查询码")
    try:
        case = await following.admit(face.database, face.codes, number, code, face.clock.now())
    except NotYoursError as error:
        return _ask(face, request, number, error.message)
    remember(face, request, case.number)
    raise back_to(f"/public/cases/{case.number}")


@page
async def case(face: Face, request: web.Request) -> web.StreamResponse:
    """Show a case to who has shown its number and code; to others the question for them."""
    number = request.match_info["number"]
    if not remembers(face, request, number):
        return _ask(face, request, number)
    return await _case(face, request, number)


@page
async def leave(face: Face, request: web.Request) -> web.StreamResponse:
    """Forget the visitor's cases."""
    del face
    forget(request)
    raise back_to("/public")


@page
async def act_form(face: Face, request: web.Request) -> web.StreamResponse:
    """Show the form of something that the applicant may do."""
    chosen = await _act(face, request)
    found, service, transition = chosen
    if following.takes_time(service, transition):
        return await times.show_choice(face, request, found, service)
    return await _show_act(face, request, chosen)


@page
async def act(face: Face, request: web.Request) -> web.StreamResponse:
    """Do it."""
    chosen = await _act(face, request)
    found, service, transition = chosen
    if following.takes_time(service, transition):
        return await times.take(face, request, found, service)
    posted = await request.post()
    fields = following.act_fields(service, transition)
    typed, note = forms.read(fields, posted), str(posted.get("note", ""))
    mark = str(posted.get("mark", ""))[:60]
    try:
        async with face.database.write() as session:
            await face.desk.act(
                session,
                found.id,
                transition.action,
                typed,
                actor=APPLICANT_ACTOR,
                now=face.clock.now(),
                note=note,
                submission=f"applicant:{mark}" if mark else None,
            )
    except InvalidInputError as error:
        problems = forms.problems_of(error)
        return await _show_act(face, request, chosen, typed=typed, problems=problems, note=note)
    note_done(request, found.number, transition.name)
    raise back_to(f"/public/cases/{found.number}")


@page
async def add_paper(face: Face, request: web.Request) -> web.StreamResponse:
    """Take one file. The form is read piece by piece: it may be larger than other forms."""
    number = request.match_info["number"]
    csrf.check_origin(request, face.settings.web.public_url)
    if not remembers(face, request, number):
        return _ask(face, request, number)
    face.limiter.check("upload", address_of(request))
    try:
        paper = await uploads.paper(request)
        now = face.clock.now()
        async with face.database.write() as session:
            found = await by_number(session, number)
            if found.closed_at is not None:
                raise ConflictError("办件已经办结，不能再上传材料。需要补充请拨打 12348。")
            await face.papers.add(session, found.id, paper, sender="applicant", now=now)
    except InvalidInputError as error:
        return await _case(face, request, number, paper_problem=error.message)
    raise back_to(f"/public/cases/{number}#papers")


@page
async def evaluate_form(face: Face, request: web.Request) -> web.StreamResponse:
    """Ask for the evaluation of the case whose link this is."""
    return await _show_evaluation(face, request, await _evaluated(face, request), {}, {})


@page
async def evaluate(face: Face, request: web.Request) -> web.StreamResponse:
    """Take the evaluation."""
    face.limiter.check("evaluate", address_of(request))
    found = await _evaluated(face, request)
    posted = await request.post()
    async with face.database.write() as session:
        service = await face.desk.definition(session, found)
        try:
            chosen = evaluation.answers(service, posted)
        except InvalidInputError as error:
            problems = forms.problems_of(error)
            return await _show_evaluation(face, request, found, posted, problems)
        current = await by_number(session, found.number)
        await evaluation.evaluate(face.desk, session, current, chosen, face.clock.now())
    return show(face, request, "public/evaluated.html", satisfaction=chosen.get("satisfaction"))


def _ask(
    face: Face, request: web.Request, number: str = "", problem: str = ""
) -> web.StreamResponse:
    return show(
        face,
        request,
        "public/follow.html",
        status=422 if problem else 200,
        number=number[:40],
        problem=problem,
    )


async def _case(
    face: Face, request: web.Request, number: str, *, paper_problem: str = ""
) -> web.StreamResponse:
    async with face.database.read() as session:
        found = await by_number(session, number)
        progress = await following.progress(face.desk, session, found, face.clock.now())
        names = {station.code: station.name for station in await face.stations(session)}
    fresh, done = is_fresh(request, number), told_done(request, number)
    return show(
        face,
        request,
        "public/case.html",
        status=422 if paper_problem else 200,
        progress=progress,
        names=names,
        code=face.codes.code(number) if fresh else "",
        done=done,
        evaluation_path=evaluation_path(face.codes, number),
        accepted=papers.ACCEPTED,
        accept=papers.ACCEPT,
        largest=papers.LARGEST // 1024 // 1024,
        paper_problem=paper_problem,
    )


async def _act(face: Face, request: web.Request) -> tuple[Case, Service, Transition]:
    number, action = request.match_info["number"], request.match_info["action"]
    if not remembers(face, request, number):
        raise NotFoundError("请先填写编号和查询码。")
    async with face.database.read() as session:
        found = await by_number(session, number)
        service = await face.desk.definition(session, found)
        ways = await following.applicant_acts(face.desk, session, found, service)
    transition = next((t for t in ways if t.action == action), None)
    if transition is None:
        raise ConflictError("这个办件现在不能这样办，请回到办件页查看最新进度。")
    return found, service, transition


async def _show_act(
    face: Face,
    request: web.Request,
    chosen: tuple[Case, Service, Transition],
    *,
    typed: Mapping[str, Any] | None = None,
    problems: Mapping[str, str] | None = None,
    note: str = "",
) -> web.Response:
    found, service, transition = chosen
    wrong = problems or {}
    async with face.database.read() as session:
        lists = await face.lists(session)
    fields = following.act_fields(service, transition)
    required = frozenset(transition.requires)
    return show(
        face,
        request,
        "public/act.html",
        status=422 if wrong else 200,
        case=found,
        transition=transition,
        controls=forms.controls(fields, typed or dict(found.data), wrong, lists, required),
        labels={f.name: f.label for f in fields} | {"note": "原因"},
        problems={n: p for n, p in wrong.items() if n},
        other_problems=[p for n, p in wrong.items() if not n],
        note=note,
        mark=face.humanity.ask().mark,
    )


async def _evaluated(face: Face, request: web.Request) -> Case:
    number, mark = request.match_info["number"], request.match_info["mark"]
    if not face.codes.marked(EVALUATE, number, mark):
        raise NotFoundError("评价链接不完整，请从短信里重新打开。")
    async with face.database.read() as session:
        return await by_number(session, number)


async def _show_evaluation(
    face: Face,
    request: web.Request,
    found: Case,
    chosen: Mapping[str, Any],
    problems: Mapping[str, str],
) -> web.StreamResponse:
    async with face.database.read() as session:
        service = await face.desk.definition(session, found)
    if found.satisfaction is not None:
        raise ConflictError("这个办件已经评价过了，谢谢您。")
    if not following.evaluable(service, found):
        raise ConflictError("这个办件还没有办结，办结后可以评价。")
    return show(
        face,
        request,
        "public/evaluate.html",
        status=422 if problems else 200,
        service=service,
        opened_at=found.opened_at,
        questions=evaluation.questions(service),
        chosen={name: str(value) for name, value in chosen.items()},
        problems=problems,
    )
