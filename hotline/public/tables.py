"""Wrong tries at codes, and the papers that applicants hand in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store import Base
from hotline.store.types import Code, RowId


class GuessTable(Base):
    """How often the code of a number was guessed wrongly of late, whether or not it exists."""

    __tablename__ = "code_guesses"

    number: Mapped[str] = mapped_column(Code, primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)


class OwnViewTable(Base):
    """The code of a text message that opens what is held about a person, for ten minutes."""

    __tablename__ = "own_views"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    digest: Mapped[str]
    """Of the code; the code itself stands in the message alone."""
    sent_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)


class PaperTable(Base):
    """A paper (材料) of a case; the file lies below ``home/papers``, out of the web's reach."""

    __tablename__ = "case_papers"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    name: Mapped[str]
    """The name that its sender gave it, cleaned; never used as a path."""
    kind: Mapped[str]
    """Media type, as its content says."""
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(Code)
    file: Mapped[str]
    """Its path below the folder of papers: made by us."""
    at: Mapped[datetime]
    sender: Mapped[str]
    """``applicant``, or who took it in."""
