"""From when to when a talk was not recorded: what is not recorded is not heard by us either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.tables import CallStepTable
from hotline.clock import CHINA
from transcripts.live.tables import LiveTurn

_STEPS = ("recording_paused", "recording_resumed")


@dataclass(frozen=True)
class Mark:
    """The recording was paused, or went on."""

    id: str
    kind: str
    """How a template tells it from what was said."""
    words: str
    at: datetime


async def pauses(session: AsyncSession, call_id: str) -> list[Mark]:
    """Return when the recording of a call was paused and went on, in order."""
    rows = await session.scalars(
        select(CallStepTable)
        .where(CallStepTable.call_id == call_id, CallStepTable.kind.in_(_STEPS))
        .order_by(CallStepTable.at, CallStepTable.id)
    )
    return [Mark(f"mark-{row.id}", row.kind, row.words, row.at.astimezone(CHINA)) for row in rows]


def between(
    turns: Sequence[LiveTurn], marks: Sequence[Mark], begun: Mapping[int, datetime]
) -> list[LiveTurn | Mark]:
    """Return words and pauses as they followed each other.

    Args:
        turns: What was said.
        marks: When the recording was paused and went on.
        begun: When each talk of the call began; seconds of its words count from there.
    """
    said = [(begun[turn.talk_id] + timedelta(seconds=turn.start), turn) for turn in turns]
    stops = [(mark.at, mark) for mark in marks]
    both: list[tuple[datetime, LiveTurn | Mark]] = [*said, *stops]
    return [one for _, one in sorted(both, key=lambda pair: pair[0])]
