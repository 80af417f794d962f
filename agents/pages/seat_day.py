"""A seat's own figures of the day, each with what it counts (shown when one points at it).

Ratings are those of the thirty days before today: who answers does not see them as they come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.moments.reading import times_of
from agents.moments.spans import Times
from agents.pages import wall
from hotline.calls.tables import CallTable
from hotline.casework import Case
from hotline.routing.tables import OfferOutcome, OfferTable

RATED_DAYS = timedelta(days=30)
_LOST = (OfferOutcome.MISSED, OfferOutcome.REFUSED)


@dataclass(frozen=True)
class OwnDay:
    """What one person did today."""

    answered: int
    missed: int
    talk: float
    """Seconds talked in all, of talks that are over."""
    average_talk: float | None
    opened: int
    closed: int
    rated: int
    content: int
    """满意 and 基本满意, of ``rated``."""
    times: Times
    """How long in each state."""

    @property
    def satisfaction(self) -> float | None:
        """The share of those content among those who rated; none without any."""
        return self.content / self.rated if self.rated else None


_kept: WeakKeyDictionary[web.Application, dict[str, tuple[datetime, OwnDay]]] = WeakKeyDictionary()


async def day_shown(
    app: web.Application, session: AsyncSession, agent_id: str, now: datetime, *, hurry: bool
) -> OwnDay:
    """Return a person's day; in a hurry, as it was counted last: a call must be on the screen."""
    kept = _kept.setdefault(app, {})
    at, day = kept.get(agent_id, (None, None))
    if hurry and day is not None and at is not None and at >= wall.day_of(now)[0]:
        return day
    counted = await own_day(session, agent_id, now)
    kept[agent_id] = now, counted
    return counted


async def own_day(session: AsyncSession, agent_id: str, now: datetime) -> OwnDay:
    """Count a person's day so far."""
    since, until = wall.day_of(now)
    offers = await session.execute(
        select(OfferTable.outcome, func.count())
        .where(OfferTable.agent_id == agent_id, OfferTable.made_at >= since)
        .group_by(OfferTable.outcome)
    )
    came = {row[0]: row[1] for row in offers}
    talks = await session.execute(
        select(CallTable.answered_at, CallTable.talk_ended_at, CallTable.ended_at).where(
            CallTable.agent_id == agent_id,
            CallTable.started_at >= since,
            CallTable.started_at < until,
            CallTable.answered_at.is_not(None),
        )
    )
    answered, seconds = 0, []
    for begun, ended, gone in talks.all():
        answered += 1
        end = ended or gone
        if begun is not None and end is not None:
            seconds.append((end - begun).total_seconds())
    rated = await session.execute(
        select(CallTable.satisfaction, func.count())
        .where(
            CallTable.agent_id == agent_id,
            CallTable.started_at >= since - RATED_DAYS,
            CallTable.started_at < since,
            CallTable.satisfaction.is_not(None),
        )
        .group_by(CallTable.satisfaction)
    )
    ratings = {row[0]: row[1] for row in rated}
    mine = (Case.service == "ticket", Case.assignee_id == agent_id)
    opened = select(func.count()).where(*mine, Case.opened_at >= since)
    closed = select(func.count()).where(*mine, Case.closed_at >= since)
    times = await times_of(session, since, min(now, until), agent_id)
    return OwnDay(
        # Who handed a call on has answered it all the same.
        answered=max(answered, came.get(OfferOutcome.ANSWERED, 0)),
        missed=sum(came.get(outcome, 0) for outcome in _LOST),
        talk=sum(seconds),
        average_talk=sum(seconds) / len(seconds) if seconds else None,
        opened=await session.scalar(opened) or 0,
        closed=await session.scalar(closed) or 0,
        rated=sum(ratings.values()),
        content=ratings.get(1, 0) + ratings.get(2, 0),
        times=times.get(agent_id, Times()),
    )
