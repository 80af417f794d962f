"""What a ticket's page shows of its call's sound, words and score."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web
from markupsafe import Markup
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from hotline.calls.proportion import Proportion
from hotline.calls.tables import CallTable, Outcome
from hotline.errors import HotlineError
from hotline.web.section import PanelContext
from hotline.web.templating import render_fragment
from hotline.web.viewer import Viewer
from transcripts.pages import listen, sound
from transcripts.pages.access import EXPORT_REDACTED, ORIGINAL
from transcripts.pages.blind import is_blind
from transcripts.pages.pauses import pauses_of
from transcripts.redaction import redact, redact_turns
from transcripts.redaction.export import heard
from transcripts.scoring.tables import FindingRow, Score
from transcripts.tables import RecordingState, RecordingTable, TranscriptTable, TurnTable

UNSURE = 0.7
"""Words below this confidence are marked: listen before you trust them."""

DISCLAIMER = "机器转写，仅供参考"

LEGS = {"caller": "来电人", "agent": "接听人"}
_NOT_ANSWERED = {Outcome.ABANDONED, Outcome.ABANDONED_MENU, Outcome.REFUSED, Outcome.FAILED}
_ORDER = {"wrong": 0, "missing": 1, "unsure": 2, "right": 3, "note": 4}


@dataclass(frozen=True)
class Word:
    """A word of the transcript as the page marks it."""

    text: str
    unsure: bool


def shown_words(turn: TurnTable) -> Iterator[Word]:
    """Yield the turn's words; neighbours that are marked alike are one."""
    text, unsure = "", False
    for piece in turn.words or [{"text": turn.text, "confidence": turn.confidence}]:
        confidence = piece.get("confidence")
        now = confidence is not None and confidence < UNSURE
        if text and now != unsure:
            yield Word(text, unsure)
            text = ""
        text, unsure = text + str(piece["text"]), now
    if text:
        yield Word(text, unsure)


async def draw_recording(app: web.Application, context: PanelContext) -> Markup | None:
    """Draw player and transcript, or say why there is none (yet)."""
    if context.call_id is None:
        return None
    row = await listen.of_call(context.session, context.call_id)
    call = await context.session.get(CallTable, context.call_id)
    values: dict[str, Any] = {
        "call_id": context.call_id,
        "recording": row,
        "not_answered": call is not None and call.outcome in _NOT_ANSWERED,
        "running": call is not None and call.ended_at is None,
        "unreadable": row is not None and row.state == RecordingState.UNREADABLE,
        "leg_names": LEGS,
        "disclaimer": DISCLAIMER,
    }
    played = await player(app, row) if row is not None else {}
    transcript = await newest(context.session, row) if row is not None else None
    blind = await is_blind(context.session, context.viewer, context.call_id)
    score = None if blind else await score_of(context.session, context.call_id)
    faults = sorted(
        finding.at_second
        for finding in (score.findings if score else ())
        if finding.fault and finding.at_second is not None
    )
    values |= {
        "sound": played.get("sound"),
        "sound_problem": played.get("problem", ""),
        "legs": played.get("legs", []),
        "transcript": transcript,
        "turns": [
            (turn, words, _holds(turn, faults))
            for turn, words in read_by(context.viewer, transcript.turns if transcript else [])
        ],
        "faults": faults,
        "pauses": await pauses_of(context.session, call),
        "original": context.viewer.may(ORIGINAL),
        "may_export": context.viewer.may(EXPORT_REDACTED),
    }
    return render_fragment(app, "transcripts/recording.html", values)


def read_by(viewer: Viewer, turns: Sequence[TurnTable]) -> Iterator[tuple[TurnTable, list[Word]]]:
    """Yield the turns as the viewer may read them."""
    if viewer.may(ORIGINAL):
        yield from ((turn, list(shown_words(turn))) for turn in turns)
        return
    heard_turns = [heard(t.leg, t.start, t.end, t.text, t.words) for t in turns]
    for turn, redacted in zip(turns, redact_turns(heard_turns), strict=True):
        yield turn, [Word(redacted.text, unsure=False)]


async def player(app: web.Application, row: RecordingTable) -> dict[str, Any]:
    """Return the recording ready to be played, or what is wrong with it."""
    try:
        found = await asyncio.to_thread(sound.load, listen.files(app, row))
    except HotlineError as error:
        return {"problem": error.message}
    sides = [
        side for side, path in (("caller", row.caller_path), ("agent", row.agent_path)) if path
    ]
    legs = [
        (side, LEGS[side], wave, channel)
        for channel, (side, wave) in enumerate(zip(sides, found.waves, strict=True))
    ]
    return {"sound": found, "legs": legs, "peaks": [list(leg) for leg in found.peaks]}


async def newest(session: AsyncSession, row: RecordingTable) -> TranscriptTable | None:
    """Return the newest transcript of a recording with its turns."""
    query = (
        select(TranscriptTable)
        .where(TranscriptTable.recording_id == row.id)
        .order_by(TranscriptTable.id.desc())
        .limit(1)
        .options(selectinload(TranscriptTable.turns))
    )
    return await session.scalar(query)


async def score_of(session: AsyncSession, call_id: str) -> Score | None:
    """Return the newest score of a call with its findings."""
    query = (
        select(Score)
        .where(Score.call_id == call_id, Score.latest)
        .order_by(Score.id.desc())
        .limit(1)
        .options(selectinload(Score.findings))
    )
    return await session.scalar(query)


def _holds(turn: TurnTable, seconds: Iterable[float]) -> bool:
    return turn.leg == "agent" and any(turn.start <= second <= turn.end for second in seconds)


async def draw_score(app: web.Application, context: PanelContext) -> Markup | None:
    """Draw the score with its evidence; nothing for a call that nobody answered."""
    if context.call_id is None:
        return None
    call = await context.session.get(CallTable, context.call_id)
    if call is None or call.answered_at is None:
        return None
    blind = await is_blind(context.session, context.viewer, context.call_id)
    score = None if blind else await score_of(context.session, context.call_id)
    row = await listen.of_call(context.session, context.call_id)
    findings = sorted(score.findings, key=rank) if score else []
    values = {
        "blind": blind,
        "score": score,
        "unreadable": row is not None and row.state == RecordingState.UNREADABLE,
        "faults": [f for f in findings if f.fault],
        "doubts": [f for f in findings if not f.fault and f.verdict in {"unsure", "missing"}],
        "rights": [f for f in findings if not f.fault and f.verdict in {"right", "note"}],
        "told": str if context.viewer.may(ORIGINAL) else redact,
        "item_titles": {i["id"]: i["title"] for i in score.items} if score else {},
    }
    return render_fragment(app, "transcripts/score.html", values)


def rank(finding: FindingRow) -> tuple[bool, int, float]:
    """Sort findings: what may cost a right first, then wrong, missing, unsure, right."""
    return (not finding.critical, _ORDER.get(finding.verdict, 9), finding.at_second or 0.0)


async def legal_accuracy(session: AsyncSession, since: datetime, until: datetime) -> Proportion:
    """Count calls with all legal items in full among those scored; the machine's pre-screen."""
    rows = await session.execute(
        select(Score.legal_ok, func.count())
        .join(CallTable, CallTable.id == Score.call_id)
        .where(Score.latest, CallTable.started_at >= since, CallTable.started_at < until)
        .group_by(Score.legal_ok)
    )
    counts: dict[bool | None, int] = {row[0]: row[1] for row in rows}
    right, wrong = counts.get(True, 0), counts.get(False, 0)
    return Proportion(right, right + wrong, {"机器无法判断": counts.get(None, 0)})
