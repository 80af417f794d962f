"""Writes what was heard and offered, and tells the page of it in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.tables import CallTable
from hotline.clock import CHINA
from hotline.store import append
from transcripts.live.board import Change
from transcripts.live.hints import HintKind
from transcripts.live.tables import HintRow, LiveTalk, LiveTurn
from transcripts.live.talk import CallFacts, News
from transcripts.live.tap import Found
from transcripts.recognisers import ModelCard

WORDS, HINT = "live.words", "live.hint"
KEPT = timedelta(days=1)
"""Live words are kept so long; the transcript of the recording has replaced them by then."""


async def facts_of(session: AsyncSession, call_id: str) -> CallFacts | None:
    """Read what is known of a call; None while its row is not written yet."""
    call = await session.get(CallTable, call_id)
    if call is None:
        return None
    return CallFacts(
        agent_id=call.agent_id,
        topic=call.topic or None,
        on=call.started_at.astimezone(CHINA).date(),
        ended=call.talk_ended_at is not None or call.ended_at is not None,
    )


async def begin(session: AsyncSession, found: Found, card: ModelCard, now: datetime) -> int:
    """Begin a talk's row anew: who is restarted hears the talk again from its first word."""
    same = (LiveTalk.call_id == found.call_id, LiveTalk.take == found.take)
    await session.execute(delete(LiveTalk).where(*same))
    row = LiveTalk(
        call_id=found.call_id,
        take=found.take,
        topics=[],
        running={},
        model=card.name,
        demonstration=card.demonstration,
        begun_at=now,
    )
    session.add(row)
    await session.flush()
    return row.id


async def keep(
    session: AsyncSession,
    talk_id: int,
    news: News,
    *,
    found: Found,
    facts: CallFacts | None,
    first: int,
    now: datetime,
) -> None:
    """Write one look's news; ``first`` is the number of sentences that were written before."""
    agent_id = facts.agent_id if facts else None
    turns = [
        {
            "position": first + place,
            "leg": sentence.leg.value,
            "start": sentence.start,
            "end": sentence.end,
            "text": sentence.text,
            "confidence": sentence.confidence,
        }
        for place, sentence in enumerate(news.finished)
    ]
    if turns:
        await session.execute(insert(LiveTurn), [{"talk_id": talk_id, **turn} for turn in turns])
    running = {leg.value: text for leg, text in news.running.items()}
    values: dict[str, Any] = {"agent_id": agent_id, "running": running, "behind": news.behind}
    if news.topics:
        values["topics"] = [
            {"code": guess.topic, "name": guess.name, "confidence": round(guess.confidence, 2)}
            for guess in news.topics
        ]
    if news.leading:
        values["leading"] = news.leading
    if news.ended:
        values["ended_at"] = now
    await session.execute(update(LiveTalk).where(LiveTalk.id == talk_id).values(**values))
    told = {"call_id": found.call_id, "agent_id": agent_id, "talk": talk_id}
    words = {"turns": turns, "running": running, "behind": news.behind, "ended": news.ended}
    append(session, WORDS, found.call_id, {**told, **words, "until": round(news.until, 2)}, now)
    if news.changes:
        await _keep_hints(session, found.call_id, agent_id, news.changes, now)
        keys = [change.hint.key for change in news.changes]
        append(session, HINT, found.call_id, {**told, "keys": keys}, now)


async def _keep_hints(
    session: AsyncSession,
    call_id: str,
    agent_id: str | None,
    changes: Sequence[Change],
    now: datetime,
) -> None:
    rows = await session.scalars(
        select(HintRow).where(
            HintRow.call_id == call_id, HintRow.key.in_([c.hint.key for c in changes])
        )
    )
    known = {row.key: row for row in rows}
    for change in changes:
        hint, row = change.hint, known.get(change.hint.key)
        if row is None:
            row = HintRow(
                call_id=call_id,
                key=hint.key,
                kind=hint.kind.value,
                title=hint.title,
                words=hint.words,
                article=hint.article,
                heard=hint.heard,
                expected=hint.expected,
                at_second=hint.at,
                shown_at=now,
                seen_at=None,
                used_at=None,
                dismissed_at=None,
            )
            session.add(row)
        row.agent_id = agent_id
        row.points = [asdict(point) for point in hint.points]
        # A card that came up by what the lawyer had said already was not needed for it.
        said = hint.done and not (change.new and hint.kind is HintKind.CARD)
        if said and row.used_at is None:
            row.used_at, row.used_how = now, "said"


async def forget(session: AsyncSession, now: datetime) -> None:
    """Delete live words that the recording's transcript has replaced.

    Hints stay: they are counted.
    """
    await session.execute(delete(LiveTalk).where(LiveTalk.begun_at < now - KEPT))
