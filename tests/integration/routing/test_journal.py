"""What happened is written down, whatever the database does meanwhile."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from agents.people import DatabasePeople
from agents.tables import AgentTable, PresenceTable
from hotline.calls.live import Call, Step
from hotline.calls.tables import CallStepTable, CallTable
from hotline.clock import ManualClock
from hotline.errors import ConfigurationError
from hotline.routing import journal as journal_module
from hotline.routing.batches import Batch, dump, load
from hotline.routing.interfaces import NoTickets, PresenceChange
from hotline.routing.journal import Journal
from hotline.routing.people import Presence, Wish
from hotline.routing.tables import OfferTable
from hotline.store import Base, Database, DatabaseUnavailableError, Outbox


class Gathered:
    """What happened, waiting to be asked for."""

    def __init__(self) -> None:
        self.batch = Batch()

    def __call__(self) -> Batch:
        taken, self.batch = self.batch, Batch()
        return taken

    async def take(self) -> Batch:
        return self()


def happens(into: Gathered, clock: ManualClock, call_id: str, **ends: Any) -> None:
    now = clock.now()
    call = Call(call_id, "13800000001", now, **ends)
    into.batch.calls[call_id] = call
    into.batch.steps.append(Step(call_id, now, "start", "来电", {"n": 1}))
    into.batch.born[call_id] = call


def offer(call_id: str, agent_id: str, now: datetime, *, ended: bool) -> dict[str, Any]:
    return {
        "id": f"{call_id}-{agent_id}",
        "call_id": call_id,
        "agent_id": agent_id,
        "made_at": now,
        "ringing_at": now,
        "ended_at": now if ended else None,
        "outcome": "missed" if ended else None,
        "reason_code": "skilled",
        "words": "有空",
        "detail": {},
        "node": "",
    }


@pytest.fixture
def gathered() -> Gathered:
    return Gathered()


@pytest.fixture
def journal(database: Database, clock: ManualClock, tmp_path: Path, gathered: Gathered) -> Journal:
    people = DatabasePeople(database)
    return Journal(
        database, people, NoTickets(), clock, tmp_path / "spill.jsonl", gather=gathered.take
    )


@pytest.fixture
def few_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that takes what memory may not hold: here nearly everything."""
    monkeypatch.setattr("hotline.routing.journal.MEMORY_LIMIT", 1)
    return tmp_path / "spill.jsonl"


