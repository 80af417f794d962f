"""Reads answered calls as the drawing sees them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from hotline.calls.tables import CallTable
from hotline.casework import Case
from hotline.store import as_code
from transcripts.review.drawing import Candidate
from transcripts.scoring.tables import Score
from transcripts.tables import RecordingState, RecordingTable

EMERGENCY = "emergency"
"""A ticket's 特急 (``config/services/ticket.yaml``)."""
COMPLAINT = "complaint"
"""A ticket's kind of business, and the service that complaints become cases of."""


async def ended_between(
    session: AsyncSession, since: datetime, until: datetime, *, firsts: int
) -> list[Candidate]:
    """Return the calls that were answered and ended from ``since`` up to, not including, until.

    ``firsts``: how many of a lawyer's first calls are told apart; all later ones have one number.
    """
    return await _read(
        session, _query().where(CallTable.ended_at >= since, CallTable.ended_at < until), firsts
    )


async def of_call(session: AsyncSession, call_id: str, *, firsts: int) -> Candidate | None:
    """Return one call; None where nobody answered it or it still runs."""
    found = await _read(session, _query().where(CallTable.id == call_id), firsts)
    return found[0] if found else None


Rows = Select[CallTable, Score | None, Case | None, str | None, int]


def _query() -> Rows:
    child = aliased(Case)
    complaints = (
        select(func.count())
        .where(child.parent_id == Case.id, child.service == COMPLAINT)
        .scalar_subquery()
    )
    return (
        select(CallTable, Score, Case, RecordingTable.state, complaints)
        .outerjoin(Score, and_(Score.call_id == CallTable.id, Score.latest))
        .outerjoin(RecordingTable, RecordingTable.call_id == CallTable.id)
        .outerjoin(Case, and_(Case.call_id == as_code(CallTable.id), Case.service == "ticket"))
        .where(
            CallTable.answered_at.is_not(None),
            CallTable.ended_at.is_not(None),
            CallTable.agent_id.is_not(None),
        )
        .order_by(CallTable.id)
    )


async def _read(session: AsyncSession, query: Rows, firsts: int) -> list[Candidate]:
    rows = (await session.execute(query)).all()
    nth = await _first_calls(session, {row[0].agent_id for row in rows}, firsts)
    return [
        _candidate(call, score, case, recording, nth=nth.get(call.id, firsts + 1), complaints=told)
        for call, score, case, recording, told in rows
    ]


async def _first_calls(
    session: AsyncSession, agents: set[str | None], firsts: int
) -> dict[str, int]:
    """Return the number, from 1, of each lawyer's first answered calls."""
    nth: dict[str, int] = {}
    for agent in agents:
        calls = await session.scalars(
            select(CallTable.id)
            .where(CallTable.agent_id == agent, CallTable.answered_at.is_not(None))
            .order_by(CallTable.started_at)
            .limit(firsts)
        )
        nth.update((call, number) for number, call in enumerate(calls, 1))
    return nth


def _candidate(
    call: CallTable,
    score: Score | None,
    case: Case | None,
    recording: str | None,
    *,
    nth: int,
    complaints: int,
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
        confidence=_confidence(score, recording),
    )


def _confidence(score: Score | None, recording: str | None) -> float | None:
    if score is not None:
        return score.card_confidence
    # What can't be transcribed can't be pre-screened; what only waits will be.
    return 0.0 if recording == RecordingState.UNREADABLE else None
