"""What the workflow tells staff: the assignee, the organisation, everybody with a role."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store import Base
from hotline.store.types import Code, RowId


class StaffNoticeTable(Base):
    """One notice to staff, for whoever ``recipient`` names."""

    __tablename__ = "staff_notices"
    __table_args__ = (Index("ix_staff_notices_recipient", "recipient", "id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(Code, unique=True)
    """The outbox row that asked for it: told once, however often its job runs."""
    recipient: Mapped[str] = mapped_column(Code)
    """``person:wang``, ``organisation:qingshi`` or ``role:bureau``."""
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    words: Mapped[str]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(Code, default="task", server_default=text("'task'"))
    """``task`` (派单、退单、督办…) or ``deadline`` (将到期、到期、严重超期)."""


class NoticesSeenTable(Base):
    """Up to which notice an account has looked."""

    __tablename__ = "notices_seen"

    account: Mapped[str] = mapped_column(Code, primary_key=True)
    last_id: Mapped[int] = mapped_column(RowId)


class NoticeWayTable(Base):
    """How an account wants to be told besides the pages: by text message, by e-mail."""

    __tablename__ = "notice_ways"

    account: Mapped[str] = mapped_column(Code, primary_key=True)
    mobile: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    by_text: Mapped[list[str]] = mapped_column(default=list)
    """Kinds of notices that go out as text messages."""
    by_mail: Mapped[list[str]] = mapped_column(default=list)


class StaffMessageTable(Base):
    """One notice on its way to one account's telephone or mailbox."""

    __tablename__ = "staff_messages"
    __table_args__ = (UniqueConstraint("notice_id", "account", "way"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("staff_notices.id"))
    account: Mapped[str] = mapped_column(Code, index=True)
    way: Mapped[str] = mapped_column(Code)
    """``text`` or ``mail``."""
    address: Mapped[str]
    text: Mapped[str]
    state: Mapped[str] = mapped_column(Code)
    """As of :class:`hotline.messages.MessageState`."""
    why: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    receipt: Mapped[str | None]
