"""The talk that a seat was asked into by somebody else: a consult, or a talk of three."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.talks.state import as_third
from hotline.talks.tables import TalkTable


async def part_of(session: AsyncSession, agent_id: str) -> dict[str, Any] | None:
    """Return the talk that somebody was asked into, as their seat is told."""
    # Only talks of more than two that go on just now stand there: a handful.
    for row in await session.scalars(select(TalkTable)):
        if (state := as_third(row.state, agent_id)) is not None:
            return state
    return None


def is_here(part: dict[str, Any]) -> bool:
    """Whether who was asked has answered."""
    return any(p["id"] == part["third"] and p["state"] == "talking" for p in part["parties"])
