"""The talks of the made-up moment: a consult, a pause, a cry for help; and broadcasts."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.tables import AgentTable
from hotline.calls.tables import CallTable
from hotline.routing.reasons import person
from hotline.talks.state import Party, PartyKind, Place, Talk
from hotline.talks.tables import (
    BroadcastReadTable,
    BroadcastTable,
    EmergencyTable,
    TalkTable,
)

_BROADCASTS = (
    (190, "上午 11:30 起欠薪专席由孙丽、艾合买提接听，其他坐席遇欠薪来电请转“劳动报酬”", 11),
    (12, "县城东部停电，三岔河站电话暂时不通，本站来电由县中心代接", 7),
)


async def talk(session: AsyncSession, now: datetime) -> None:
    """Let the talks of the moment be more than two people talking."""
    agents = {row.id: row for row in await session.scalars(select(AgentTable))}
    talks = await session.scalars(
        select(CallTable)
        .where(
            CallTable.answered_at.is_not(None),
            CallTable.talk_ended_at.is_(None),
            CallTable.ended_at.is_(None),
        )
        .order_by(CallTable.answered_at)
    )
    for number, call in enumerate(talks):
        agent = agents.get(call.agent_id or "")
        if agent is None or number > 2:
            continue
        state = Talk(call.id, agent.id, person(agent.name, agent.kind), call.answered_at or now)
        match number:
            case 0:
                state.place, state.warned = Place.HOLD, True
                state.parties["p1"] = Party(
                    "p1", PartyKind.OUTSIDE, "12356 心理援助热线", "", talking=True
                )
            case 1:
                state.recording_paused, state.pause_reason = True, "来电人报身份证号"
            case _:
                state.emergency = "raised"
                session.add(
                    EmergencyTable(
                        call_id=call.id,
                        agent_id=agent.id,
                        reason="来电人说丈夫正在砸门，孩子在身边",
                        raised_at=now - timedelta(seconds=38),
                        seen_at=None,
                        seen_by="",
                    )
                )
        session.add(
            TalkTable(call_id=call.id, agent_id=agent.id, state=state.shown(), changed_at=now)
        )
    for minutes, words, read in _BROADCASTS:
        row = BroadcastTable(words=words, by="林秀英", created_at=now - timedelta(minutes=minutes))
        session.add(row)
        await session.flush()
        for agent_id in sorted(agents)[:read]:
            session.add(
                BroadcastReadTable(broadcast_id=row.id, agent_id=agent_id, read_at=row.created_at)
            )
