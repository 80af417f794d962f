"""The call that a seat is about now: ringing first, then talking, then the wrap-up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.tables import AgentTable
from hotline.calls.tables import CallTable
from hotline.casework import Case
from hotline.routing import reasons
from hotline.routing.tables import OfferOutcome, OfferTable

LONGEST_TALK = timedelta(hours=4)
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


@dataclass(frozen=True)
class Handed:
    """A call that the seat has just handed on."""

    to: str
    """Who talks on with the caller."""
    since: datetime
    """When it was offered to this seat."""

    @property
    def title(self) -> str:
        """Say it in some words."""
        return f"已转给{self.to}"

    @property
    def words(self) -> str:
        """Say what became of the caller and of the ticket."""
        return f"来电人由{self.to}继续接待，您填写的内容随工单转了过去。置闲后继续接听。"


async def handed_on(session: AsyncSession, agent_id: str, now: datetime) -> Handed | None:
    """Return the call that this seat answered last, if somebody else talks on with the caller."""
    offer = await session.scalar(
        select(OfferTable)
        .where(
            OfferTable.agent_id == agent_id,
            OfferTable.outcome == OfferOutcome.ANSWERED,
            OfferTable.ended_at > now - LONGEST_TALK,
        )
        .order_by(OfferTable.made_at.desc())
        .limit(1)
    )
    if offer is None:
        return None
    call = await session.get(CallTable, offer.call_id)
    if call is None or call.agent_id in {None, agent_id}:
        return None
    if call.ended_at is not None and call.ended_at <= now - WRAP_UP:
        return None
    to = await session.get(AgentTable, call.agent_id)
    return Handed(reasons.person(to.name, to.kind), offer.made_at) if to is not None else None


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
    over = call.talk_ended_at or call.ended_at
    if offer is None and over is not None:
        handed = await handed_on(session, agent_id, now)
        if handed is not None and over <= handed.since:
            # An older call: the last one was handed on, and its form went with it.
            return None
    case = await session.scalar(select(Case).where(Case.call_id == call.id))
    last = offer or await session.scalar(
        select(OfferTable)
        .where(OfferTable.call_id == call.id, OfferTable.agent_id == agent_id)
        .order_by(OfferTable.made_at.desc())
        .limit(1)
    )
    return Now(call, case, last.words if last else "", ringing=offer is not None)
