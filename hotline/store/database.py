"""One database and its sessions."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from hotline.store.inline import connect_inline
from hotline.store.outbox import OutboxSession
from hotline.store.troubles import DatabaseUnavailableError, unreachable
from hotline.store.troubles import translated as translated_error

BUSY_SECONDS = 10
"""How long a writer waits for another on SQLite before it gives up."""


@dataclass(frozen=True)
class _Kept:
    """How much of SQLite's file a connection keeps in memory."""

    mapped_bytes: int
    cache_kib: int


_LARGE = _Kept(mapped_bytes=256 * 1024 * 1024, cache_kib=16 * 1024)
"""SQLite's own 2 MiB a connection are too few for the indexes of a million tickets."""
_SMALL = _Kept(mapped_bytes=0, cache_kib=1024)


class Database:
    """An engine and its sessions, for SQLite or PostgreSQL alike."""

    def __init__(self, url: str, *, inline: bool = False, small: bool = False) -> None:
        """Prepare; nothing is opened yet.

        ``inline`` is for a loop that has nothing to do but this: see :mod:`hotline.store.inline`.
        ``small`` is for a process that looks at few rows and runs for months: it keeps little of
        the file in memory, and its size does not follow the file's.
        """
        self.url = make_url(url)
        # Chinese stays readable in the file, and JSON takes a third of the room.
        options: dict[str, Any] = {"json_serializer": partial(json.dumps, ensure_ascii=False)}
        if self.is_sqlite:
            if self.url.database and self.url.database != ":memory:":
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            options["connect_args"] = {"timeout": BUSY_SECONDS}
            if inline:
                options["connect_args"]["async_creator_fn"] = connect_inline
        else:
            options |= {"pool_pre_ping": True, "pool_size": 10}
        self.engine: AsyncEngine = create_async_engine(self.url, **options)
        if self.is_sqlite:
            kept = _SMALL if small else _LARGE
            event.listen(self.engine.sync_engine, "connect", partial(_configure_sqlite, kept))
            event.listen(self.engine.sync_engine, "begin", _begin_immediate)
        self._sessions = async_sessionmaker(
            self.engine, expire_on_commit=False, sync_session_class=OutboxSession
        )
        self._writing = asyncio.Lock()

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded size."""
        return self.url.get_backend_name() == "sqlite"

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Open a session to look; nothing that it changes is kept.

        Raises:
            DatabaseUnavailableError: the database does not answer.
        """
        with _translated():
            async with self._sessions() as session:
                with _connecting():
                    await session.connection(execution_options={"hotline_read_only": True})
                yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Open one transaction: all of it is kept at the end, or none where an error leaves it.

        Raises:
            DatabaseUnavailableError: the database does not answer, or is locked for too long.
            ConflictError: another transaction won; nothing is changed, try again.
        """
        with _translated():
            async with self._turn(), self._sessions.begin() as session:
                with _connecting():
                    await session.connection()
                yield session

    async def check(self) -> None:
        """Raise :class:`DatabaseUnavailableError` where the database does not answer."""
        async with self.read() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Queue the writers of this process on SQLite.

        It has one writer at a time anyway, but lets the others poll in no order: under load some
        would wait for seconds.
        """
        if not self.is_sqlite:
            yield
            return
        try:
            async with asyncio.timeout(BUSY_SECONDS):
                await self._writing.acquire()
        except TimeoutError as error:
            raise DatabaseUnavailableError("数据库一直被占用，请稍后再试") from error
        try:
            yield
        finally:
            self._writing.release()


@contextmanager
def _connecting() -> Iterator[None]:
    """Tell a database that cannot be reached; an OSError of the caller's own is not that."""
    try:
        yield
    except unreachable() as error:
        raise DatabaseUnavailableError(f"连接不上数据库：{error}") from error


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the driver's "not there", "locked" and "full" into our own errors."""
    try:
        yield
    except DBAPIError as error:
        ours = translated_error(error)
        if ours is None:
            raise
        raise ours from error


def _configure_sqlite(kept: _Kept, connection: Any, record: object) -> None:
    del record
    # The driver's own implicit BEGIN is deferred: two readers who both want to write then
    # deadlock at once, whatever the timeout. We begin ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        f"cache_size=-{kept.cache_kib}",
        f"mmap_size={kept.mapped_bytes}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    read_only = connection.get_execution_options().get("hotline_read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
