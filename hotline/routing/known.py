"""What is known of a caller's number before a lawyer hears it: earlier calls, and blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from hotline.calls.tables import CallTable
from hotline.routing.tables import BlockedCallerTable
from hotline.store import Database

REPEAT = "repeat"
"""The priority class of somebody whose last call did not solve the matter."""

UNSOLVED, DISSATISFIED = 2, 3


@dataclass(frozen=True, slots=True)
class Known:
    """What earlier calls from a number tell."""

    last_agent: str = ""
    priority: str = ""


async def look_up(
    database: Database, numbers: Sequence[str], now: datetime, days: int
) -> dict[str, Known]:
    """Return what is known of each of ``numbers`` from the last ``days``."""
    if not numbers or days <= 0:
        return {}
    query = (
        select(CallTable.number, CallTable.agent_id, CallTable.solved, CallTable.satisfaction)
        .where(
            CallTable.number.in_(numbers),
            CallTable.started_at > now - timedelta(days=days),
            CallTable.agent_id.is_not(None),
            CallTable.ended_at.is_not(None),
        )
        .order_by(CallTable.started_at)
    )
    async with database.read() as session:
        rows = await session.execute(query)
    # Ordered by time: the last call of a number is what stays.
    return {
        number: Known(agent_id or "", REPEAT if solved == UNSOLVED or rated == DISSATISFIED else "")
        for number, agent_id, solved, rated in rows
    }


async def blocked(database: Database, now: datetime) -> Mapping[str, str]:
    """Return the numbers that are blocked now, each with the reason."""
    query = select(BlockedCallerTable.number, BlockedCallerTable.reason).where(
        BlockedCallerTable.since <= now, BlockedCallerTable.until > now
    )
    async with database.read() as session:
        return {row.number: row.reason for row in await session.execute(query)}
