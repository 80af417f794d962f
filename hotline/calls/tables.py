"""What is kept of a call: one row a call, one row a step of its way."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store import Base


class Outcome(StrEnum):
    """How a call ended, told once and for all; a running call has none."""

    ANSWERED = "answered"
    """A lawyer talked with the caller."""
    STATION = "station"
    """A township station talked with the caller."""
    VOICEMAIL = "voicemail"
    """Nobody could answer; the caller was asked for a message. Somebody calls back."""
    CALLBACK = "callback"
    """The caller hung up and keeps the place; somebody calls back."""
    ABANDONED_MENU = "abandoned_menu"
    """The caller hung up before the menu was done."""
    ABANDONED = "abandoned"
    """The caller hung up while waiting."""
    REFUSED = "refused"
    """The number is blocked; the caller heard so."""
    FAILED = "failed"
    """We could not serve the call."""


ANSWERED_OUTCOMES = frozenset({Outcome.ANSWERED, Outcome.STATION})
"""Outcomes in which a person talked with the caller."""


class CallTable(Base):
    """One call (通话). ``id`` is the caller's channel's Uniqueid, which Asterisk never reuses."""

    __tablename__ = "calls"
    __table_args__ = (
        Index("ix_calls_started", "started_at"),
        Index("ix_calls_number", "number", "started_at"),
        Index("ix_calls_agent", "agent_id", "started_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str]
    """The caller's number, checked; empty where withheld."""
    number_place: Mapped[str] = mapped_column(default="")
    """Where the number is registered (来电归属地)."""
    dialled: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="zh")
    topic: Mapped[str] = mapped_column(default="")
    """A code of ``config/topics.yaml``; empty where the caller chose none."""
    place: Mapped[str] = mapped_column(default="")
    """Code of the township that the caller chose or calls from."""
    menu_path: Mapped[list[str]] = mapped_column(default=list)
    priority: Mapped[str] = mapped_column(default="")
    """The priority class (``config/routing.yaml``) that the caller was given."""
    started_at: Mapped[datetime]
    menu_done_at: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    talk_ended_at: Mapped[datetime | None]
    """When the person hung up or left; the survey follows."""
    ended_at: Mapped[datetime | None]
    agent_id: Mapped[str | None]
    """Who talked with the caller (the last one, after a transfer)."""
    outcome: Mapped[str | None]
    """An :class:`Outcome`."""
    hangup_cause: Mapped[int | None]
    """Asterisk's cause code (Q.850)."""
    satisfaction: Mapped[int | None]
    """1 满意, 2 基本满意, 3 不满意; NULL where the caller did not say."""
    solved: Mapped[int | None]
    """1 yes, 2 no; NULL where the caller did not say."""
    voicemail: Mapped[str | None]
    """The message's file, below the recordings folder."""
    controller_away: Mapped[bool] = mapped_column(default=False)
    """The plain queue served the call, or it was found in Asterisk's journal afterwards."""


class CallStepTable(Base):
    """One step (节点) of a call's way. A step that is written again is the same row."""

    __tablename__ = "call_steps"
    __table_args__ = (UniqueConstraint("call_id", "at", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    detail: Mapped[dict[str, Any]]
    words: Mapped[str]
    """The sentence that the timeline shows."""


class JournalPositionTable(Base):
    """How far Asterisk's own journal of calls was read, so that no line is taken twice."""

    __tablename__ = "journal_positions"

    file: Mapped[str] = mapped_column(primary_key=True)
    offset: Mapped[int]
