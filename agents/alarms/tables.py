"""What was out of order, from when to when, and who has seen it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store import Base


class AlarmTable(Base):
    """One time that a rule was met. The partial index lets several web servers watch at once."""

    __tablename__ = "alarms"
    __table_args__ = (
        Index(
            "uq_alarms_open",
            "key",
            unique=True,
            sqlite_where=text("cleared_at IS NULL"),
            postgresql_where=text("cleared_at IS NULL"),
        ),
        Index("ix_alarms_raised", "raised_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    key: Mapped[str]
    """The rule and its subject: ``theme:wages``."""
    rule: Mapped[str]
    """Code of the rule."""
    kind: Mapped[str]
    level: Mapped[str]
    words: Mapped[str]
    """As it stood when it was looked at last."""
    raised_at: Mapped[datetime]
    met_at: Mapped[datetime]
    """The last time that the rule was found met."""
    cleared_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    """What the person who saw it does about it."""
