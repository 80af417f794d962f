"""Versions of answer cards, and the questions that were asked of the knowledge base."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store import Base, Code, RowId


class CardVersion(Base):
    """One version of a card (要点卡). A published one is never changed again."""

    __tablename__ = "card_versions"
    __table_args__ = (
        UniqueConstraint("card_id", "number"),
        # One draft a card at most, so that nobody's work is lost to somebody else's.
        Index(
            "ix_card_versions_open",
            "card_id",
            unique=True,
            sqlite_where=text("state IN ('draft', 'review')"),
            postgresql_where=text("state IN ('draft', 'review')"),
        ),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    card_id: Mapped[str] = mapped_column(Code)
    number: Mapped[int]
    state: Mapped[str] = mapped_column(Code)
    """A :class:`knowledge_base.editing.desk.State`."""
    revision: Mapped[int] = mapped_column(default=1)
    """Grows with each save: who saves an older one is told of the newer."""
    body: Mapped[dict[str, Any]]
    """As the YAML file of a card; a draft may be incomplete."""
    author_id: Mapped[int] = mapped_column(RowId)
    author: Mapped[str]
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(default="")
    """What the reviewer said."""
    doubts: Mapped[list[str]]
    """Facts that the check could not confirm when it was published; none drives a finding."""


class KnowledgeQuestion(Base):
    """A question asked of the search, without long figures; for the list of gaps (缺口)."""

    __tablename__ = "knowledge_questions"
    __table_args__ = (Index("ix_knowledge_questions_at", "at"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    question: Mapped[str]
    at: Mapped[datetime]
