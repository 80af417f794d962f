"""Reads what a moment is rebuilt from."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.moments.past import Moment, PastCall, PastOffer, PastState, Step, rebuild
from agents.moments.spans import Times, times
from agents.moments.tables import PresencePastTable
from hotline.calls.tables import CallStepTable, CallTable
from hotline.routing.tables import OfferTable

LONGEST_CALL = timedelta(hours=12)
"""A call without an end that is older was lost."""


async def moment(session: AsyncSession, at: datetime) -> Moment:
    """Rebuild a moment."""
    going_on = (
        CallTable.started_at <= at,
        CallTable.started_at > at - LONGEST_CALL,
        or_(CallTable.ended_at.is_(None), CallTable.ended_at > at),
    )
    calls = (await session.scalars(select(CallTable).where(*going_on))).all()
    steps: dict[str, list[Step]] = {call.id: [] for call in calls}
    told = await session.scalars(
        select(CallStepTable)
        .join(CallTable, CallTable.id == CallStepTable.call_id)
        .where(*going_on, CallStepTable.at <= at)
        .order_by(CallStepTable.at, CallStepTable.id)
    )
    for row in told:
        to = row.detail.get("to", "") if row.detail else ""
        words = row.words if row.kind == "priority" else ""
        steps[row.call_id].append(Step(row.at, row.kind, str(to), words))
    return rebuild(
        at,
        [_call(call, steps[call.id], at) for call in calls],
        await _offers(session, at),
        await _states(session, at),
    )


def _call(row: CallTable, steps: list[Step], at: datetime) -> PastCall:
    waits = row.waiting_since is not None and row.waiting_since <= at
    since = row.waiting_since if waits and row.waiting_since is not None else row.started_at
    return PastCall(row.id, row.number, row.topic, row.place, row.priority, since, steps)


async def _offers(session: AsyncSession, at: datetime) -> list[PastOffer]:
    rows = await session.scalars(
        select(OfferTable).where(
            OfferTable.made_at <= at,
            OfferTable.made_at > at - LONGEST_CALL,
            or_(OfferTable.ended_at.is_(None), OfferTable.ended_at > at),
        )
    )
    return [PastOffer(r.call_id, r.agent_id, r.made_at, r.ended_at, r.words) for r in rows]


async def times_of(
    session: AsyncSession, since: datetime, until: datetime, agent_id: str = ""
) -> dict[str, Times]:
    """Add up how long people were in each state; of one person, or of everybody."""
    past = PresencePastTable
    whose = (past.agent_id == agent_id,) if agent_id else ()
    rows = await session.execute(
        select(past.agent_id, past.at, past.state, past.reason)
        .where(past.at > since, past.at < until, *whose)
        .order_by(past.agent_id, past.at, past.id)
    )
    within = [PastState(row[0], row[1], row[2], row[3], None, reachable=True) for row in rows]
    return times([*await _states(session, since, agent_id), *within], since, until)


async def _states(session: AsyncSession, at: datetime, agent_id: str = "") -> list[PastState]:
    past = PresencePastTable
    whose = (past.agent_id == agent_id,) if agent_id else ()
    latest = (
        select(past.agent_id, func.max(past.at).label("at"))
        .where(past.at <= at, *whose)
        .group_by(past.agent_id)
        .subquery()
    )
    rows = await session.scalars(
        select(past)
        .join(latest, (latest.c.agent_id == past.agent_id) & (latest.c.at == past.at))
        .order_by(past.at, past.id)
    )
    return [PastState(r.agent_id, r.at, r.state, r.reason, r.call_id, r.reachable) for r in rows]
