"""What happened is told once, in order, to everyone."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hotline.clock import ManualClock
from hotline.store import Database, Outbox, append, behind, follow, latest, purge, take

pytestmark = pytest.mark.each_database


async def tell(database: Database, clock: ManualClock, *keys: str, topic: str = "call.x") -> None:
    async with database.write() as session:
        for key in keys:
            append(session, topic, key, {}, clock.now())


async def test_a_savepoint_undone_tells_nothing(database: Database, clock: ManualClock) -> None:
    async with database.write() as session:
        append(session, "call.x", "before", {}, clock.now())
        undone = await session.begin_nested()
        append(session, "call.x", "undone", {}, clock.now())
        await undone.rollback()
        async with session.begin_nested():
            append(session, "call.x", "kept", {}, clock.now())
    async with database.read() as session:
        assert list(await session.scalars(select(Outbox.key))) == ["before", "kept"]


async def test_a_follower_misses_nothing_while_many_write(
    database: Database, clock: ManualClock
) -> None:
    """PostgreSQL numbers rows before they are committed: a gap would be passed for good."""
    seen: list[str] = []

    async def watch() -> None:
        async for row in follow(database, 0):
            seen.append(row.key)
            if len(seen) == 200:
                return

    async def writer(name: int) -> None:
        for number in range(10):
            async with database.write() as session:
                append(session, "call.x", f"{name}-{number}", {}, clock.now())
                # Other work between telling and commit widens the window.
                await session.scalar(select(func.count(Outbox.id)))

    async with asyncio.timeout(30):
        await asyncio.gather(watch(), *(writer(n) for n in range(20)))
    assert sorted(seen) == sorted(f"{n}-{m}" for n in range(20) for m in range(10))


async def test_a_follower_hears_only_its_topics(database: Database, clock: ManualClock) -> None:
    start = await latest(database)
    await tell(database, clock, "o1", topic="offer.made")
    await tell(database, clock, "c1", topic="call.ended")
    async with asyncio.timeout(5):
        async for row in follow(database, start, ["call."]):
            assert row.key == "c1"
            break


async def test_a_reader_takes_each_row_once(database: Database, clock: ManualClock) -> None:
    await tell(database, clock, "a", "b", "c")
    async with database.write() as session:
        assert [r.key for r in await take(session, "jobs", clock.now(), batch=2)] == ["a", "b"]
    with pytest.raises(RuntimeError):
        async with database.write() as session:
            assert [r.key for r in await take(session, "jobs", clock.now())] == ["c"]
            raise RuntimeError
    async with database.write() as session:
        assert [r.key for r in await take(session, "jobs", clock.now())] == ["c"]
    async with database.read() as session:
        assert not await behind(session, "jobs")
        assert await behind(session, "webhooks")


async def test_two_processes_under_one_name_take_turns(
    database: Database, clock: ManualClock
) -> None:
    await tell(database, clock, *(str(n) for n in range(100)))
    taken: list[str] = []

    async def reader() -> None:
        while True:
            async with database.write() as session:
                rows = await take(session, "jobs", clock.now(), batch=7)
                keys = [row.key for row in rows]
            if not keys:
                return
            taken.extend(keys)

    await asyncio.gather(*(reader() for _ in range(4)))
    assert sorted(taken, key=int) == [str(n) for n in range(100)]


async def test_other_topics_are_passed_for_good(database: Database, clock: ManualClock) -> None:
    await tell(database, clock, *(str(n) for n in range(30)), topic="presence.changed")
    await tell(database, clock, "wanted", topic="call.ended")
    async with database.write() as session:
        rows = await take(session, "jobs", clock.now(), ["call."], batch=10)
        assert [row.key for row in rows] == ["wanted"]


async def test_a_purge_spares_what_a_reader_has_not_taken_and_no_id_comes_back(
    database: Database, clock: ManualClock
) -> None:
    await tell(database, clock, "a", "b")
    async with database.write() as session:
        await take(session, "jobs", clock.now(), batch=1)
    clock.advance(86400)
    async with database.write() as session:
        assert await purge(session, clock.now() - timedelta(hours=1)) == 1
        await take(session, "jobs", clock.now())
    async with database.write() as session:
        assert await purge(session, clock.now() - timedelta(hours=1)) == 1
    last = 2
    await tell(database, clock, "c")
    assert await latest(database) > last
