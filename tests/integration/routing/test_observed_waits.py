"""How long callers waited of late, as the waiting room learns it from the calls that were kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hotline.calls.patience import Wait
from hotline.calls.tables import CallTable
from hotline.clock import ManualClock
from hotline.routing.waiting import hall
from hotline.store import Database


@pytest.mark.each_database
async def test_waits_are_counted_by_the_second_whoever_ended_them(
    database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hall, "WAITS_AT_ONCE", 2)
    now = clock.now() - timedelta(hours=1)
    told = [
        (10.2, "answered"),
        (9.8, "answered"),
        (10.0, "abandoned"),
        (45.0, "abandoned"),
        (30.0, "voicemail"),
    ]
    async with database.write() as session:
        for number, (seconds, outcome) in enumerate(told):
            over = now + timedelta(seconds=seconds)
            session.add(
                CallTable(
                    id=f"1.{number}",
                    number="138",
                    started_at=now,
                    waiting_since=now,
                    answered_at=over if outcome == "answered" else None,
                    ended_at=over + timedelta(seconds=60 if outcome == "answered" else 0),
                    outcome=outcome,
                )
            )
        session.add(CallTable(id="1.9", number="138", started_at=now, waiting_since=now))
        session.add(CallTable(id="1.10", number="138", started_at=now, ended_at=now))
    async with database.read() as session:
        found = set(await hall._waits(session, clock.now()))
    assert found == {Wait(10, False, 2), Wait(10, True), Wait(45, True), Wait(30, False)}
