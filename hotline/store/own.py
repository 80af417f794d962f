"""The installation's own database, opened for one piece of a command's work."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from hotline import settings
from hotline.clock import SystemClock
from hotline.store.database import Database

T = TypeVar("T")


@contextlib.asynccontextmanager
async def opened() -> AsyncIterator[Database]:
    """Open the database that the settings name; it is closed at the end."""
    database = Database(settings.load().database_url)
    try:
        yield database
    finally:
        await database.close()


def use(work: Callable[[Database], Awaitable[T]]) -> T:
    """Do a piece of work with the database; return what came of it."""

    async def run() -> T:
        async with opened() as database:
            return await work(database)

    return asyncio.run(run())


def read(work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """Do a piece of work that only looks."""

    async def run() -> T:
        async with opened() as database, database.read() as session:
            return await work(session)

    return asyncio.run(run())


def write(work: Callable[[AsyncSession, datetime], Awaitable[T]]) -> T:
    """Do a piece of work in one transaction; it is given the time."""

    async def run() -> T:
        async with opened() as database, database.write() as session:
            return await work(session, SystemClock().now())

    return asyncio.run(run())
