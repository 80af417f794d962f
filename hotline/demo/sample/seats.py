"""The seats of the made-up moment: one rings, one talks in the browser, one fills the form."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from agents.phones.lines import browser_endpoint
from agents.tables import AgentTable
from hotline.calls.tables import CallTable
from hotline.casework import Case
from hotline.clock import CHINA
from hotline.demo.sample.talks import DIVORCE, VIOLENCE
from hotline.routing.tables import OfferTable
from hotline.tickets import CallFacts, shipped

RINGS, TALKS, FILLS = "abdu", "ouyang", "zhao"
"""Whose seat rings, whose talks by the browser, who fills the form after the call."""

RINGING_CALL = "wait-2"
FILL_SECONDS = 66.0
"""So long ago the call ended whose form is being filled."""
_DAYS_LEFT = 5
_BOOKED = "离婚后探望孩子受阻"


async def settle(session: AsyncSession, now: datetime) -> None:
    """Let the three answer in the browser, and one of them be rung by a caller with a history."""
    for agent_id in (RINGS, TALKS, FILLS):
        await session.execute(
            update(AgentTable)
            .where(AgentTable.id == agent_id)
            .values(endpoint=f"PJSIP/{browser_endpoint(agent_id)}", desk=f"PJSIP/{agent_id}")
        )
    call = await session.get_one(CallTable, RINGING_CALL)
    number = await _with_a_history(session, now)
    call.number, call.number_place = number, "甘肃定西"
    call.topic, call.place = "marriage", "sanchahe"
    facts = CallFacts(call.id, number, call.started_at, topic=call.topic, place=call.place)
    await shipped().open_for_call(session, facts, now)
    session.add(
        OfferTable(
            id=f"o-{call.id}",
            call_id=call.id,
            agent_id=RINGS,
            made_at=now - timedelta(seconds=2),
            ringing_at=now - timedelta(seconds=2),
            ended_at=None,
            outcome=None,
            reason_code="skill",
            words="婚姻家庭专长，空闲最久；李建国通话中；来电人已等 36 秒",
            detail={},
        )
    )


async def _with_a_history(session: AsyncSession, now: datetime) -> str:
    """Let one number have what a lawyer must know before the first word; return it."""
    secret = await session.scalar(select(Case).where(Case.title == VIOLENCE.title).limit(1))
    before = await session.scalar(select(Case).where(Case.title == DIVORCE.title).limit(1))
    if secret is None or before is None or not before.caller_number:
        msg = "the made-up day must hold a talk about violence and one about divorce"
        raise LookupError(msg)
    secret.caller_number = before.caller_number
    before.solved = 2
    last = now.astimezone(CHINA).date() + timedelta(days=_DAYS_LEFT)
    before.data = {
        **before.data,
        "limitation_deadline": last.isoformat(),
        "special_group": ["woman"],
    }
    await session.execute(
        update(Case)
        .where(Case.service == "lawyer_appointment", Case.title == _BOOKED)
        .values(caller_number=before.caller_number)
    )
    return before.caller_number
