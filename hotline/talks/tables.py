"""What was asked during calls, how talks stand, alarms, broadcasts, calls that people placed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store import Base


class CallOrderTable(Base):
    """One act that somebody asked for; the controller carries out each once, in order."""

    __tablename__ = "call_orders"
    __table_args__ = (
        UniqueConstraint("by", "key"),
        Index(
            "ix_call_orders_open",
            "id",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
        Index("ix_call_orders_call", "call_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    call_id: Mapped[str]
    """Empty where it is about no call (click-to-call)."""
    agent_id: Mapped[str]
    """Whose seat asks; of a supervisor's order the seat that the own telephone belongs to."""
    by: Mapped[str]
    """Who asks: a seat's id, or ``user:`` and the number of an account."""
    kind: Mapped[str]
    """A :class:`hotline.talks.orders.Kind`."""
    target: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    key: Mapped[str]
    """The asker's own name for this press of a key: the same key is the same order."""
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default="")
    """``done``, ``refused`` or ``failed``; empty while it is not carried out."""
    words: Mapped[str] = mapped_column(default="")


class TalkTable(Base):
    """How a talk stands that is more than two people talking."""

    __tablename__ = "call_talks"

    call_id: Mapped[str] = mapped_column(primary_key=True)
    agent_id: Mapped[str] = mapped_column(index=True)
    state: Mapped[dict[str, Any]]
    """As the pages are told (``call.talk``)."""
    changed_at: Mapped[datetime]


class EmergencyTable(Base):
    """Somebody pressed the emergency key; it is an alarm until somebody has seen it."""

    __tablename__ = "call_emergencies"
    __table_args__ = (
        Index(
            "ix_call_emergencies_open",
            "call_id",
            sqlite_where=text("seen_at IS NULL"),
            postgresql_where=text("seen_at IS NULL"),
        ),
    )

    call_id: Mapped[str] = mapped_column(primary_key=True)
    agent_id: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    raised_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[str] = mapped_column(default="")


class BroadcastTable(Base):
    """A message to all seats (广播)."""

    __tablename__ = "broadcasts"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    words: Mapped[str]
    by: Mapped[str]
    """The name of whoever wrote it."""
    created_at: Mapped[datetime] = mapped_column(index=True)


class BroadcastReadTable(Base):
    """Who has confirmed a broadcast."""

    __tablename__ = "broadcast_reads"

    broadcast_id: Mapped[int] = mapped_column(
        ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True
    )
    agent_id: Mapped[str] = mapped_column(primary_key=True)
    read_at: Mapped[datetime]


class DialledTable(Base):
    """A call that a person placed from a page (点击外呼)."""

    __tablename__ = "dialled_calls"

    id: Mapped[str] = mapped_column(primary_key=True)
    """``dial-`` and the order's number; also the beginning of the recording's file names."""
    agent_id: Mapped[str] = mapped_column(index=True)
    number: Mapped[str]
    case_id: Mapped[int | None]
    """The ticket from which it was placed."""
    started_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(default="")
    """Asterisk's DIALSTATUS; ``PHONE`` where the own telephone was not taken up."""
    seconds: Mapped[int] = mapped_column(default=0)
    """Of the talk."""
