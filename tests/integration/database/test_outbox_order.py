"""On PostgreSQL the order of the outbox is the order of the commits."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import event, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.util import await_only

from hotline.clock import ManualClock
from hotline.store import Database, Outbox, append


async def somebody_waits_for_the_lock(session: AsyncSession) -> bool:
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    return bool(await session.scalar(waiting))


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
async def test_nobody_overtakes_a_transaction_that_has_told_but_not_committed(
    database: Database, clock: ManualClock
) -> None:
    has_told, may_commit = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with database.write() as session:
            append(session, "call.x", "first", {}, clock.now())

            @event.listens_for(session.sync_session, "before_commit")
            def pause(_: object) -> None:
                has_told.set()
                await_only(may_commit.wait())

    async def quick() -> None:
        async with database.write() as session:
            append(session, "call.x", "second", {}, clock.now())

    async with asyncio.timeout(10), database.read() as looking:
        first = asyncio.create_task(slow())
        await has_told.wait()
        second = asyncio.create_task(quick())
        while not await somebody_waits_for_the_lock(looking):
            assert not second.done(), "the second has overtaken the first"
        may_commit.set()
        await asyncio.gather(first, second)
    async with database.read() as session:
        assert list(await session.scalars(select(Outbox.key).order_by(Outbox.id))) == [
            "first",
            "second",
        ]
