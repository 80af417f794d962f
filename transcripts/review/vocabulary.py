"""Corrected words: kept beside the recogniser's text, given on to the language model's builder."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.errors import InvalidInputError, NotFoundError
from transcripts.redaction import redact
from transcripts.review.tables import CorrectionTable
from transcripts.tables import RecordingTable, TranscriptTable, TurnTable

LONGEST = 2000
_MARK = re.compile(r"【[^】]*】")


async def correct(
    session: AsyncSession, call_id: str, turn_id: int, said: str, *, by: int, now: datetime
) -> CorrectionTable:
    """Keep how a turn was really said; the recogniser's text stays as it is.

    Raises:
        NotFoundError: the call has no such turn.
        InvalidInputError: no words, or nothing was changed.
    """
    turn = await session.scalar(
        select(TurnTable)
        .join(TranscriptTable, TranscriptTable.id == TurnTable.transcript_id)
        .join(RecordingTable, RecordingTable.id == TranscriptTable.recording_id)
        .where(TurnTable.id == turn_id, RecordingTable.call_id == call_id)
    )
    if turn is None:
        raise NotFoundError("没有找到这段转写，可能已重新转写，请刷新页面。")
    said = " ".join(said.split())[:LONGEST]
    if not said or said == turn.text:
        raise InvalidInputError("请改成实际说的话再保存。", field="said")
    row = CorrectionTable(
        call_id=call_id,
        turn_id=turn_id,
        heard=turn.text,
        said=said,
        reviewer_id=by,
        made_at=now,
    )
    session.add(row)
    await session.flush()
    return row


async def of_call(session: AsyncSession, call_id: str) -> dict[int, CorrectionTable]:
    """Return the newest correction of each turn of a call."""
    rows = await session.scalars(
        select(CorrectionTable)
        .where(CorrectionTable.call_id == call_id)
        .order_by(CorrectionTable.id)
    )
    return {row.turn_id: row for row in rows}


async def lines(session: AsyncSession) -> list[str]:
    """Return how corrected turns were really said, without personal data, for the language model.

    A number, a name or an address teaches it nothing, so the sentence is cut where one stood.
    """
    rows = await session.scalars(select(CorrectionTable).order_by(CorrectionTable.id))
    newest = {row.turn_id: row.said for row in rows}
    cut = (part.strip("，。 ") for said in newest.values() for part in _MARK.split(redact(said)))
    return list(dict.fromkeys(part for part in cut if part))
