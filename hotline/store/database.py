"""One database and its sessions."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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

from hotline.errors import HotlineError

BUSY_SECONDS = 10
"""How long a writer waits for another on SQLite before it gives up."""


class DatabaseUnavailableError(HotlineError):
    """数据库暂时用不了，请检查数据库服务和磁盘空间。"""

    error_id = "database-unavailable"


class Database:
    """An engine and its sessions, for SQLite or PostgreSQL alike."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        options: dict[str, Any] = {}
        if self.is_sqlite:
            if self.url.database and self.url.database != ":memory:":
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            options["connect_args"] = {"timeout": BUSY_SECONDS}
        else:
            options |= {"pool_pre_ping": True, "pool_size": 10}
        self.engine: AsyncEngine = create_async_engine(url, **options)
        if self.is_sqlite:
            event.listen(self.engine.sync_engine, "connect", _configure_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_immediate)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

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
                await session.connection(execution_options={"hotline_read_only": True})
                yield session

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Open one transaction: all of it is kept at the end, or none where an error leaves it.

        Raises:
            DatabaseUnavailableError: the database does not answer, or is locked for too long.
        """
        with _translated():
            async with self._sessions.begin() as session:
                yield session

    async def check(self) -> None:
        """Raise :class:`DatabaseUnavailableError` where the database does not answer."""
        async with self.read() as session:
            await session.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


class _translated:  # noqa: N801 - reads as an adjective where it is used
    """Turns the driver's "not there" and "locked" into our own error."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DBAPIError) and (
            error.connection_invalidated or isinstance(error.orig, _unavailable())
        ):
            raise DatabaseUnavailableError(f"数据库暂时用不了：{error.orig}") from error
        if isinstance(error, OSError):
            raise DatabaseUnavailableError(f"连接不上数据库：{error}") from error


def _unavailable() -> tuple[type[BaseException], ...]:
    # The drivers wrap their own errors; "database is locked" and "disk full" are
    # OperationalErrors of sqlite3.
    return (sqlite3.OperationalError, OSError)


def _configure_sqlite(connection: Any, record: object) -> None:
    del record
    # The driver's own implicit BEGIN is deferred: two readers who both want to write then
    # deadlock at once, whatever the timeout. We begin ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_SECONDS * 1000}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    read_only = connection.get_execution_options().get("hotline_read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
