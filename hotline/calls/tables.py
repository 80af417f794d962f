"""What is kept of a call: one row a call, one row a step of its way."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
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
    ADVISED = "advised"
    """The caller heard recorded advice (录音解答) and asked for nothing more."""
    REFUSED = "refused"
    """The number is blocked; the caller heard so."""
    UNREACHED = "unreached"
    """We called back, and the caller could not be reached or hung up before anybody answered."""
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
    callback_id: Mapped[str | None]
    """The call-back whose try this call is: we called. NULL for a call from outside."""
    controller_away: Mapped[bool] = mapped_column(default=False)
    """The plain queue served the call, or it was found in Asterisk's journal afterwards."""


class Asked(StrEnum):
    """Why somebody is called back."""

    KEPT = "kept"
    """By a key while waiting: the place in line is kept."""
    MISSED = "missed"
    """They gave up waiting."""
    MENU = "menu"
    """They hung up in the menu."""
    VOICEMAIL = "voicemail"
    """They were asked for a message."""
    WEB = "web"
    """On the public page."""


class CallBackOutcome(StrEnum):
    """How a call-back was closed."""

    ANSWERED = "answered"
    """They talked with somebody."""
    MESSAGE = "message"
    """They picked up, nobody was free after all, and they left a message."""
    UNREACHED = "unreached"
    """All tries came to nothing."""
    CALLED_IN = "called_in"
    """They called by themselves and took their place in line."""
    HANDLED = "handled"
    """Somebody dealt with the ticket by hand."""
    CONFIDENTIAL = "confidential"
    """The ticket is confidential: a call that rings by itself may put the caller in danger."""
    CANCELLED = "cancelled"


class CallBackTable(Base):
    """One call-back. The partial index is the promise: one open call-back for a number."""

    __tablename__ = "callbacks"
    __table_args__ = (
        Index(
            "uq_callbacks_open_number",
            "number",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_callbacks_number", "number", "created_at"),
        Index("ix_callbacks_call", "call_id"),
        Index("ix_callbacks_case", "case_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    """Made from what asked for it, so that one thing asks once."""
    number: Mapped[str]
    asked: Mapped[str]
    """An :class:`Asked`."""
    call_id: Mapped[str | None]
    """The call in which it was asked for."""
    case_id: Mapped[int | None]
    """The ticket, where it is known."""
    topic: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="zh")
    place: Mapped[str] = mapped_column(default="")
    priority: Mapped[str] = mapped_column(default="")
    day_part: Mapped[str] = mapped_column(default="")
    """``morning`` or ``afternoon`` where the caller agreed to that only."""
    since: Mapped[datetime]
    """The place in line: as if they had begun to wait then."""
    due_at: Mapped[datetime]
    """Not to be dialled before."""
    tries: Mapped[int] = mapped_column(default=0)
    try_call: Mapped[str | None]
    """The call of the newest try; while it goes on, the call-back is being dialled."""
    dialling: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    """A :class:`CallBackOutcome`."""
    words: Mapped[str] = mapped_column(default="")
    """What came of it last, as a sentence."""


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
