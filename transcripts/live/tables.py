"""What was heard while people talked, and what was offered to the person who answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store import Base, Code, RowId


class LiveTalk(Base):
    """A talk that is, or was just, listened to; a call that is passed on has several."""

    __tablename__ = "live_talks"
    __table_args__ = (UniqueConstraint("call_id", "take"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    call_id: Mapped[str] = mapped_column(Code, index=True)
    take: Mapped[str] = mapped_column(Code)
    agent_id: Mapped[str | None] = mapped_column(Code)
    topics: Mapped[list[Any]]
    """Objects with ``code``, ``name`` and ``confidence``, the likeliest first."""
    leading: Mapped[str] = mapped_column(Code, default="")
    """The key of the card that fits what was just said."""
    running: Mapped[dict[str, Any]]
    """What was being said when the row was written, by leg."""
    behind: Mapped[bool] = mapped_column(default=False)
    model: Mapped[str] = mapped_column(default="")
    demonstration: Mapped[bool] = mapped_column(default=False)
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LiveTurn(Base):
    """A sentence as it was heard while it was said; the transcript after the call replaces it."""

    __tablename__ = "live_turns"

    talk_id: Mapped[int] = mapped_column(
        ForeignKey("live_talks.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    leg: Mapped[str]
    start: Mapped[float]
    end: Mapped[float]
    text: Mapped[str]
    confidence: Mapped[float | None]


class HintRow(Base):
    """One hint of one call: when it was shown, and whether it was seen, used or dismissed.

    ``shown_at`` is when it was offered, ``seen_at`` when it first stood on the lawyer's page: who
    answers on the telephone with the page shut is offered much and sees nothing.
    """

    __tablename__ = "hints"
    __table_args__ = (
        UniqueConstraint("call_id", "key"),
        Index("ix_hints_shown", "shown_at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    call_id: Mapped[str] = mapped_column(Code)
    agent_id: Mapped[str | None] = mapped_column(Code)
    key: Mapped[str] = mapped_column(Code)
    kind: Mapped[str] = mapped_column(Code)
    title: Mapped[str]
    words: Mapped[str]
    article: Mapped[str]
    points: Mapped[list[Any]]
    """Of a card: objects with ``id``, ``text``, ``required``, ``article`` and ``at``."""
    heard: Mapped[str]
    expected: Mapped[str]
    at_second: Mapped[float | None]
    shown_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    used_how: Mapped[str] = mapped_column(default="")
    """``said``: heard in the lawyer's own words; ``clicked``: taken over on the page."""
    dismissed_at: Mapped[datetime | None]
