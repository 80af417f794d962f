"""The control page (指挥台): alarms, talks, who waits, seats and broadcasts, each with its acts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.pages import wall, words
from agents.tables import AgentTable, PresenceTable
from agents.talks.choices import called, current_book, targets
from agents.talks.supervising import PAGE
from hotline.calls.tables import CallTable
from hotline.routing.people import Presence, Wish
from hotline.talks.tables import (
    BroadcastReadTable,
    BroadcastTable,
    EmergencyTable,
    TalkTable,
)
from hotline.web.context import CLOCK, DATABASE, directory, viewer_of
from hotline.web.templating import is_fragment, render

DAY = timedelta(hours=24)
SHOWN_BROADCASTS = 3


@dataclass(frozen=True)
class Talking:
    """One talk."""

    call_id: str
    who: str
    topic: str
    place: str
    since: datetime
    marks: tuple[tuple[str, str], ...]
    """What is special about it, with a colour."""


@dataclass(frozen=True)
class Alarm:
    """An emergency that nobody has confirmed."""

    call_id: str
    who: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Sent:
    """A broadcast and how many have confirmed it."""

    words: str
    by: str
    at: datetime
    read: int


async def page(request: web.Request) -> web.StreamResponse:
    """Show the control page, or its moving part."""
    app = request.app
    now = app[CLOCK].now()
    async with app[DATABASE].read() as session:
        agents = {row.id: row for row in await session.scalars(select(AgentTable))}
        values: dict[str, Any] = {
            "alarms": await open_alarms(session, agents),
            "talks": await _talks(session, agents, now),
            "wall": await wall.read(session, now),
            "seats": await _seats(session, agents),
            "choices": await targets(session, ""),
            "sent": await _sent(session, now),
            "place": (await directory(app, session)).place,
        }
    return render(
        request,
        "talks/control_parts.html" if is_fragment(request) else "talks/control.html",
        **values,
        bases=[("", "请选择依据")] + [(b.code, b.name) for b in current_book().bases],
        topic=words.topic,
        looks=words.PRESENCE,
        states=((Wish.PAUSED, "置忙"), (Wish.READY, "置闲"), (Wish.OFFLINE, "签出")),
        has_phone=viewer_of(request).agent_id is not None,
        page=PAGE,
    )


async def open_alarms(session: AsyncSession, agents: dict[str, AgentTable]) -> Sequence[Alarm]:
    """Return the emergencies that nobody has confirmed, the newest first."""
    rows = await session.scalars(
        select(EmergencyTable)
        .where(EmergencyTable.seen_at.is_(None))
        .order_by(EmergencyTable.raised_at.desc())
    )
    return [Alarm(r.call_id, _named(agents, r.agent_id), r.reason, r.raised_at) for r in rows]


def _named(agents: dict[str, AgentTable], agent_id: str | None) -> str:
    agent = agents.get(agent_id or "")
    return called(agent) if agent is not None else (agent_id or "坐席")


async def _talks(
    session: AsyncSession, agents: dict[str, AgentTable], now: datetime
) -> Sequence[Talking]:
    rows = await session.execute(
        select(CallTable, TalkTable)
        .join(TalkTable, TalkTable.call_id == CallTable.id, isouter=True)
        .where(
            CallTable.answered_at.is_not(None),
            CallTable.talk_ended_at.is_(None),
            CallTable.ended_at.is_(None),
            CallTable.started_at > now - DAY,
        )
        .order_by(CallTable.answered_at)
    )
    return [
        Talking(
            call.id,
            _named(agents, call.agent_id),
            call.topic,
            call.place,
            call.answered_at or now,
            _marks(talk.state if talk is not None else {}),
        )
        for call, talk in rows
    ]


def _marks(state: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    marks = []
    if state.get("emergency"):
        marks.append(("紧急求助", "bad"))
    if state.get("consulting"):
        marks.append(("咨询第三方", "warn"))
    elif state.get("held"):
        marks.append(("保持中", "warn"))
    thirds = [p for p in state.get("parties", ()) if str(p["id"]).startswith("p")]
    if thirds and not state.get("consulting"):
        marks.append((f"{2 + len(thirds)} 方通话", "primary"))
    if state.get("recording_paused"):
        marks.append(("录音暂停", "warn"))
    if state.get("warned"):
        marks.append(("时间较长", ""))
    return tuple(marks)


async def _seats(session: AsyncSession, agents: dict[str, AgentTable]) -> list[dict[str, Any]]:
    presences = {p.agent_id: p for p in await session.scalars(select(PresenceTable))}
    seats = []
    for agent in sorted(agents.values(), key=lambda one: one.staff_no):
        presence = presences.get(agent.id)
        if agent.active:
            seats.append(
                {
                    "id": agent.id,
                    "who": called(agent),
                    "state": Presence(presence.state) if presence else Presence.OFFLINE,
                    "reason": presence.reason if presence else "",
                    "since": presence.since if presence else None,
                }
            )
    return seats


async def _sent(session: AsyncSession, now: datetime) -> Sequence[Sent]:
    count = func.count(BroadcastReadTable.agent_id)
    rows = await session.execute(
        select(BroadcastTable, count)
        .join(
            BroadcastReadTable, BroadcastReadTable.broadcast_id == BroadcastTable.id, isouter=True
        )
        .where(BroadcastTable.created_at > now - DAY)
        .group_by(BroadcastTable.id)
        .order_by(BroadcastTable.id.desc())
        .limit(SHOWN_BROADCASTS)
    )
    return [Sent(row.words, row.by, row.created_at, read) for row, read in rows]
