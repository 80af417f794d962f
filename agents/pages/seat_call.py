"""The call that a seat is about now: ringing first, then talking, then the wrap-up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.tables import CallTable
from hotline.casework import Case
from hotline.routing.tables import OfferTable

WRAP_UP = timedelta(minutes=10)
"""So long after its end a call stays on the seat, unless the next one comes."""


class Phase(StrEnum):
    """What the call is doing."""

    NONE = "none"
    RINGING = "ringing"
    TALKING = "talking"
    OVER = "over"


@dataclass(frozen=True)
class Now:
    """The call that rings, is talked on, or was just ended."""

    call: CallTable
    case: Case | None
    why: str
    """The reason of the offer, as the router wrote it."""
    ringing: bool


def phase_of(current: Now | None) -> Phase:
    """Return what the call is doing."""
    if current is None:
        return Phase.NONE
    if current.ringing:
        return Phase.RINGING
    over = current.call.talk_ended_at or current.call.ended_at
    return Phase.OVER if over else Phase.TALKING


async def current_call(session: AsyncSession, agent_id: str, now: datetime) -> Now | None:
    """Return what the seat is about now: ringing first, then talking, then the wrap-up."""
    offer = await session.scalar(
        select(OfferTable).where(OfferTable.agent_id == agent_id, OfferTable.ended_at.is_(None))
    )
    wanted = CallTable.id == offer.call_id if offer else CallTable.agent_id == agent_id
    call = await session.scalar(
        select(CallTable)
        .where(
            wanted,
            or_(CallTable.ended_at.is_(None), CallTable.ended_at > now - WRAP_UP),
        )
        .order_by(CallTable.started_at.desc())
        .limit(1)
    )
    if call is None:
        return None
    case = await session.scalar(select(Case).where(Case.call_id == call.id))
    last = offer or await session.scalar(
        select(OfferTable)
        .where(OfferTable.call_id == call.id, OfferTable.agent_id == agent_id)
        .order_by(OfferTable.made_at.desc())
        .limit(1)
    )
    return Now(call, case, last.words if last else "", ringing=offer is not None)
