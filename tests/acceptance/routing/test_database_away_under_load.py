"""The database is away for half a minute, and ten calls a second go on.

Both kinds at the same time, each with a house of its own: SQLite locked by another program,
PostgreSQL gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from hotline.store.throwaway import ThrowawayPostgres
from tests.acceptance.routing.scene import Scene, opened_scene

AWAY = 30.0
END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND datname = 'hotline'
"""


@contextlib.asynccontextmanager
async def locked(file: Path) -> AsyncIterator[None]:
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def door_of(url: str) -> Path:
    """The socket through which a throw-away PostgreSQL is reached."""
    (door,) = Path(url.partition("host=")[2]).glob(".s.PGSQL.*[0-9]")
    return door


@contextlib.asynccontextmanager
async def gone(url: str) -> AsyncIterator[None]:
    """Move its door away, and end who is inside."""
    door = door_of(url)
    away = door.with_suffix(".away")
    engine = create_async_engine(url)
    async with engine.connect() as admin:
        door.rename(away)
        await admin.execute(text(END_OTHERS))
    await engine.dispose()
    yield
    away.rename(door)


async def survives(scene: Scene, away: contextlib.AbstractAsyncContextManager[None]) -> None:
    async def fault() -> None:
        async with away:
            await asyncio.sleep(AWAY)

    await scene.check(await scene.under_load(fault, AWAY + 2.0))


async def test_calls_go_on_while_the_database_is_away(tmp_path: Path) -> None:
    with ThrowawayPostgres() as cluster:
        url = cluster.create("hotline")
        async with (
            opened_scene(tmp_path / "one") as first,
            opened_scene(tmp_path / "two", database_url=url) as second,
            asyncio.TaskGroup() as group,
        ):
            group.create_task(survives(first, locked(tmp_path / "one" / "hotline.db")))
            group.create_task(survives(second, gone(url)))
