"""What happened, told to others in the same transaction that made it so.

Live pages, jobs and webhooks read the rows in order (:mod:`hotline.store.readers`). A crash
between a change and its telling loses nothing, because there is nothing between them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import event, insert, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from hotline.store.types import Base, Code, RowId

_LOCK: Final = 0x12348
"""The advisory lock that PostgreSQL's writers hold from telling to commit."""


class Outbox(Base):
    """One thing that happened; ``id`` gives the order in which transactions were committed."""

    __tablename__ = "outbox"
    # Without AUTOINCREMENT, SQLite gives a purged id out again and followers would miss it.
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads it once

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    topic: Mapped[str] = mapped_column(Code)
    """Such as ``call.ended`` or ``case.moved``."""
    key: Mapped[str] = mapped_column(Code)
    """The id of what it happened to."""
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


_INSERT: Final = insert(Outbox)


class OutboxSession(Session):
    """A session that writes what it has to tell as the last thing before it commits.

    PostgreSQL counts ``id`` up when a row is inserted, not when it is committed: a reader could
    pass 10 while 9 is still open in another transaction, and never see it. Therefore the rows
    are inserted under a lock that ends with the transaction. Taken last, it cannot deadlock.
    """


def append(
    session: AsyncSession, topic: str, key: str, payload: dict[str, Any], now: datetime
) -> None:
    """Tell, as part of ``session``'s transaction, that something happened."""
    if not isinstance(session.sync_session, OutboxSession):
        raise TypeError("the outbox is written by sessions of hotline.store.Database only")
    _pending(session.sync_session).append(
        {"topic": topic, "key": key, "payload": payload, "created_at": now}
    )


def _pending(session: Session) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = session.info.setdefault("outbox", [])
    return rows


@event.listens_for(OutboxSession, "before_commit")
def _write_pending(session: Session) -> None:
    rows = _pending(session)
    if not rows or session.in_nested_transaction():
        return
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    # By the connection and not the session: rows that nobody looks at again need no objects.
    session.connection().execute(_INSERT, rows)
    rows.clear()


@event.listens_for(OutboxSession, "after_transaction_create")
def _remember_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.setdefault("outbox_savepoints", {})[transaction] = len(_pending(session))


@event.listens_for(OutboxSession, "after_soft_rollback")
def _forget_undone(session: Session, previous: SessionTransaction) -> None:
    kept = session.info.get("outbox_savepoints", {}).pop(previous, 0) if previous.nested else 0
    del _pending(session)[kept:]
