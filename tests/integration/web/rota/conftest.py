"""Lawyers with seats, and the supervisor who makes their rota."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from agents.rota.routes import section as rota_section
from agents.routes import section as agents_section
from agents.tables import AgentTable, PresenceTable
from hotline.clock import CHINA
from hotline.routing.people import AgentKind, Presence
from hotline.store import Database
from hotline.web.permissions import Role
from hotline.web.section import Section


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section, rota_section]


@pytest.fixture
async def lawyers(database: Database) -> None:
    async with database.write() as session:
        for number, (name, words) in enumerate(
            [("wang", "王晓梅"), ("li", "李建国"), ("abdu", "阿卜杜热合曼")], 101
        ):
            session.add(
                AgentTable(
                    id=name,
                    staff_no=str(number),
                    name=words,
                    kind=AgentKind.LAWYER,
                    skills={"wages": 2},
                    endpoint=f"PJSIP/{name}",
                )
            )
            await session.flush()
            session.add(
                PresenceTable(
                    agent_id=name, state=Presence.READY, since=datetime(2026, 11, 24, tzinfo=CHINA)
                )
            )


@pytest.fixture
async def supervisor(lawyers: None, signed_in: Any) -> Any:
    return await signed_in("banzhang", Role.SUPERVISOR)
