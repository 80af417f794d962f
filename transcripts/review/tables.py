"""What review keeps. Grades, draws and forms are only ever added; nothing is overwritten."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store import Base, Code, RowId


class FormTable(Base):
    """One version of a form (评分表) as people graded by it. Closed when a newer one is opened."""

    __tablename__ = "review_forms"
    __table_args__ = (UniqueConstraint("code", "digest"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    code: Mapped[str] = mapped_column(Code)
    version: Mapped[int]
    title: Mapped[str]
    digest: Mapped[str] = mapped_column(Code)
    """SHA-256 of ``content``: another content is another form, whatever its version says."""
    content: Mapped[dict[str, Any]]
    """Items, vetoes and levels."""
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class DrawRunTable(Base):
    """One drawing of the random sample: repeat it from ``seed`` to check it."""

    __tablename__ = "review_draw_runs"
    __table_args__ = (UniqueConstraint("since", "until"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    since: Mapped[datetime]
    until: Mapped[datetime]
    seed: Mapped[str]
    share: Mapped[float]
    calls: Mapped[int]
    """Answered calls in the period."""
    drawn: Mapped[int]
    at: Mapped[datetime]


class DrawTable(Base):
    """A call that was drawn, in which sample and why."""

    __tablename__ = "review_draws"
    __table_args__ = (UniqueConstraint("call_id", "sample"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    call_id: Mapped[str] = mapped_column(Code)
    sample: Mapped[str] = mapped_column(Code)
    """``random`` or ``risk`` (:class:`transcripts.review.drawing.Sample`)."""
    reasons: Mapped[list[str]]
    stratum: Mapped[str]
    size: Mapped[int]
    taken: Mapped[int]
    double: Mapped[bool]
    """Two people grade it, neither knowing of the other."""
    run_id: Mapped[int | None] = mapped_column(ForeignKey("review_draw_runs.id"))
    at: Mapped[datetime]


class TaskTable(Base):
    """One grading that is to be done (待评)."""

    __tablename__ = "review_tasks"
    __table_args__ = (
        UniqueConstraint("call_id", "purpose"),
        Index("ix_review_tasks_open", "done_at", "rank", "id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    call_id: Mapped[str] = mapped_column(Code)
    purpose: Mapped[str] = mapped_column(Code)
    """``first``, ``second``, ``appeal`` or ``arbitration``
    (:class:`transcripts.review.grading.Purpose`)."""
    blind: Mapped[bool]
    rank: Mapped[int]
    """The smaller, the sooner."""
    reasons: Mapped[list[str]]
    not_by: Mapped[list[Any]]
    """People who may not do it: who graded the call before."""
    made_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    taken_by: Mapped[int | None]
    taken_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


class GradeTable(Base):
    """One grade (评分): by one reviewer, on one form, of one call. Never changed."""

    __tablename__ = "review_grades"
    __table_args__ = (
        UniqueConstraint("reviewer_id", "form_id", "call_id"),
        Index("ix_review_grades_call", "call_id", "id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    call_id: Mapped[str] = mapped_column(Code)
    agent_id: Mapped[str | None] = mapped_column(Code, index=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("review_forms.id"))
    reviewer_id: Mapped[int]
    reviewer_name: Mapped[str]
    purpose: Mapped[str] = mapped_column(Code)
    blind: Mapped[bool]
    levels: Mapped[dict[str, Any]]
    """By item: the level chosen (0 is the best); null where the item does not apply."""
    vetoes: Mapped[list[str]]
    total: Mapped[float]
    legal_ok: Mapped[bool]
    note: Mapped[str]
    """For the lawyer: what to do better (辅导意见)."""
    score_id: Mapped[int | None] = mapped_column(RowId)
    """The machine's score that it can be compared with."""
    made_at: Mapped[datetime]


class ResultTable(Base):
    """Which grade counts for a call: the first, until an appeal or arbitration decides."""

    __tablename__ = "review_results"

    call_id: Mapped[str] = mapped_column(Code, primary_key=True)
    grade_id: Mapped[int] = mapped_column(ForeignKey("review_grades.id"))
    sample: Mapped[str] = mapped_column(Code)
    """``random`` where the call was drawn at random, whatever else was known of it."""
    total: Mapped[float]
    legal_ok: Mapped[bool]
    veto: Mapped[bool]
    decided_at: Mapped[datetime]


class JudgementTable(Base):
    """What a reviewer thinks of one finding of the machine."""

    __tablename__ = "review_judgements"
    __table_args__ = (UniqueConstraint("finding_id", "reviewer_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    finding_id: Mapped[int] = mapped_column(ForeignKey("findings.id", ondelete="CASCADE"))
    call_id: Mapped[str] = mapped_column(Code, index=True)
    reviewer_id: Mapped[int]
    verdict: Mapped[str] = mapped_column(Code)
    """``confirm``, ``change`` or ``reject``."""
    words: Mapped[str]
    """What it should say, where changed."""
    made_at: Mapped[datetime]


class CommentTable(Base):
    """A remark at a second of the recording."""

    __tablename__ = "review_comments"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    call_id: Mapped[str] = mapped_column(Code, index=True)
    reviewer_id: Mapped[int]
    reviewer_name: Mapped[str]
    at_second: Mapped[float]
    words: Mapped[str]
    made_at: Mapped[datetime]


class CorrectionTable(Base):
    """Words that the machine misheard, beside the text that it wrote, which stays as it is."""

    __tablename__ = "review_corrections"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    call_id: Mapped[str] = mapped_column(Code, index=True)
    turn_id: Mapped[int] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), index=True)
    heard: Mapped[str]
    said: Mapped[str]
    """The whole turn as the reviewer hears it."""
    reviewer_id: Mapped[int]
    made_at: Mapped[datetime]


class AppealTable(Base):
    """A lawyer's objection (申诉) to a grade; another reviewer grades the call again."""

    __tablename__ = "review_appeals"
    __table_args__ = (UniqueConstraint("grade_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    grade_id: Mapped[int] = mapped_column(ForeignKey("review_grades.id"))
    call_id: Mapped[str] = mapped_column(Code, index=True)
    agent_id: Mapped[str] = mapped_column(Code, index=True)
    words: Mapped[str]
    made_at: Mapped[datetime]
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("review_grades.id"))
    """The grade that answered it."""


class AgreementTable(Base):
    """How far the machine agrees with people on one item or veto; renewed after each grade."""

    __tablename__ = "review_agreement"

    subject: Mapped[str] = mapped_column(Code, primary_key=True)
    """An item's id, or ``veto:`` and the kind."""
    pairs: Mapped[int]
    kappa: Mapped[float | None]
    hint_only: Mapped[bool]
    """It is shown, but does not count in the machine's total."""
    at: Mapped[datetime]
