"""Statements of subsidies and their lines."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store import Base


class StatementTable(Base):
    """One person's subsidies of one month (补贴清单)."""

    __tablename__ = "subsidy_statements"
    __table_args__ = (
        UniqueConstraint("month", "person_id"),
        Index("ix_subsidy_statements_person", "person_id", "month"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    month: Mapped[str]
    """``2026-11``."""
    person_id: Mapped[str]
    """The agent's id, or an account, as cases name who handled them."""
    state: Mapped[str]
    """A :class:`agents.subsidies.statements.State`."""
    drawn_at: Mapped[datetime]
    drawn_by: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str] = mapped_column(default="")
    objection: Mapped[str] = mapped_column(default="")
    """What the person says is wrong."""
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str] = mapped_column(default="")
    exported_at: Mapped[datetime | None]
    exported_by: Mapped[str] = mapped_column(default="")


class LineTable(Base):
    """One payment: for a case that was closed or a shift that was kept."""

    __tablename__ = "subsidy_lines"
    __table_args__ = (
        # Whatever happens to statements, nothing is ever paid twice.
        Index(
            "uq_subsidy_lines_once",
            "kind",
            "reference",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    statement_id: Mapped[int] = mapped_column(ForeignKey("subsidy_statements.id"), index=True)
    kind: Mapped[str]
    """``case`` or ``shift``."""
    reference: Mapped[str]
    """The case's number, the shift's id."""
    about: Mapped[str]
    """What it pays for, in words."""
    day: Mapped[date]
    amount: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    reckoning: Mapped[list[str]]
    """How the amount was reckoned, step by step."""
    source: Mapped[str]
    """The document that sets the tariff."""
    example: Mapped[bool] = mapped_column(default=False)
    """Reckoned by example figures: must not be paid out."""
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str] = mapped_column(default="")
    removed_for: Mapped[str] = mapped_column(default="")
