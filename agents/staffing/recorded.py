"""The calls that were: the calls table as traffic, and the waits from which patience is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.staffing.traffic import Offered, Traffic, of
from hotline.calls.patience import Wait
from hotline.calls.tables import CallTable, Outcome


@dataclass(frozen=True)
class Recorded:
    """What history tells."""

    traffic: Traffic
    waits: tuple[Wait, ...]


async def load(session: AsyncSession, since: datetime, until: datetime) -> Recorded:
    """Read the ended calls that asked for a person from ``since`` on and before ``until``."""
    c = CallTable
    rows = await session.execute(
        select(
            *(c.waiting_since, c.answered_at, c.talk_ended_at, c.ended_at, c.outcome),
            *(c.topic, c.language, c.place, c.number, c.priority),
        ).where(
            c.started_at >= since,
            c.started_at < until,
            c.waiting_since.is_not(None),
            c.ended_at.is_not(None),
        )
    )
    calls, waits = [], []
    for row in rows:
        talk = None
        if row.answered_at is not None:
            talk = max(0.0, ((row.talk_ended_at or row.ended_at) - row.answered_at).total_seconds())
        # Of a message the wait's end is not kept apart: its length counts as patience, which errs
        # on the side of more people.
        waited = max(0.0, ((row.answered_at or row.ended_at) - row.waiting_since).total_seconds())
        gave_up = row.outcome == Outcome.ABANDONED
        waits.append(Wait(waited, gave_up))
        calls.append(
            (
                row.waiting_since,
                Offered(
                    0.0,
                    row.topic,
                    row.language,
                    row.place,
                    row.number,
                    row.priority,
                    talk,
                    waited if gave_up else None,
                    waited,
                ),
            )
        )
    return Recorded(of(calls), tuple(waits))
