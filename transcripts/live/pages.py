"""What the seat shows beside a running talk, and what the person does with it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.tables import CallTable
from hotline.errors import NotFoundError
from hotline.store import Outbox
from hotline.talks.tables import TalkTable
from hotline.web.context import CLOCK, DATABASE, SETTINGS, on_record, viewer_of
from hotline.web.permissions import Permission, Role
from hotline.web.section import PanelContext
from hotline.web.templating import render_fragment
from hotline.web.viewer import Viewer
from knowledge_base.cards import Card
from knowledge_base.editing.installed import installed_cards
from knowledge_base.library.installed import KnowledgeFiles
from transcripts.live.draft import Draft, draft
from transcripts.live.hints import HintKind
from transcripts.live.pauses import between, pauses
from transcripts.live.tables import HintRow, LiveTalk, LiveTurn
from transcripts.live.tap import FOLDER, LISTENING
from transcripts.scoring.jobs import read_material
from transcripts.scoring.scorecard import load_scorecard
from transcripts.scoring.scorer import Knowledge
from transcripts.scoring.speech import Turn

HELP = Permission("live.help", "通话中的实时提示", frozenset({Role.LAWYER, Role.STATION}))

UNSURE = 0.7
_MOST_SEEN, _LONGEST_ID = 50, 19
_LEGS = {"caller": "来电人", "agent": "我"}
_KINDS = tuple(HintKind)


async def draw_help(app: web.Application, context: PanelContext) -> Markup | None:
    """Draw the hints of the viewer's own call; nothing where nobody listens."""
    talk = await _talk(app, context)
    if talk is None:
        return None
    rows = await context.session.scalars(
        select(HintRow)
        .where(HintRow.call_id == talk.call_id, HintRow.dismissed_at.is_(None))
        .order_by(HintRow.id)
    )
    by_kind: dict[str, list[HintRow]] = {kind.value: [] for kind in _KINDS}
    for row in rows:
        by_kind[row.kind].append(row)
    values = {
        "talk": talk,
        "warnings": by_kind["warning"],
        "duties": [*by_kind["risk"], *by_kind["duty"]],
        "cards": by_kind["card"],
        "statutes": by_kind["statute"],
    }
    return render_fragment(app, "live/help.html", values)


async def draw_words(app: web.Application, context: PanelContext) -> Markup | None:
    """Draw what was said so far."""
    talks = await _talks(context.session, context.call_id, context.viewer)
    talk = await _talk(app, context)
    if talk is None:
        return None
    turns = await context.session.scalars(
        select(LiveTurn)
        .where(LiveTurn.talk_id.in_([talk.id for talk in talks]))
        .order_by(LiveTurn.talk_id, LiveTurn.position)
    )
    state = await context.session.get(TalkTable, talk.call_id)
    marks = await pauses(context.session, talk.call_id)
    values = {
        "talk": talk,
        "turns": between(list(turns), marks, {one.id: one.begun_at for one in talks}),
        "paused": state is not None and bool(state.state.get("recording_paused")),
        "legs": _LEGS,
        "unsure": UNSURE,
    }
    return render_fragment(app, "live/words.html", values)


async def _talk(app: web.Application, context: PanelContext) -> LiveTalk | None:
    """Return the talk; one without words yet from the answer on, so that nothing moves later."""
    talks = await _talks(context.session, context.call_id, context.viewer)
    if talks:
        return talks[-1]
    call = await context.session.get(CallTable, context.call_id) if context.call_id else None
    if call is None or call.agent_id != context.viewer.agent_id or call.answered_at is None:
        return None
    if call.talk_ended_at is not None or call.ended_at is not None:
        return None
    mark = app[SETTINGS].recordings / FOLDER / LISTENING
    if not await asyncio.to_thread(mark.exists):
        return None
    return LiveTalk(call_id=call.id, topics=[], running={}, behind=False, demonstration=False)


