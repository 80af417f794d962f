"""Reads answered calls as the drawing sees them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from hotline.calls.tables import CallTable
from hotline.casework import Case
from transcripts.review.drawing import Candidate
from transcripts.scoring.tables import Score

EMERGENCY = "emergency"
"""A ticket's 特急 (``config/services/ticket.yaml``)."""
COMPLAINT = "complaint"
"""A ticket's kind of business, and the service that complaints become cases of."""


async def ended_between(session: AsyncSession, since: datetime, until: datetime) -> list[Candidate]:
    """Return the calls that were answered and ended from ``since`` up to, not including, until."""
    return await _read(
        session, _query().where(CallTable.ended_at >= since, CallTable.ended_at < until)
    )


async def of_call(session: AsyncSession, call_id: str) -> Candidate | None:
    """Return one call; None where nobody answered it or it still runs."""
    found = await _read(session, _query().where(CallTable.id == call_id))
    return found[0] if found else None


def _query() -> Select[CallTable, Score | None, Case | None, int, int]:
    earlier = aliased(CallTable)
    nth = (
        select(func.count())
        .where(
            earlier.agent_id == CallTable.agent_id,
            earlier.answered_at.is_not(None),
            earlier.answered_at <= CallTable.answered_at,
        )
        .scalar_subquery()
    )
    child = aliased(Case)
    complaints = (
        select(func.count())
        .where(child.parent_id == Case.id, child.service == COMPLAINT)
        .scalar_subquery()
    )
    return (
        select(CallTable, Score, Case, nth, complaints)
        .outerjoin(Score, and_(Score.call_id == CallTable.id, Score.latest))
        .outerjoin(Case, and_(Case.call_id == CallTable.id, Case.service == "ticket"))
        .where(
            CallTable.answered_at.is_not(None),
            CallTable.ended_at.is_not(None),
            CallTable.agent_id.is_not(None),
        )
        .order_by(CallTable.id)
    )


async def _read(
    session: AsyncSession, query: Select[CallTable, Score | None, Case | None, int, int]
) -> list[Candidate]:
    rows = await session.execute(query)
    return [
        _candidate(call, score, case, nth, complaints)
        for call, score, case, nth, complaints in rows
    ]


def _candidate(
    call: CallTable, score: Score | None, case: Case | None, nth: int, complaints: int
) -> Candidate:
    risks = frozenset(score.risks if score else ())
    business = (case.data or {}).get("business") if case else None
    return Candidate(
        call_id=call.id,
        agent_id=call.agent_id or "",
        category=(case.topic if case else None) or (score.topic if score else None) or call.topic,
        nth=nth,
        satisfaction=call.satisfaction,
        emergency="danger" in risks or (case is not None and case.urgency == EMERGENCY),
        complaint="complaint" in risks or business == COMPLAINT or complaints > 0,
        limitation="limitation_risk" in risks,
        hits=score is not None and (score.faults > 0 or score.veto is not None),
        confidence=score.card_confidence if score else None,
    )
