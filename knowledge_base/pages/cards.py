"""Answer cards on pages: the list, one card with its versions, comparison."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from aiohttp import web
from sqlalchemy import select

from hotline.clock import CHINA
from hotline.errors import NotFoundError
from hotline.web.context import CLOCK, DATABASE, viewer_of
from hotline.web.permissions import Permission, Role
from hotline.web.templating import render
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
from knowledge_base.editing.desk import State
from knowledge_base.editing.due import Changed, changes_since
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

_DUE_SOON_DAYS = 30
_TABS = {"all": "全部", "review": "待审核", "draft": "草稿", "due": "要复审", "retired": "已停用"}


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
        "all": sum(entry.state != State.RETIRED for entry in entries),
        "review": sum(entry.state == State.REVIEW for entry in entries),
        "draft": sum(entry.state == State.DRAFT for entry in entries),
        "due": sum(entry.due for entry in entries),
        "retired": sum(entry.state == State.RETIRED for entry in entries),
    }
    tab = request.query.get("tab", "all")
    tab = tab if tab in _TABS else "all"
    shown = [entry for entry in entries if _stands_under(entry, tab)]
    search = await request.app[DESK].search()
    return render(
        request,
        "knowledge/cards.html",
        entries=shown,
        tabs=[
            (f"/cards?tab={name}", words, counts[name], name == tab)
            for name, words in _TABS.items()
        ],
        topics=await topics_of(request),
        states={state.value: state.words for state in State},
        may_edit=viewer_of(request).may(EDIT_CARDS),
        taken=search.library.taken,
    )


def _stands_under(entry: Entry, tab: str) -> bool:
    if tab == "all":
        return entry.state != State.RETIRED
    return entry.due if tab == "due" else entry.state == tab


async def _entries(request: web.Request) -> list[Entry]:
    app, day = request.app, today(request)
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
    live_rows = {row.card_id: row for row in rows if row.state in (State.PUBLISHED, State.RETIRED)}
    entries = []
    for card_id in cards.keys() | open_rows.keys() | live_rows.keys():
        card, row = cards.get(card_id), open_rows.get(card_id) or live_rows.get(card_id)
        told = row if row is not None and (card is None or row.state in desk.OPEN) else None
        entries.append(
            Entry(
                id=card_id,
                title=str(told.body.get("title", "")) if told else card.title if card else "",
                topic=str(told.body.get("topic", "")) if told else card.topic if card else "",
                state=row.state if row else State.PUBLISHED,
                version=row.number if row else 0,
                review_due=card.review_due.isoformat() if card else "",
                changed=changed.get(card_id, ()),
                overdue=card is not None and card.review_due <= day,
                soon=card is not None and (card.review_due - day).days <= _DUE_SOON_DAYS,
                doubts=_doubted(card, trusted) if card else 0,
            )
        )
    return sorted(
        entries, key=lambda entry: (not entry.due, _ORDER[entry.state], entry.topic, entry.id)
    )


_ORDER: dict[str, int] = {State.REVIEW: 0, State.DRAFT: 1, State.PUBLISHED: 2, State.RETIRED: 3}


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
        retired=next((each for each in rows if each.state == State.RETIRED), None),
        changed=changed.get(card_id, ()),
        overdue=live is not None and live.review_due <= today(request),
        standing=await standing(request, body),
        topics=await topics_of(request),
        duties=DUTY_WORDS,
        kinds=KIND_WORDS,
        states={state.value: state.words for state in State},
        may_edit=viewer.may(EDIT_CARDS),
        may_publish=viewer.may(PUBLISH_CARDS),
        own=opened is not None and opened.author_id == viewer.user_id,
    )


def _chosen(rows: Any, number: str) -> CardVersion | None:
    return next((row for row in rows if str(row.number) == number), None)


async def standing(request: web.Request, body: Mapping[str, Any]) -> dict[str, str]:
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


async def topics_of(request: web.Request) -> dict[str, str]:
    """Return the topics' names by code."""
    classifier = await request.app[DESK].topics()
    return {topic.code: topic.name for topic in classifier.taxonomy}


def today(request: web.Request) -> date:
    """Return the day in China."""
    return request.app[CLOCK].now().astimezone(CHINA).date()
