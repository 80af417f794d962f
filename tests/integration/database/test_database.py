"""What the database does when things go wrong around it."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from hotline.clock import CHINA, ManualClock
from hotline.store import (
    Database,
    DatabaseOutdatedError,
    DatabaseUnavailableError,
    Outbox,
    append,
)
from hotline.store import (
    database as database_module,
)


async def test_an_error_of_the_caller_stays_its_own(database: Database) -> None:
    with pytest.raises(FileNotFoundError):
        async with database.write():
            raise FileNotFoundError("a recording")


async def test_a_server_that_is_not_there_is_told(free_port: object) -> None:
    port = free_port()  # type: ignore[operator]
    away = Database(f"postgresql+asyncpg://hotline:x@127.0.0.1:{port}/hotline")
    with pytest.raises(DatabaseUnavailableError, match="连接不上数据库"):
        await away.check()
    await away.close()


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"not a database at all" * 500)
    broken = Database(f"sqlite+aiosqlite:///{tmp_path / 'broken.db'}")
    with pytest.raises(DatabaseUnavailableError):
        await broken.check()
    await broken.close()


async def test_a_full_disk_is_told(database: Database, clock: ManualClock) -> None:
    async with database.engine.begin() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar()
    with pytest.raises(DatabaseUnavailableError, match="磁盘已满"):
        async with database.write() as session:
            await session.execute(text(f"PRAGMA max_page_count={pages}"))
            for number in range(500):
                append(session, "call.started", str(number), {"x": "y" * 5000}, clock.now())


async def test_a_database_of_another_version_asks_for_the_upgrade(tmp_path: Path) -> None:
    empty = Database(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(DatabaseOutdatedError, match="hotline db upgrade"):
        async with empty.read() as session:
            await session.scalar(select(func.count(Outbox.id)))
    await empty.close()


async def test_a_writer_who_waits_too_long_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.05)
    async with database.write():
        with pytest.raises(DatabaseUnavailableError, match="被占用"):
            async with database.write():
                pass


async def test_another_process_that_writes_is_waited_for(
    database: Database, clock: ManualClock
) -> None:
    other = sqlite3.connect(str(database.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    async def write() -> None:
        async with database.write() as session:
            append(session, "call.started", "c1", {}, clock.now())

    writing = asyncio.create_task(write())
    async with database.read() as session:  # readers go on
        assert await session.scalar(select(func.count(Outbox.id))) == 0
    other.execute("COMMIT")
    await writing
    other.close()
    async with database.read() as session:
        assert await session.scalar(select(func.count(Outbox.id))) == 1


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 11, 24, 10, 0)  # noqa: DTZ001 - the mistake under test
    with pytest.raises(Exception, match="without a zone"):
        async with database.write() as session:
            append(session, "call.started", "c1", {}, naive)


@pytest.mark.each_database
async def test_a_time_comes_back_in_utc_and_chinese_as_it_was(database: Database) -> None:
    noon = datetime(2026, 11, 24, 12, 0, tzinfo=CHINA)
    async with database.write() as session:
        append(session, "call.started", "c1", {"诉求": "讨薪 𠮷"}, noon)
    async with database.read() as session:
        row = (await session.scalars(select(Outbox))).one()
    assert row.created_at == noon
    assert row.created_at.utcoffset() is not None
    assert row.payload == {"诉求": "讨薪 𠮷"}


@pytest.mark.each_database
async def test_what_fails_half_way_is_not_kept(database: Database, clock: ManualClock) -> None:
    with pytest.raises(RuntimeError):
        async with database.write() as session:
            append(session, "call.started", "c1", {}, clock.now())
            raise RuntimeError
    async with database.read() as session:
        append(session, "call.started", "c2", {}, clock.now())
    async with database.read() as session:
        assert await session.scalar(select(func.count(Outbox.id))) == 0
