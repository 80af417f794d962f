"""Where a recording was paused: the files hold silence there, and the transcript says so."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.tables import CallStepTable, CallTable

_PAUSED, _RESUMED = "recording_paused", "recording_resumed"


@dataclass(frozen=True)
class Pause:
    """A stretch in which nothing is recorded; seconds into the talk."""

    start: float
    end: float | None
    """``None``: until the end of the talk."""
    why: str


async def pauses_of(session: AsyncSession, call: CallTable | None) -> list[Pause]:
    """Return a call's pauses in the order of time.

    The seconds are those of the talk. A talk in several pieces has short gaps in its recording
    where it changed hands, so there they are near, not exact.
    """
    if call is None or call.answered_at is None:
        return []
    query = (
        select(CallStepTable)
        .where(CallStepTable.call_id == call.id, CallStepTable.kind.in_((_PAUSED, _RESUMED)))
        .order_by(CallStepTable.at, CallStepTable.id)
    )
    found: list[Pause] = []
    for step in await session.scalars(query):
        at = max(0.0, (step.at - call.answered_at).total_seconds())
        if step.kind == _PAUSED:
            found.append(Pause(at, None, str(step.detail.get("reason", ""))))
        elif found and found[-1].end is None:
            found[-1] = Pause(found[-1].start, at, found[-1].why)
    return found
