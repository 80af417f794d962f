"""Whom a talk may be handed to, and how a seat's talk stands: what the pages ask."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

import config
from agents.pages import words
from agents.tables import AgentTable, PresenceTable
from hotline.calls.tables import CallTable
from hotline.routing import reasons
from hotline.routing.people import AgentKind, Presence
from hotline.talks import book
from hotline.talks.asked import part_of
from hotline.talks.book import Book
from hotline.talks.state import Talk, no_talk
from hotline.talks.tables import TalkTable


@cache
def _read(file: Path, changed: int) -> Book:
    del changed
    return book.load(file)


def current_book() -> Book:
    """Return ``config/talks.yaml`` as it is now; it is read once for each change.

    Raises:
        hotline.configfiles.ConfigFileError: it is not as it should be.
    """
    file = config.path("talks.yaml")
    return _read(file, file.stat().st_mtime_ns)


def called(agent: AgentTable) -> str:
    """Return how a person is called."""
    return reasons.person(agent.name, agent.kind)


async def talking_call(session: AsyncSession, agent_id: str) -> CallTable | None:
    """Return the call that a person talks on."""
    return (
        await session.scalars(
            select(CallTable)
            .where(
                CallTable.agent_id == agent_id,
                CallTable.answered_at.is_not(None),
                CallTable.talk_ended_at.is_(None),
                CallTable.ended_at.is_(None),
            )
            .order_by(CallTable.started_at.desc())
            .limit(1)
        )
    ).first()


async def state_of(session: AsyncSession, agent: AgentTable) -> dict[str, Any]:
    """Return how a seat's talk stands, as ``call.talk`` tells it."""
    call = await talking_call(session, agent.id)
    if call is None or call.answered_at is None:
        return await part_of(session, agent.id) or no_talk(agent.id)
    kept = await session.get(TalkTable, call.id)
    if kept is not None and kept.agent_id == agent.id:
        return dict(kept.state)
    return Talk(call.id, agent.id, called(agent), call.answered_at).shown()


async def targets(session: AsyncSession, agent_id: str) -> dict[str, list[dict[str, Any]]]:
    """Return whom a caller may be handed to now."""
    rows = (
        await session.execute(
            select(AgentTable, PresenceTable)
            .join(PresenceTable, PresenceTable.agent_id == AgentTable.id, isouter=True)
            .where(AgentTable.active, AgentTable.id != agent_id)
            .order_by(AgentTable.staff_no)
        )
    ).all()
    names = words.topics()
    free_for: Counter[str] = Counter()
    people: dict[str, list[dict[str, Any]]] = {AgentKind.LAWYER: [], AgentKind.STATION: []}
    for agent, presence in rows:
        free = presence is not None and presence.state == Presence.READY and presence.reachable
        skills = [names.get(code, code) for code in agent.skills]
        if free:
            free_for.update(agent.skills)
        look = words.PRESENCE[Presence(presence.state) if presence else Presence.OFFLINE][0]
        if presence is not None and presence.state == Presence.READY and not presence.reachable:
            look = "话机不通"
        detail = "、".join(skills[:3]) if free else look
        people[agent.kind].append(_choice(f"agent:{agent.id}", called(agent), detail, free=free))
    for listed in people.values():
        listed.sort(key=lambda choice: not choice["free"])
    return {
        "agents": people[AgentKind.LAWYER],
        "stations": people[AgentKind.STATION],
        "topics": [
            _choice(f"topic:{code}", name, f"{free_for[code]} 人空闲", free=free_for[code] > 0)
            for code, name in names.items()
        ],
        "outside": [
            _choice(f"outside:{body.code}", body.words, "", free=True)
            for body in current_book().outside
        ],
    }


def _choice(target: str, name: str, detail: str, *, free: bool) -> dict[str, Any]:
    return {"target": target, "words": name, "detail": detail, "free": free}
