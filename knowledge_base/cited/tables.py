"""Who cites an article."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store import Base, Code, RowId


class StatuteCitation(Base):
    """One article cited by one ticket's text or in one call's speech."""

    __tablename__ = "statute_citations"
    __table_args__ = (
        UniqueConstraint("source", "reference", "law", "number"),
        Index("ix_statute_citations_article", "law", "number", "at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    law: Mapped[str] = mapped_column(Code)
    number: Mapped[str] = mapped_column(Code)
    """As ``ArticleNumber`` writes itself: ``47``, ``10-1``."""
    source: Mapped[str] = mapped_column(Code)
    """``ticket``: written by a person; ``call``: heard in the recording."""
    reference: Mapped[str] = mapped_column(Code)
    """The case's id, or the call's."""
    at: Mapped[datetime]
