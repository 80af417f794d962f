"""Alarms from rule to history: raised once, seen by somebody, cleared when they are over."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.alarms.routes import section as alarms_section
from agents.alarms.rules import Alarm
from agents.alarms.tables import AlarmTable
from agents.alarms.watch import WATCH, keep
from agents.routes import section as agents_section
from hotline.calls.tables import CallTable
from hotline.clock import ManualClock
from hotline.store import Database, Outbox
from hotline.talks.tables import EmergencyTable
from hotline.web.permissions import Role
from hotline.web.section import Section

WAITS = Alarm("longest", "longest", "longest_wait", "bad", "1 位来电人等待超过 1 分钟")


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section, alarms_section]


@pytest.fixture
def own_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bureau's own folder of configuration."""
    monkeypatch.setenv("HOTLINE_CONFIG", str(tmp_path))
    return tmp_path


@pytest.fixture
async def supervisor(signed_in: Any) -> Any:
    return await signed_in("banzhang", Role.SUPERVISOR, name="林秀英")


async def rows(database: Database) -> list[AlarmTable]:
    async with database.read() as session:
        return list(await session.scalars(select(AlarmTable).order_by(AlarmTable.id)))


async def topics(database: Database) -> list[str]:
    async with database.read() as session:
        query = select(Outbox.topic).where(Outbox.topic.startswith("alarm."))
        return list(await session.scalars(query.order_by(Outbox.id)))


async def call(database: Database, clock: ManualClock, number: int, **more: Any) -> None:
    async with database.write() as session:
        session.add(
            CallTable(
                id=f"1.{number}",
                number=f"1381234{number:04d}",
                menu_path=["1"],
                started_at=clock.now(),
                **more,
            )
        )


async def test_it_is_raised_once_renewed_and_cleared_after_a_while(
    database: Database, clock: ManualClock
) -> None:
    await keep(database, [WAITS], clock.now(), 30)
    clock.advance(5)
    worse = Alarm("longest", "longest", "longest_wait", "bad", "2 位来电人等待超过 1 分钟")
    await keep(database, [worse], clock.now(), 30)
    clock.advance(20)
    await keep(database, [], clock.now(), 30)
    (row,) = await rows(database)
    assert (row.words, row.cleared_at) == ("2 位来电人等待超过 1 分钟", None)
    clock.advance(10)
    await keep(database, [], clock.now(), 30)
    assert (await rows(database))[0].cleared_at == clock.now()
    await keep(database, [WAITS], clock.now(), 30)
    assert len(await rows(database)) == 2
    assert await topics(database) == ["alarm.raised", "alarm.cleared", "alarm.raised"]


async def test_a_supervisor_says_that_they_have_seen_it(
    supervisor: Any, signed_in: Any, database: Database, clock: ManualClock
) -> None:
    await keep(database, [WAITS], clock.now(), 30)
    lawyer = await signed_in("wang", Role.LAWYER)
    assert (await lawyer.post("/alarms/1/seen")).status == 403
    assert WAITS.words in (await supervisor.get("/wallboard")).text
    clock.advance(12)
    assert (await supervisor.post("/alarms/1/seen", {"note": "已叫两人加班"})).status == 303
    page = (await supervisor.get("/wallboard")).text
    assert "林秀英已确认" in page
    # Somebody else who clicks a moment later is told by whom it was.
    again = await supervisor.post("/alarms/1/seen")
    assert (again.status, "林秀英" in again.text) == (409, True)
    clock.advance(60)
    await keep(database, [], clock.now(), 30)
    page = (await supervisor.get("/alarms?kind=longest_wait")).text
    assert "12 秒后" in page
    assert "已叫两人加班" in page
    assert "近三十天没有这样的告警" in (await supervisor.get("/alarms?kind=mass")).text


async def test_the_watch_finds_waits_crowds_and_the_emergency_key(
    supervisor: Any, app: Any, database: Database, clock: ManualClock
) -> None:
    for number in range(15):
        await call(database, clock, number, topic="wages", ended_at=clock.now())
    # One caller who tries again and again is no crowd.
    for number in range(100, 120):
        async with database.write() as session:
            session.add(
                CallTable(
                    id=f"2.{number}",
                    number="13900000000",
                    menu_path=[],
                    topic="lease",
                    started_at=clock.now(),
                    ended_at=clock.now(),
                )
            )
    await call(database, clock, 50, waiting_since=clock.now() - timedelta(seconds=61))
    async with database.write() as session:
        session.add(
            EmergencyTable(call_id="1.77", agent_id="zhao", reason="", raised_at=clock.now())
        )
    await app[WATCH].look()
    found = {row.key: row.words for row in await rows(database)}
    assert set(found) == {"longest", "nobody", "theme:wages", "emergency:1.77"}
    assert "15 人咨询“劳动报酬”" in found["theme:wages"]
    page = (await supervisor.get("/alarms")).text
    assert "到指挥台处理" in page


async def test_a_broken_rule_file_keeps_the_rules_that_were(
    app: Any, server: Any, database: Database, clock: ManualClock, own_config: Path
) -> None:
    (own_config / "alarms.yaml").write_text("rules: nonsense\n")
    await call(database, clock, 1, waiting_since=clock.now() - timedelta(seconds=61))
    await app[WATCH].look()
    assert {row.key for row in await rows(database)} == {"longest", "nobody", "config:alarms.yaml"}
