"""Offers: which caller was offered to whom, why, and what came of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store import Base


class OfferOutcome(StrEnum):
    """What came of an offer; one that is still ringing has none."""

    ANSWERED = "answered"
    MISSED = "missed"
    """It rang, nobody took it."""
    REFUSED = "refused"
    """The person declined, or the line was busy."""
    UNREACHABLE = "unreachable"
    """The telephone could not be rung."""
    CANCELLED = "cancelled"
    """The caller hung up while it rang."""
    LOST = "lost"
    """Asterisk or the controller went away; nobody knows."""


class OfferTable(Base):
    """One offer of one caller to one person.

    The two partial indexes are the promise that nobody is rung twice: at most one open offer
    for a call, and one for a person, whatever the nodes do.
    """

    __tablename__ = "offers"
    __table_args__ = (
        Index(
            "uq_offers_open_call",
            "call_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "uq_offers_open_agent",
            "agent_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_offers_made", "made_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str] = mapped_column(index=True)
    agent_id: Mapped[str] = mapped_column(index=True)
    made_at: Mapped[datetime]
    ringing_at: Mapped[datetime | None]
    """When the telephone was rung."""
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    """An :class:`OfferOutcome`."""
    reason_code: Mapped[str]
    words: Mapped[str]
    """The reason as a sentence for the timeline."""
    detail: Mapped[dict[str, Any]]
    """Figures behind the reason: seconds waited, step, numbers waiting and free."""
    node: Mapped[str] = mapped_column(default="")
    """The controller that made the offer."""


class PresenceWishTable(Base):
    """What a person asked to be (置闲, 置忙, 签退): the controller reads the rows in order.

    Written by the console, the supervisor's page or the command line, in one transaction with
    whatever else they change; the controller applies each once.
    """

    __tablename__ = "presence_wishes"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    agent_id: Mapped[str]
    wish: Mapped[str]
    """``ready``, ``paused`` or ``offline``."""
    reason: Mapped[str] = mapped_column(default="")
    by: Mapped[str] = mapped_column(default="")
    """Who asked: the person's own id, or a supervisor's."""
    created_at: Mapped[datetime]


class TrunkTable(Base):
    """Whether a trunk can be reached, as Asterisk's own checks (qualify) tell."""

    __tablename__ = "trunks"

    endpoint: Mapped[str] = mapped_column(primary_key=True)
    reachable: Mapped[bool]
    since: Mapped[datetime]


class PolicyTroubleTable(Base):
    """A policy's file that was refused, until it is sound again; an earlier policy holds."""

    __tablename__ = "policy_troubles"

    file: Mapped[str] = mapped_column(primary_key=True)
    """Its name, without the folder."""
    words: Mapped[str]
    """What is wrong, each mistake with its line."""
    since: Mapped[datetime]
    holds_since: Mapped[datetime | None]
    """When the policy that holds was taken."""


class BlockedCallerTable(Base):
    """A number that is turned away (拦截名单): always with a reason, an end and a review."""

    __tablename__ = "blocked_callers"

    number: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    by: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime]
    """Nobody is blocked for ever; a supervisor may block anew after a review."""
    asked_until: Mapped[datetime | None]
    """The end that was asked for; ``until`` comes sooner while nobody has reviewed the block."""
    reviewed_by: Mapped[str] = mapped_column(default="")
    reviewed_at: Mapped[datetime | None]
    review_note: Mapped[str] = mapped_column(default="", server_default=text("''"))
