"""Those who read the outbox: live pages follow it, jobs and webhooks take each row once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from sqlalchemy import CursorResult, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store.database import Database
from hotline.store.outbox import Outbox
from hotline.store.types import Base, Code, RowId

POLL_SECONDS = 0.1


class OutboxReader(Base):
    """How far a reader who must miss nothing has come."""

    __tablename__ = "outbox_readers"

    name: Mapped[str] = mapped_column(Code, primary_key=True)
    position: Mapped[int] = mapped_column(RowId)
    seen_at: Mapped[datetime]


async def latest(database: Database) -> int:
    """Return the id of the newest row, 0 where there is none."""
    async with database.read() as session:
        return await session.scalar(select(func.max(Outbox.id))) or 0


async def follow(
    database: Database, after: int, topics: Sequence[str] = (), batch: int = 500
) -> AsyncIterator[Outbox]:
    """Yield rows newer than ``after`` in order, for ever, waiting for more.

    Args:
        database: where to read.
        after: the last id that the reader has dealt with.
        topics: beginnings of topics (``call.``); none means all.
        batch: rows read at once.
    """
    while True:
        async with database.read() as session:
            query = select(Outbox).where(Outbox.id > after).order_by(Outbox.id).limit(batch)
            rows = list(await session.scalars(query))
        for row in rows:
            after = row.id
            if not topics or row.topic.startswith(tuple(topics)):
                yield row
        if len(rows) < batch:
            await asyncio.sleep(POLL_SECONDS)


async def take(
    session: AsyncSession, reader: str, now: datetime, topics: Sequence[str] = (), batch: int = 100
) -> Sequence[Outbox]:
    """Return the next rows for ``reader``, as part of ``session``'s transaction.

    What the reader does with them in the same transaction happens exactly once: where it is
    rolled back, the rows come again. Two processes reading under one name take turns.
    """
    dialect = session.get_bind().dialect.name
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    await session.execute(
        insert(OutboxReader).values(name=reader, position=0, seen_at=now).on_conflict_do_nothing()
    )
    place = await session.scalar(
        select(OutboxReader).where(OutboxReader.name == reader).with_for_update()
    )
    if place is None:  # removed by hand between the two statements
        return ()
    wanted: list[Outbox] = []
    while not wanted:
        newer = select(Outbox).where(Outbox.id > place.position).order_by(Outbox.id).limit(batch)
        rows = (await session.scalars(newer)).all()
        if not rows:
            break
        # Rows about other topics are passed for good, or they would be read again each time.
        place.position = rows[-1].id
        place.seen_at = now
        wanted = [row for row in rows if not topics or row.topic.startswith(tuple(topics))]
    return wanted


async def behind(session: AsyncSession, reader: str) -> bool:
    """Whether there are rows that ``reader`` has not taken; a cheap look before :func:`take`."""
    position = await session.scalar(
        select(OutboxReader.position).where(OutboxReader.name == reader)
    )
    return (await session.scalar(select(func.max(Outbox.id))) or 0) > (position or 0)


async def purge(session: AsyncSession, before: datetime, gone: datetime | None = None) -> int:
    """Delete rows older than ``before`` that every reader has taken; return how many.

    A reader that has taken nothing since ``gone`` holds up nobody.
    """
    alive = select(func.min(OutboxReader.position))
    if gone is not None:
        alive = alive.where(OutboxReader.seen_at >= gone)
    slowest = alive.scalar_subquery()
    result = await session.execute(
        delete(Outbox).where(
            Outbox.created_at < before, Outbox.id <= func.coalesce(slowest, Outbox.id)
        )
    )
    return result.rowcount if isinstance(result, CursorResult) else 0
