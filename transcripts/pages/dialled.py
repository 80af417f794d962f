"""Calls that somebody placed from a case (点击外呼): each with its sound, words and score."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.talks.tables import DialledTable
from hotline.web.section import PanelContext
from hotline.web.templating import render_fragment
from hotline.web.viewer import Viewer
from transcripts.pages import listen, panels
from transcripts.pages.access import ORIGINAL
from transcripts.scoring.tables import Score
from transcripts.tables import RecordingState, RecordingTable, TranscriptTable, TurnTable

LEGS = {"caller": "对方", "agent": "我方"}
_HOW = {
    "ANSWER": "已接通",
    "BUSY": "对方占线",
    "NOANSWER": "对方没有接",
    "CANCEL": "拨打时挂机",
    "PHONE": "自己的话机没有接起",
}


@dataclass(frozen=True)
class Dialled:
    """One such call as a page shows it."""

    call: DialledTable
    how: str
    recording: RecordingTable | None
    playable: bool
    transcript: TranscriptTable | None
    turns: list[tuple[TurnTable, list[panels.Word]]]
    score: Score | None


async def draw(app: web.Application, context: PanelContext) -> Markup | None:
    """Draw the calls that were placed from a case, the newest first; nothing without any."""
    if context.case_id is None:
        return None
    query = select(DialledTable).where(DialledTable.case_id == context.case_id)
    rows = await context.session.scalars(query.order_by(DialledTable.started_at.desc()).limit(10))
    calls = [await _read(context.session, context.viewer, row) for row in rows]
    if not calls:
        return None
    values = {"calls": calls, "leg_names": LEGS, "disclaimer": panels.DISCLAIMER}
    return render_fragment(app, "transcripts/dialled.html", values)


async def _read(session: AsyncSession, viewer: Viewer, call: DialledTable) -> Dialled:
    row = await listen.of_call(session, call.id)
    transcript = await panels.newest(session, row) if row is not None else None
    turns = panels.read_by(viewer, transcript.turns if transcript else [])
    kept = row is not None and row.state != RecordingState.DELETED
    # Whoever hears only what is redacted must wait for the words: without them nothing is hidden.
    playable = kept and (viewer.may(ORIGINAL) or transcript is not None)
    how = _HOW.get(call.status, "没有接通") if call.ended_at else "正在拨打或通话"
    score = await panels.score_of(session, call.id)
    return Dialled(call, how, row, playable, transcript, list(turns), score)
