"""The page that tells what the queue looked like, and the history that it is told from."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.moments.routes import section as moments_section
from agents.people import DatabasePeople
from agents.places import organisation_tree
from agents.routes import section as agents_section
from agents.tables import AgentTable
from hotline.calls.tables import CallStepTable, CallTable
from hotline.clock import CHINA, ManualClock
from hotline.routing.interfaces import PresenceChange
from hotline.routing.people import Presence, Wish
from hotline.routing.tables import OfferTable
from hotline.store import Database
from hotline.web.context import PLACES, Places
from hotline.web.permissions import Role
from hotline.web.section import Section


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section, moments_section]


@pytest.fixture
def app(app: Any) -> Any:
    app[PLACES] = Places(organisation_tree)
    return app


@pytest.fixture
async def past(database: Database, clock: ManualClock) -> None:
    """Somebody waited from 20 to 10 seconds ago and was offered to Wang 12 seconds ago."""
    now = clock.now()
    ago = {seconds: now - timedelta(seconds=seconds) for seconds in (30, 20, 12, 10)}
    async with database.write() as session:
        session.add(
            AgentTable(
                id="wang",
                staff_no="101",
                name="王晓梅",
                kind="lawyer",
                endpoint="P/w",
                skills={"marriage": 1, "wages": 3},
            )
        )
        session.add(
            CallTable(
                id="1.1",
                number="13812345678",
                topic="wages",
                started_at=ago[30],
                waiting_since=ago[20],
                answered_at=ago[10],
                agent_id="wang",
            )
        )
        await session.flush()
        for at, kind, detail in (
            (ago[30], "start", {}),
            (ago[20], "priority", {"priority": "elderly"}),
            (ago[20], "waiting", {}),
            (ago[12], "decision", {"to": "skilled"}),
            (ago[10], "answered", {}),
        ):
            words = "优先类别：老年人" if kind == "priority" else kind
            session.add(CallStepTable(call_id="1.1", at=at, kind=kind, detail=detail, words=words))
        session.add(
            OfferTable(
                id="o",
                call_id="1.1",
                agent_id="wang",
                made_at=ago[12],
                ended_at=ago[10],
                outcome="answered",
                reason_code="skilled",
                words="王律师空闲最久",
                detail={},
            )
        )
        await session.flush()
        people = DatabasePeople(database, clock)
        for at, state, call in (
            (ago[30], Presence.READY, None),
            (ago[12], Presence.BUSY, "1.1"),
        ):
            change = PresenceChange("wang", state, "", at, Wish.READY, call, True, 0)
            await people.keep(session, [change])


async def test_a_moment_is_shown_as_it_was(past: None, signed_in: Any, clock: ManualClock) -> None:
    browser = await signed_in("banzhang", Role.SUPERVISOR)

    async def at(seconds: float) -> str:
        moment = (clock.now() - timedelta(seconds=seconds)).astimezone(CHINA)
        answer = await browser.get(f"/moment?{urlencode({'at': moment.isoformat()})}")
        assert answer.status == 200
        return str(answer.text)

    waits = await at(15)
    assert "等候与振铃（1 通）" in waits
    assert "13812345678" not in waits
    assert "空闲" in waits
    assert "优先类别：老年人" in waits
    assert "劳动报酬、婚姻家庭" in waits, "what somebody can be asked for tells why they were not"
    assert "+10 秒" in waits
    assert "+1 分钟" not in waits, "what is to come cannot be asked for"
    rung = await at(11)
    assert "正在呼叫王晓梅" in rung
    assert "王律师空闲最久" in rung
    assert re.search(r'class="dot warn"></span> 振铃', rung)
    assert re.search(r'class="dot primary"></span> 通话中', await at(5))
    assert "当时无人排队" in await at(5)
    assert "当时无人排队" in await at(60)


async def test_a_wrong_time_is_said_to_be_wrong(signed_in: Any, past: None) -> None:
    browser = await signed_in("banzhang", Role.SUPERVISOR)
    answer = await browser.get("/moment?at=half+past+ten")
    assert "请写成 14:05:20" in answer.text


async def test_only_who_leads_may_look(signed_in: Any, past: None) -> None:
    browser = await signed_in("wang", Role.LAWYER)
    assert (await browser.get("/moment")).status == 403
