"""What happened, told to others in the same transaction that made it so.

Live pages, jobs and webhooks read the rows in order. A crash between a change and its telling
loses nothing, because there is nothing between them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store.database import Database
from hotline.store.types import Base

POLL_SECONDS = 0.1


class Outbox(Base):
    """One thing that happened; ``id`` gives the order."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    topic: Mapped[str] = mapped_column(index=True)
    """Such as ``call.ended`` or ``case.moved``."""
    key: Mapped[str]
    """The id of what it happened to."""
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


def append(
    session: AsyncSession, topic: str, key: str, payload: dict[str, Any], now: datetime
) -> None:
    """Tell, as part of ``session``'s transaction, that something happened."""
    session.add(Outbox(topic=topic, key=key, payload=payload, created_at=now))


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
