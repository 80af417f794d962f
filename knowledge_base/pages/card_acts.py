"""Work on answer cards: the editor, the way to publication, and out of use."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.errors import HotlineError, InvalidInputError
from hotline.web.context import CLOCK, DATABASE, on_record, viewer_of
from hotline.web.templating import flash, render, see_other
from knowledge_base.editing import desk
from knowledge_base.editing.body import DUTY_WORDS, KIND_WORDS, Body, difference, read, whole
from knowledge_base.editing.desk import Act, Editor, State, Surroundings
from knowledge_base.editing.form import articles_text, read_form
from knowledge_base.editing.installed import refresh_cards
from knowledge_base.editing.tables import CardVersion
from knowledge_base.pages.cards import PUBLISH_CARDS, standing, today, topics_of
from knowledge_base.pages.desk import DESK

BLANK_ROWS = 1


async def edit(request: web.Request) -> web.StreamResponse:
    """Show the editor; a card that nobody edits yet is begun from the version that counts."""
    app, card_id = request.app, request.match_info["card"]
    async with app[DATABASE].write() as session:
        row = await desk.open_version(session, card_id, _editor(request), app[CLOCK].now())
        body, revision, state = row.body, row.revision, row.state
    if state == State.REVIEW:
        flash(request, "这一版正在审核，要修改请先撤回。", "warn")
        raise see_other(f"/cards/{card_id}?version={row.number}")
    return await _form(request, card_id, body, revision)


async def save(request: web.Request) -> web.StreamResponse:
    """Keep the draft; with ``then=submit`` send it to the legal review, with ``more`` add rows."""
    app, card_id = request.app, request.match_info["card"]
    data = {name: str(value) for name, value in (await request.post()).items()}
    body, editor, now = read_form(data), _editor(request), app[CLOCK].now()
    then = data.get("then", "")
    try:
        around = await _around(request)
        async with app[DATABASE].write() as session:
            row = await desk.open_version(session, card_id, editor, now)
            revision = data.get("revision", "")
            await desk.save(
                session,
                row,
                body,
                revision=int(revision) if revision.isdigit() else 0,
                editor=editor,
                now=now,
            )
            saved = row.revision
            on_record(request, session, "card.save", "card", card_id, version=row.number)
        if then == "submit":
            async with app[DATABASE].write() as session:
                row = await desk.open_version(session, card_id, editor, now)
                await desk.act(
                    session, row, Act.SUBMIT, editor=editor, around=around, words="", now=now
                )
                on_record(request, session, "card.submit", "card", card_id, version=row.number)
    except desk.CardConflictError as error:
        return await _conflict(request, card_id, body, error)
    except desk.CardIncompleteError as error:
        return await _form(request, card_id, body, saved, problem=error.message, status=422)
    if then in {"point", "fact"}:
        return await _form(request, card_id, body, saved, more=then)
    flash(request, "已送法律审核。" if then == "submit" else "草稿已保存。")
    raise see_other(f"/cards/{card_id}" if then == "submit" else f"/cards/{card_id}/edit")


async def _conflict(
    request: web.Request, card_id: str, body: Body, error: HotlineError
) -> web.StreamResponse:
    """Show what was typed beside what somebody else saved."""
    async with request.app[DATABASE].read() as session:
        rows = await desk.versions(session, card_id)
    row = next(each for each in rows if each.state in desk.OPEN)
    lines = [line for line in difference(row.body, body) if line.kind != "same"]
    return await _form(
        request, card_id, body, row.revision, problem=error.message, lines=lines, status=409
    )


async def _form(
    request: web.Request,
    card_id: str,
    body: Body,
    revision: int,
    *,
    problem: str = "",
    lines: Any = (),
    more: str = "",
    status: int = 200,
) -> web.StreamResponse:
    _, mistakes = read({**body, "id": card_id})
    return render(
        request,
        "knowledge/card_edit.html",
        status=status,
        card_id=card_id,
        body=whole(body, BLANK_ROWS + (more == "point"), BLANK_ROWS + (more == "fact")),
        revision=revision,
        problem=problem,
        lines=lines,
        mistakes=mistakes,
        articles=articles_text(body),
        standing=await standing(request, {**body, "id": card_id}),
        topics=list((await topics_of(request)).items()),
        duties=DUTY_WORDS,
        kinds=[(kind.value, words) for kind, words in KIND_WORDS.items()],
    )


async def new(request: web.Request) -> web.StreamResponse:
    """Begin a card from the questions that call for it (a gap), or from nothing."""
    app, data = request.app, await request.post()
    questions = [line.strip() for line in str(data.get("questions", "")).splitlines()]
    topic = str(data.get("topic", ""))
    known = await topics_of(request)
    async with app[DATABASE].write() as session:
        row = await desk.begin_card(
            session,
            [question[:200] for question in questions if question][:10],
            topic if topic in known else "other",
            _editor(request),
            app[CLOCK].now(),
        )
        on_record(request, session, "card.save", "card", row.card_id, version=row.number)
    raise see_other(f"/cards/{row.card_id}/edit")


async def act(request: web.Request) -> web.StreamResponse:
    """Take a step: submit, withdraw, approve, back."""
    app, card_id = request.app, request.match_info["card"]
    what, data = Act(request.match_info["act"]), await request.post()
    around = await _around(request)
    try:
        async with app[DATABASE].write() as session:
            row = await _opened(session, card_id)
            await desk.act(
                session,
                row,
                what,
                editor=_editor(request),
                around=around,
                words=str(data.get("words", "")),
                now=app[CLOCK].now(),
            )
            on_record(request, session, f"card.{what}", "card", card_id, version=row.number)
    except InvalidInputError as error:
        flash(request, error.message, "bad")
        raise see_other(f"/cards/{card_id}") from error
    if what is Act.APPROVE:
        async with app[DATABASE].read() as session:
            await refresh_cards(session, app[DESK].files)
    flash(request, _DONE[what])
    raise see_other(f"/cards/{card_id}")


async def _opened(session: AsyncSession, card_id: str) -> CardVersion:
    for row in await desk.versions(session, card_id):
        if row.state in desk.OPEN:
            return row
    raise InvalidInputError("这张要点卡没有正在编辑的版本，请刷新页面。")


_DONE = {
    Act.SUBMIT: "已送法律审核。",
    Act.WITHDRAW: "已撤回，可以继续修改。",
    Act.APPROVE: "已发布，检索、评分和通话提示立即使用这一版。",
    Act.BACK: "已退回起草人。",
}


async def retire(request: web.Request) -> web.StreamResponse:
    """Take a card out of use."""
    app, card_id, data = request.app, request.match_info["card"], await request.post()
    try:
        async with app[DATABASE].write() as session:
            row = await desk.retire(
                session,
                card_id,
                editor=_editor(request),
                words=str(data.get("words", "")),
                now=app[CLOCK].now(),
            )
            on_record(request, session, "card.retire", "card", card_id, version=row.number)
    except InvalidInputError as error:
        flash(request, error.message, "bad")
        raise see_other(f"/cards/{card_id}") from error
    async with app[DATABASE].read() as session:
        await refresh_cards(session, app[DESK].files)
    flash(request, "已停用，检索、评分和通话提示不再使用；已有的评分和版本保留。")
    raise see_other(f"/cards/{card_id}")


async def _around(request: web.Request) -> Surroundings:
    library = (await request.app[DESK].search()).library
    return Surroundings(
        await request.app[DESK].cards(), library if len(library) else None, today(request)
    )


def _editor(request: web.Request) -> Editor:
    viewer = viewer_of(request)
    return Editor(viewer.user_id, viewer.name, viewer.may(PUBLISH_CARDS))
