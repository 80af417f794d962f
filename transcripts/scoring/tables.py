"""Scores and their findings. A new run adds a score; nothing is overwritten."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.store import Base, RowId


class Score(Base):
    """What the machine thinks of one call: a pre-screen (初筛) that a person confirms.

    ``total`` and ``accuracy`` are NULL where nothing could be judged. Satisfaction is the caller's
    and stands apart: it is on the call, never in here.
    """

    __tablename__ = "scores"
    __table_args__ = (Index("ix_scores_call", "call_id", "id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    call_id: Mapped[str] = mapped_column(index=True)
    transcript_id: Mapped[int | None] = mapped_column(RowId)
    latest: Mapped[bool] = mapped_column(default=True)
    """Whether this is the newest score of the call. Without an index of its own: nearly all scores
    are, and SQLite would walk them all for each call of a join."""
    scorecard: Mapped[str]
    scorecard_version: Mapped[int]
    law_date: Mapped[date]
    """The day whose law the answer was judged by."""
    topic: Mapped[str | None]
    card: Mapped[str | None]
    card_version: Mapped[int | None]
    """Which version of the card it was held against; 0 the shipped one."""
    card_confidence: Mapped[float] = mapped_column(default=0.0)
    total: Mapped[float | None]
    """Points of 100, over the items that apply and could be judged by machine."""
    judged_share: Mapped[float] = mapped_column(default=0.0)
    """The share of the scorecard's weight that the machine could judge at all."""
    accuracy: Mapped[float | None]
    """Share of the three legal items' points, 0 … 1."""
    legal_ok: Mapped[bool | None]
    """All three legal items in full (法律准确); NULL where not judged."""
    veto: Mapped[str | None]
    """The kind of finding that sets the score to 0 (一票否决)."""
    faults: Mapped[int] = mapped_column(default=0)
    needs_person: Mapped[bool] = mapped_column(default=False)
    why_person: Mapped[str] = mapped_column(default="")
    items: Mapped[list[Any]]
    """Per item: id, title, weight, points, applies, judged, confidence, words."""
    risks: Mapped[list[str]]
    created_at: Mapped[datetime]

    findings: Mapped[list[FindingRow]] = relationship(
        back_populates="score", cascade="all, delete-orphan", order_by="FindingRow.id"
    )


class FindingRow(Base):
    """One finding with its evidence; see :class:`transcripts.scoring.findings.Finding`."""

    __tablename__ = "findings"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    score_id: Mapped[int] = mapped_column(ForeignKey("scores.id", ondelete="CASCADE"), index=True)
    item: Mapped[str]
    kind: Mapped[str] = mapped_column(index=True)
    verdict: Mapped[str]
    fault: Mapped[bool] = mapped_column(default=False, index=True)
    confidence: Mapped[float]
    at_second: Mapped[float | None]
    until_second: Mapped[float | None]
    leg: Mapped[str]
    sentence: Mapped[str]
    card: Mapped[str]
    subject: Mapped[str]
    article: Mapped[str]
    heard: Mapped[str]
    expected: Mapped[str]
    critical: Mapped[bool] = mapped_column(default=False)
    words: Mapped[str]

    score: Mapped[Score] = relationship(back_populates="findings")
