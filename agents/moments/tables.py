"""What people did, kept: the presence table knows only what they do now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store import Base


class PresencePastTable(Base):
    """A change of what a person does. Written with the change, in its transaction."""

    __tablename__ = "presence_past"
    __table_args__ = (Index("ix_presence_past_agent_at", "agent_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    agent_id: Mapped[str]
    at: Mapped[datetime]
    state: Mapped[str]
    """A :class:`hotline.routing.people.Presence`."""
    reason: Mapped[str] = mapped_column(default="")
    call_id: Mapped[str | None]
    reachable: Mapped[bool] = mapped_column(default=True)
