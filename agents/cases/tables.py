"""What the workflow tells staff: the assignee, the organisation, everybody with a role."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
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


class NoticesSeenTable(Base):
    """Up to which notice an account has looked."""

    __tablename__ = "notices_seen"

    account: Mapped[str] = mapped_column(Code, primary_key=True)
    last_id: Mapped[int] = mapped_column(RowId)