async def _talks(session: AsyncSession, call_id: str | None, viewer: Viewer) -> Sequence[LiveTalk]:
    if call_id is None or viewer.agent_id is None:
        return []
    rows = await session.scalars(
        select(LiveTalk).where(LiveTalk.call_id == call_id).order_by(LiveTalk.id)
    )
    talks = list(rows)
    # Who took a call over sees what was said before; who passed it on sees no more of it.
    return talks if talks and talks[-1].agent_id == viewer.agent_id else []


async def mark(request: web.Request) -> web.StreamResponse:
    """Log that a hint was used (taken over) or dismissed by the person it was shown to."""
    app, viewer = request.app, viewer_of(request)
    async with app[DATABASE].write() as session:
        row = await session.get(HintRow, int(request.match_info["hint"]))
        # Who took a call over has the hints of the one who passed it on.
        if row is None or not await _talks(session, row.call_id, viewer):
            raise NotFoundError("没有这条提示，它可能属于别的通话")
        now = app[CLOCK].now()
        row.seen_at = row.seen_at or now
        if request.match_info["what"] == "dismissed":
            row.dismissed_at = row.dismissed_at or now
        elif row.used_at is None:
            row.used_at, row.used_how = now, "clicked"
    return web.json_response({"hint": row.id, "what": request.match_info["what"]})


async def seen(request: web.Request) -> web.StreamResponse:
    """Log that hints stood on the page of the person they were shown to."""
    app, viewer = request.app, viewer_of(request)
    given = str((await request.post()).get("ids", ""))
    ids = [int(one) for one in given.split(",") if one.isdecimal() and len(one) < _LONGEST_ID]
    async with app[DATABASE].write() as session:
        rows = await session.scalars(
            select(HintRow).where(HintRow.id.in_(ids[:_MOST_SEEN]), HintRow.seen_at.is_(None))
        )
        count = 0
        for row in rows:
            if await _talks(session, row.call_id, viewer):
                row.seen_at, count = app[CLOCK].now(), count + 1
    return web.json_response({"seen": count})


async def drafted(request: web.Request) -> web.StreamResponse:
    """Return the summary drafted from key sentences, for the ticket form; marked 草稿."""
    app, viewer = request.app, viewer_of(request)
    call_id = request.match_info["call_id"]
    async with app[DATABASE].write() as session:
        talks = await _talks(session, call_id, viewer)
        if not talks:
            raise NotFoundError("这个通话没有实时转写，或不是由您接听")
        cards = installed_cards(KnowledgeFiles.of(app[SETTINGS]))
        found = await draft_of(session, talks, cards)
        on_record(request, session, "live.draft", "call", call_id)
    told = {name: getattr(found, name) for name in Draft.__dataclass_fields__}
    return web.json_response({"call": call_id, "mark": "草稿", **told})


async def draft_of(
    session: AsyncSession, talks: Sequence[LiveTalk], cards: tuple[Card, ...]
) -> Draft:
    """Draft a summary of a call from its transcript, or from the live words until there is one."""
    material = await read_material(session, talks[-1].call_id)
    if material is not None:
        turns: Sequence[Turn] = material.turns
    else:
        rows = await session.scalars(
            select(LiveTurn)
            .where(LiveTurn.talk_id.in_([talk.id for talk in talks]))
            .order_by(LiveTurn.talk_id, LiveTurn.position)
        )
        turns = [Turn(r.leg, r.start, r.end, r.text, r.confidence) for r in rows]
    leading = talks[-1].leading.removeprefix("card:")
    card = next((card for card in cards if card.id == leading), None)
    return draft(turns, Knowledge(cards), load_scorecard(), card)


def own_words(row: Outbox, viewer: Viewer) -> Mapping[str, Any] | None:
    """Tell the words of a talk to the person who talks, and to nobody else."""
    if viewer.agent_id is None or row.payload.get("agent_id") != viewer.agent_id:
        return None
    return row.payload
