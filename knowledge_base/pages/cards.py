"""Answer cards on pages: the list, one card with its versions, the editor, comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import CHINA
from hotline.errors import HotlineError, InvalidInputError, NotFoundError
from hotline.web.context import AUDIT, CLOCK, DATABASE, address_of, viewer_of
from hotline.web.permissions import Permission, Role
from hotline.web.templating import flash, render, see_other
from knowledge_base.cards.check import check_cards, trusted_facts
from knowledge_base.cards.model import Card
from knowledge_base.editing import desk
from knowledge_base.editing.body import (
    DUTY_WORDS,
    KIND_WORDS,
    Body,
    difference,
    read,
    shipped_body,
    whole,
)
from knowledge_base.editing.desk import Act, Editor, State, Surroundings
from knowledge_base.editing.due import Changed, changes_since
from knowledge_base.editing.form import articles_text, read_form
from knowledge_base.editing.installed import refresh_cards
from knowledge_base.editing.tables import CardVersion
from knowledge_base.pages.desk import DESK

EDIT_CARDS = Permission(
    "cards.edit",
    "起草、修改要点卡",
    frozenset({Role.LAWYER, Role.REVIEWER, Role.SUPERVISOR, Role.BUREAU}),
)
PUBLISH_CARDS = Permission(
    "cards.publish", "法律审核并发布要点卡", frozenset({Role.REVIEWER, Role.BUREAU})
)

BLANK_ROWS = 1
_DUE_SOON_DAYS = 30
_TABS = {"all": "全部", "review": "待审核", "draft": "草稿", "due": "要复审"}


@dataclass(frozen=True)
class Entry:
    """One card of the list."""

    id: str
    title: str
    topic: str
    state: str
    version: int
    review_due: str
    changed: tuple[Changed, ...]
    overdue: bool
    soon: bool
    doubts: int

    @property
    def due(self) -> bool:
        """Whether it must be looked at again."""
        return bool(self.changed) or self.overdue


async def overview(request: web.Request) -> web.StreamResponse:
    """List the cards, those that need somebody first."""
    entries = await _entries(request)
    counts = {
        "all": len(entries),
        "review": sum(entry.state == State.REVIEW for entry in entries),
        "draft": sum(entry.state == State.DRAFT for entry in entries),
        "due": sum(entry.due for entry in entries),
    }
    tab = request.query.get("tab", "all")
    tab = tab if tab in _TABS else "all"
    shown = [
        entry
        for entry in entries
        if tab == "all" or (entry.due if tab == "due" else entry.state == tab)
    ]
    search = await request.app[DESK].search()
    return render(
        request,
        "knowledge/cards.html",
        entries=shown,
        tabs=[
            (f"/cards?tab={name}", words, counts[name], name == tab)
            for name, words in _TABS.items()
        ],
        topics=await _topics(request),
        states={state.value: state.words for state in State},
        may_edit=viewer_of(request).may(EDIT_CARDS),
        taken=search.library.taken,
    )


async def _entries(request: web.Request) -> list[Entry]:
    app, today = request.app, _today(request)
    cards = {card.id: card for card in await app[DESK].cards()}
    statutes = (await app[DESK].search()).library
    trusted = trusted_facts(tuple(cards.values()), statutes if len(statutes) else None)
    async with app[DATABASE].read() as session:
        rows = list(
            await session.scalars(select(CardVersion).where(CardVersion.state != State.SUPERSEDED))
        )
        decided = {
            row.card_id: row.decided_at
            for row in rows
            if row.state == State.PUBLISHED and row.decided_at
        }
        changed = await changes_since(session, cards.values(), decided)
    open_rows = {row.card_id: row for row in rows if row.state in desk.OPEN}
    live_rows = {row.card_id: row for row in rows if row.state == State.PUBLISHED}
    entries = []
    for card_id in cards.keys() | open_rows.keys():
        card, opened = cards.get(card_id), open_rows.get(card_id)
        row = opened or live_rows.get(card_id)
        entries.append(
            Entry(
                id=card_id,
                title=str(opened.body.get("title", "")) if opened else card.title if card else "",
                topic=str(opened.body.get("topic", "")) if opened else card.topic if card else "",
                state=row.state if row else State.PUBLISHED,
                version=row.number if row else 0,
                review_due=card.review_due.isoformat() if card else "",
                changed=changed.get(card_id, ()),
                overdue=card is not None and card.review_due <= today,
                soon=card is not None and (card.review_due - today).days <= _DUE_SOON_DAYS,
                doubts=_doubted(card, trusted) if card else 0,
            )
        )
    return sorted(
        entries, key=lambda entry: (not entry.due, _ORDER[entry.state], entry.topic, entry.id)
    )


_ORDER: dict[str, int] = {State.REVIEW: 0, State.DRAFT: 1, State.PUBLISHED: 2}


def _doubted(card: Card, trusted: frozenset[str]) -> int:
    return sum(f"{card.id}/{fact.id}" not in trusted for fact in card.facts)


async def card(request: web.Request) -> web.StreamResponse:
    """Show one card as it counts now, or the named version, with what may be done."""
    app, card_id = request.app, request.match_info["card"]
    async with app[DATABASE].read() as session:
        rows = await desk.versions(session, card_id)
        counted = await desk.newest_body(session, card_id)
        row = _chosen(rows, request.query.get("version", ""))
        if row is None and counted is None:
            if not rows:
                raise NotFoundError("没有这张要点卡")
            row = rows[0]
        body: Body = row.body if row is not None else counted or {}
        cards = {each.id: each for each in await app[DESK].cards()}
        decided = {
            each.card_id: each.decided_at
            for each in rows
            if each.state == State.PUBLISHED and each.decided_at
        }
        live = cards.get(card_id)
        changed = await changes_since(session, [live] if live else [], decided)
    opened = next((each for each in rows if each.state in desk.OPEN), None)
    viewer = viewer_of(request)
    return render(
        request,
        "knowledge/card.html",
        card_id=card_id,
        body=whole(body),
        row=row,
        rows=rows,
        opened=opened,
        shown=row or opened,
        changed=changed.get(card_id, ()),
        overdue=live is not None and live.review_due <= _today(request),
        standing=await _standing(request, body),
        topics=await _topics(request),
        duties=DUTY_WORDS,
        kinds=KIND_WORDS,
        states={state.value: state.words for state in State},
        may_edit=viewer.may(EDIT_CARDS),
        may_publish=viewer.may(PUBLISH_CARDS),
        own=opened is not None and opened.author_id == viewer.user_id,
    )


def _chosen(rows: Any, number: str) -> CardVersion | None:
    return next((row for row in rows if str(row.number) == number), None)


async def _standing(request: web.Request, body: Mapping[str, Any]) -> dict[str, str]:
    """Return for each fact why it is not confirmed; an empty text where it is."""
    found, _ = read(body)
    library = (await request.app[DESK].search()).library
    if found is None:
        return {}
    if not len(library):
        trusted = trusted_facts([found])
        return {
            fact.id: "" if f"{found.id}/{fact.id}" in trusted else "没有导入法规，无法核实"
            for fact in found.facts
        }
    report = check_cards([found], library)
    return {one.what: str(one.doubt) if one.doubt else "" for one in report.facts}


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
            _record(request, session, "card.save", card_id, row.number)
        if then == "submit":
            async with app[DATABASE].write() as session:
                row = await desk.open_version(session, card_id, editor, now)
                await desk.act(
                    session, row, Act.SUBMIT, editor=editor, around=around, words="", now=now
                )
                _record(request, session, "card.submit", card_id, row.number)
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
        standing=await _standing(request, {**body, "id": card_id}),
        topics=list((await _topics(request)).items()),
        duties=DUTY_WORDS,
        kinds=[(kind.value, words) for kind, words in KIND_WORDS.items()],
    )


async def new(request: web.Request) -> web.StreamResponse:
    """Begin a card from the questions that call for it (a gap), or from nothing."""
    app, data = request.app, await request.post()
    questions = [line.strip() for line in str(data.get("questions", "")).splitlines()]
    topic = str(data.get("topic", ""))
    known = await _topics(request)
    async with app[DATABASE].write() as session:
        row = await desk.begin_card(
            session,
            [question[:200] for question in questions if question][:10],
            topic if topic in known else "other",
            _editor(request),
            app[CLOCK].now(),
        )
        _record(request, session, "card.save", row.card_id, row.number)
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
            _record(request, session, f"card.{what}", card_id, row.number)
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


async def compare(request: web.Request) -> web.StreamResponse:
    """Show what differs between two versions; version 0 is the shipped card."""
    card_id = request.match_info["card"]
    async with request.app[DATABASE].read() as session:
        rows = await desk.versions(session, card_id)
    bodies: dict[str, Body] = {str(row.number): row.body for row in rows}
    if (shipped := shipped_body(card_id)) is not None:
        bodies["0"] = shipped
    before, after = request.query.get("from", ""), request.query.get("to", "")
    if before not in bodies or after not in bodies:
        raise NotFoundError("没有这两个版本，请从要点卡页面重新选择。")
    return render(
        request,
        "knowledge/card_compare.html",
        card_id=card_id,
        title=bodies[after].get("title", ""),
        before=before,
        after=after,
        numbers=sorted(bodies, key=int, reverse=True),
        lines=difference(bodies[before], bodies[after]),
    )


async def _around(request: web.Request) -> Surroundings:
    library = (await request.app[DESK].search()).library
    return Surroundings(
        await request.app[DESK].cards(), library if len(library) else None, _today(request)
    )


async def _topics(request: web.Request) -> dict[str, str]:
    classifier = await request.app[DESK].topics()
    return {topic.code: topic.name for topic in classifier.taxonomy}


def _editor(request: web.Request) -> Editor:
    viewer = viewer_of(request)
    return Editor(viewer.user_id, viewer.name, viewer.may(PUBLISH_CARDS))


def _record(
    request: web.Request, session: AsyncSession, action: str, card_id: str, number: int
) -> None:
    request.app[AUDIT].record(
        session,
        viewer_of(request),
        action,
        "card",
        card_id,
        address=address_of(request),
        version=number,
    )


def _today(request: web.Request) -> Any:
    return request.app[CLOCK].now().astimezone(CHINA).date()
