"""Shifts, requests to change them, who was there, and the addresses of personal calendars."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store import Base


class ShiftTable(Base):
    """One person at one seat from a time to a time (班次)."""

    __tablename__ = "rota_shifts"
    __table_args__ = (
        Index("ix_rota_shifts_person", "agent_id", "starts_at"),
        Index("ix_rota_shifts_time", "starts_at", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    seat: Mapped[str] = mapped_column(default="")
    """Code of a seat of ``rota.yaml``; empty: any."""
    revision: Mapped[int] = mapped_column(default=1)
    """Counts changes, for the calendar feed's ``SEQUENCE``."""
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]


class RequestTable(Base):
    """A wish to be away (请假) or to hand a shift over or exchange it (换班)."""

    __tablename__ = "rota_requests"
    __table_args__ = (Index("ix_rota_requests_person", "agent_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str]
    """``leave`` or ``swap`` (:class:`agents.rota.requests.Kind`)."""
    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id"))
    starts_at: Mapped[datetime]
    """Of the leave, or of the shift that is to be handed over."""
    ends_at: Mapped[datetime]
    shift_id: Mapped[int | None]
    other_agent_id: Mapped[str | None] = mapped_column(ForeignKey("agents.id"), index=True)
    other_shift_id: Mapped[int | None]
    """What is taken in return; none: the shift is only handed over."""
    reason: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    """:class:`agents.rota.requests.State`."""
    answer: Mapped[str] = mapped_column(default="")
    """Why it was refused."""
    asked_at: Mapped[datetime]
    agreed_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(default="")


class AttendanceTable(Base):
    """When the person of a shift was seen signed in (出勤)."""

    __tablename__ = "rota_attendance"

    shift_id: Mapped[int] = mapped_column(
        ForeignKey("rota_shifts.id", ondelete="CASCADE"), primary_key=True
    )
    first_seen_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    """The last look at which the person was signed in."""
    looked_at: Mapped[datetime]
    """The last look at all: a shift that nobody looked at is unknown, not missed."""
    seconds: Mapped[float] = mapped_column(default=0.0)
    """Seen signed in within the shift."""


class FeedTable(Base):
    """Which address of a person's calendar is good; a new one closes the old."""

    __tablename__ = "rota_feeds"

    agent_id: Mapped[str] = mapped_column(ForeignKey("agents.id"), primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