def batches_in(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


async def rows(database: Database, table: Any) -> list[Any]:
    async with database.read() as session:
        return list(await session.scalars(select(table)))


@pytest.mark.each_database
async def test_a_batch_is_one_transaction_with_its_news(
    database: Database, clock: ManualClock, journal: Journal, gathered: Gathered
) -> None:
    async with database.write() as session:
        session.add(
            AgentTable(id="wang", staff_no="1", name="王", kind="lawyer", endpoint="PJSIP/wang")
        )
    now = clock.now()
    happens(gathered, clock, "1.1", ended_at=now, outcome="abandoned")
    gathered.batch.ended["1.1"] = gathered.batch.calls["1.1"]
    gathered.batch.offers["o"] = offer("1.1", "wang", now, ended=False)
    gathered.batch.presences["wang"] = PresenceChange(
        "wang", Presence.BUSY, "", now, Wish.READY, "1.1", True, 0
    )
    await journal.flush()
    assert [call.outcome for call in await rows(database, CallTable)] == ["abandoned"]
    assert [step.words for step in await rows(database, CallStepTable)] == ["来电"]
    assert [p.state for p in await rows(database, PresenceTable)] == ["busy"]
    news = {row.topic: row for row in await rows(database, Outbox)}
    assert set(news) == {"call.ended", "offer.made", "presence.changed"}
    assert "13800000001" not in str([row.payload for row in news.values()])


async def test_writing_twice_changes_nothing(
    database: Database, clock: ManualClock, journal: Journal, gathered: Gathered
) -> None:
    for _ in range(2):
        happens(gathered, clock, "1.1")
        await journal.flush()
    assert len(await rows(database, CallTable)) == 1
    assert len(await rows(database, CallStepTable)) == 1


@pytest.mark.each_database
async def test_the_next_offer_of_a_person_may_stand_in_the_batch_that_ends_the_last(
    database: Database, clock: ManualClock, journal: Journal, gathered: Gathered
) -> None:
    now = clock.now()
    gathered.batch.offers["1"] = offer("1.1", "wang", now, ended=False)
    await journal.flush()
    gathered.batch.offers["2"] = offer("1.2", "wang", now, ended=False)
    gathered.batch.offers["1"] = offer("1.1", "wang", now, ended=True)
    await journal.flush()
    found = {o.call_id: o.outcome for o in await rows(database, OfferTable)}
    assert found == {"1.1": "missed", "1.2": None}


@pytest.mark.each_database
async def test_two_open_offers_for_one_person_are_refused_and_nothing_else_is(
    database: Database,
    clock: ManualClock,
    journal: Journal,
    gathered: Gathered,
    tmp_path: Path,
) -> None:
    now = clock.now()
    happens(gathered, clock, "1.1")
    gathered.batch.offers["1"] = offer("1.1", "wang", now, ended=False)
    gathered.batch.offers["2"] = offer("1.2", "wang", now, ended=False)
    await journal.flush()
    assert len(await rows(database, CallTable)) == 1
    assert len(await rows(database, OfferTable)) == 1
    assert (tmp_path / "spill.refused.jsonl").exists()
    happens(gathered, clock, "1.3")
    await journal.flush()
    assert len(await rows(database, CallTable)) == 2


async def test_a_locked_database_loses_nothing(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, gathered: Gathered
) -> None:
    monkeypatch.setattr("hotline.store.database.BUSY_SECONDS", 0.05)
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'locked.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    journal = Journal(
        database,
        DatabasePeople(database),
        NoTickets(),
        clock,
        tmp_path / "spill.jsonl",
        gather=gathered.take,
    )
    other = sqlite3.connect(tmp_path / "locked.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    for n in range(3):
        happens(gathered, clock, f"1.{n}")
        with pytest.raises(DatabaseUnavailableError):
            await journal.flush()
    other.execute("ROLLBACK")
    other.close()
    await journal.flush()
    assert len(await rows(database, CallTable)) == 3
    await database.close()


async def test_what_does_not_fit_in_memory_waits_in_a_file_in_order(
    database: Database,
    clock: ManualClock,
    journal: Journal,
    gathered: Gathered,
    few_in_memory: Path,
) -> None:
    happens(gathered, clock, "1.1")
    await journal._make_room()
    happens(gathered, clock, "1.1", outcome="abandoned")
    await journal._make_room()
    assert len(batches_in(few_in_memory)) == 2
    happens(gathered, clock, "1.2")
    await journal.flush()
    assert {c.id: c.outcome for c in await rows(database, CallTable)} == {
        "1.1": "abandoned",
        "1.2": None,
    }
    assert batches_in(few_in_memory) == []


async def test_tickets_that_fail_hold_nothing_up_and_are_made_later(
    database: Database, clock: ManualClock, tmp_path: Path, gathered: Gathered
) -> None:
    class Broken:
        def __init__(self) -> None:
            self.made: list[str] = []
            self.broken = True

        async def prepare(self) -> None:
            pass

        async def born(self, session: AsyncSession, calls: Sequence[Call], now: datetime) -> None:
            del session, now
            if self.broken:
                raise RuntimeError("no such service")
            self.made += [call.id for call in calls]

    tickets = Broken()
    journal = Journal(
        database,
        DatabasePeople(database),
        tickets,
        clock,
        tmp_path / "spill.jsonl",
        gather=gathered.take,
    )
    happens(gathered, clock, "1.1")
    await journal.flush()
    with pytest.raises(RuntimeError):
        await journal._bear()
    happens(gathered, clock, "1.2")
    await journal.flush()
    assert len(await rows(database, CallTable)) == 2
    tickets.broken = False
    await journal._bear()
    assert tickets.made == ["1.1", "1.2"]


def test_a_batch_survives_the_way_through_a_file(clock: ManualClock, gathered: Gathered) -> None:
    now = clock.now()
    happens(gathered, clock, "1.1", menu_path=("1", "2"), answered_at=now)
    later = now + timedelta(seconds=1)
    gathered.batch.offers["1.1-wang"] = offer("1.1", "wang", later, ended=True)
    gathered.batch.presences["wang"] = PresenceChange(
        "wang", Presence.WRAPUP, "", now, Wish.READY, None, True, 1
    )
    gathered.batch.told.append({"topic": "x", "key": "y", "payload": {}})
    gathered.batch.positions["calls.csv"] = 7
    batch = gathered()
    assert load(dump(batch)) == batch


@contextmanager
def room_up_to(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond ``size`` bytes, as if the disk were full then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_line_that_finds_room_for_a_part_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    spill = tmp_path / "spill.jsonl"
    spill.touch()
    large = 256 * 1024 * 1024  # beyond every other file that the test run writes meanwhile
    os.truncate(spill, large)
    with room_up_to(large + 10):
        assert not journal_module._append(spill, "x" * 1000)
    assert spill.stat().st_size == large
    assert journal_module._append(spill, "x" * 1000)


async def test_a_full_disk_loses_nothing(
    database: Database, clock: ManualClock, journal: Journal, gathered: Gathered, tmp_path: Path
) -> None:
    limit = "PRAGMA max_page_count"
    async with database.write() as session:
        pages = (await session.execute(text("PRAGMA page_count"))).scalar()
        await session.execute(text(f"{limit}={pages}"))
    for n in range(300):
        happens(gathered, clock, f"1.{n}")
    with pytest.raises(DatabaseUnavailableError, match="磁盘已满"):
        await journal.flush()
    assert await rows(database, CallTable) == []
    async with database.write() as session:
        await session.execute(text(f"{limit}=1000000"))
    await journal.flush()
    assert len(await rows(database, CallTable)) == 300


async def test_a_line_that_cannot_be_read_is_kept_and_holds_up_no_other(
    database: Database, clock: ManualClock, journal: Journal, gathered: Gathered, tmp_path: Path
) -> None:
    happens(gathered, clock, "1.1")
    whole = json.dumps(dump(gathered()), ensure_ascii=False)
    (tmp_path / "spill.jsonl").write_text(f'{{"calls": [\n{whole}\n')
    await journal.flush()
    assert [call.id for call in await rows(database, CallTable)] == ["1.1"]
    assert batches_in(tmp_path / "spill.refused.jsonl") == ['{"calls": [']


async def test_a_broken_service_file_does_not_stop_what_is_written_down(
    database: Database, clock: ManualClock, tmp_path: Path, gathered: Gathered
) -> None:
    class Broken(NoTickets):
        async def prepare(self) -> None:
            raise ConfigurationError("ticket.yaml:5: YAML 格式有误")

    people = DatabasePeople(database)
    journal = Journal(
        database, people, Broken(), clock, tmp_path / "spill.jsonl", gather=gathered.take
    )
    happens(gathered, clock, "1.1")
    running = asyncio.create_task(journal.run())
    while not journal.written and not running.done():
        await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(await rows(database, CallTable)) == 1
