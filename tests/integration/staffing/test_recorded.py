"""Traffic from the calls that were."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agents.staffing import recorded
from hotline.calls.patience import Wait
from hotline.calls.tables import CallTable, Outcome
from hotline.clock import CHINA, ManualClock
from hotline.store import Database

pytestmark = pytest.mark.each_database


async def test_an_answered_and_an_abandoned_call_become_traffic_and_waits(
    database: Database, clock: ManualClock
) -> None:
    now = clock.now()

    def call(name: str, minutes: int, **more: object) -> CallTable:
        since = now + timedelta(minutes=minutes)
        return CallTable(id=name, number="13900000001", started_at=since, topic="wages", **more)

    def after(minutes: int, seconds: float) -> object:
        return now + timedelta(minutes=minutes, seconds=seconds)

    async with database.write() as session:
        session.add_all(
            [
                call(
                    "answered",
                    0,
                    waiting_since=after(0, 5),
                    answered_at=after(0, 17),
                    talk_ended_at=after(0, 317),
                    ended_at=after(0, 340),
                    outcome=Outcome.ANSWERED,
                ),
                call(
                    "abandoned",
                    1,
                    waiting_since=after(1, 0),
                    ended_at=after(1, 45),
                    outcome=Outcome.ABANDONED,
                ),
                call("in the menu", 2, ended_at=after(2, 9), outcome=Outcome.ABANDONED_MENU),
                call("still waits", 3, waiting_since=after(3, 0)),
                call("too late", 90, waiting_since=after(90, 0), ended_at=after(91, 0)),
            ]
        )
    async with database.read() as session:
        found = await recorded.load(session, now, now + timedelta(hours=1))
    answered, abandoned = found.traffic.calls
    assert found.traffic.origin == now.astimezone(CHINA).replace(hour=0, minute=0)
    assert (answered.at, answered.talk, answered.patience) == (10 * 3600 + 5, 300, None)
    assert (answered.waited, answered.topic) == (12, "wages")
    assert (abandoned.talk, abandoned.patience) == (None, 45)
    assert sorted(found.waits, key=lambda wait: wait.seconds) == [Wait(12, False), Wait(45, True)]
