"""Those who read the outbox: live pages follow it, jobs and webhooks take each row once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, CursorResult, delete, func, or_, select, true
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
    position = await session.scalar(
        select(OutboxReader).where(OutboxReader.name == reader).with_for_update()
    )
    if position is None:  # removed by hand between the two statements
        return ()
    rows = (
        await session.scalars(
            select(Outbox)
            .where(Outbox.id > position.position, _about(topics))
            .order_by(Outbox.id)
            .limit(batch)
        )
    ).all()
    if rows:
        position.position = rows[-1].id
        position.seen_at = now
    return rows


async def purge(session: AsyncSession, before: datetime) -> int:
    """Delete rows older than ``before`` that every reader has taken; return how many."""
    slowest = select(func.min(OutboxReader.position)).scalar_subquery()
    result = await session.execute(
        delete(Outbox).where(
            Outbox.created_at < before, Outbox.id <= func.coalesce(slowest, Outbox.id)
        )
    )
    return result.rowcount if isinstance(result, CursorResult) else 0


def _about(topics: Sequence[str]) -> ColumnElement[bool]:
    if not topics:
        return true()
    return or_(*(Outbox.topic.startswith(topic, autoescape=True) for topic in topics))
