"""The seat: one's own state, one's own call, nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.routes import section as agents_section
from agents.tables import AgentTable, PresenceTable
from hotline.calls.tables import CallTable
from hotline.clock import ManualClock
from hotline.routing.people import Presence
from hotline.routing.tables import OfferTable, PresenceWishTable
from hotline.store import Database
from hotline.tickets import CallFacts, shipped
from hotline.web.permissions import Role
from hotline.web.section import Section


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section]


@pytest.fixture
async def lawyers(database: Database, clock: ManualClock) -> None:
    """Wang is ready, Zhao too."""
    async with database.write() as session:
        for number, name in enumerate(("wang", "zhao")):
            session.add(
                AgentTable(
                    id=name, staff_no=f"10{number}", name=name, kind="lawyer", endpoint="PJSIP/x"
                )
            )
            await session.flush()
            session.add(PresenceTable(agent_id=name, state=Presence.READY, since=clock.now()))


async def wishes(database: Database) -> list[tuple[str, str, str]]:
    async with database.read() as session:
        rows = await session.scalars(select(PresenceWishTable).order_by(PresenceWishTable.id))
        return [(row.agent_id, row.wish, row.reason) for row in rows]


async def ring(database: Database, clock: ManualClock, agent: str) -> None:
    now = clock.now()
    async with database.write() as session:
        session.add(
            CallTable(
                id="1.1",
                number="13812345678",
                topic="wages",
                menu_path=["1"],
                started_at=now,
                waiting_since=now,
            )
        )
        await session.flush()
        await shipped().open_for_call(session, CallFacts("1.1", "13812345678", now), now)
        session.add(
            OfferTable(
                id="o1",
                call_id="1.1",
                agent_id=agent,
                made_at=now,
                reason_code="skill",
                words="专长相符",
                detail={},
            )
        )


async def test_a_lawyer_asks_for_a_pause_with_a_reason(
    signed_in: Any, lawyers: None, database: Database
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    assert "空闲" in (await wang.get("/seat")).text
    answer = await wang.post("/seat/presence", {"wish": "paused", "reason": "就餐"})
    assert answer.to == "/seat"
    assert await wishes(database) == [("wang", "paused", "就餐")]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"wish": "paused"}, "须说明原因"),
        ({"wish": "busy"}, "不能这样切换"),
        ({"wish": "ready; drop"}, "不能这样切换"),
    ],
)
async def test_a_state_that_cannot_be_asked_for_is_refused(
    signed_in: Any, lawyers: None, database: Database, form: dict[str, str], words: str
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    answer = await wang.post("/seat/presence", form)
    assert answer.status == 422
    assert words in answer.text
    assert await wishes(database) == []


async def test_one_sets_ones_own_state_alone(
    signed_in: Any, lawyers: None, database: Database
) -> None:
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    await wang.post("/seat/presence", {"wish": "offline", "agent_id": "zhao"})
    assert await wishes(database) == [("wang", "offline", "")]


async def test_the_ringing_call_is_on_the_screen_of_whom_it_rings(
    signed_in: Any, lawyers: None, database: Database, clock: ManualClock
) -> None:
    await ring(database, clock, "wang")
    wang = await signed_in("wangli", Role.LAWYER, agent_id="wang")
    zhao = await signed_in("zhaoqiang", Role.LAWYER, agent_id="zhao")
    hers, his = (await wang.get("/seat")).text, (await zhao.get("/seat")).text
    assert "来电，请接听话机" in hers
    assert "专长相符" in hers
    assert "138****5678" in hers
    assert "13812345678" not in hers
    assert "等待来电" in his
    assert "138****5678" not in his


async def test_a_person_without_a_seat_is_told_what_to_do(signed_in: Any) -> None:
    one = await signed_in("wangli", Role.LAWYER)
    assert "还没有坐席" in (await one.get("/seat")).text


async def test_a_supervisor_has_no_seat(signed_in: Any) -> None:
    assert (await (await signed_in("boss", Role.SUPERVISOR)).get("/seat")).status == 403
