"""What applicants were told, and whether it went out as a text message."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store import Base
from hotline.store.types import Code, RowId


class MessageState(StrEnum):
    """How far a message has come."""

    WAITING = "waiting"
    SENT = "sent"
    KEPT = "kept"
    """Not sent: no mobile number, or the case is confidential. Shown to who has number and code."""
    FAILED = "failed"


class TextMessageTable(Base):
    """One message to the applicant of a case."""

    __tablename__ = "text_messages"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(Code, unique=True)
    """The job that asked for it: a job that runs twice tells once."""
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[str]
    recipient: Mapped[str | None]
    words: Mapped[str]
    """What is told, as the applicant's own page shows it."""
    text: Mapped[str]
    """What is sent: with signature, code and links."""
    state: Mapped[str] = mapped_column(Code, default=MessageState.WAITING)
    why: Mapped[str | None]
    """Why it was kept or failed."""
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    receipt: Mapped[str | None]
    """The provider's own id of the message."""
