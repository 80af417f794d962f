"""Files of persons and what was merged. A file holds no copy of a case: cases point to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store import Base
from hotline.store.types import Code, RowId


class PersonTable(Base):
    """One person's file."""

    __tablename__ = "persons"

    id: Mapped[str] = mapped_column(Code, primary_key=True)
    """What ``cases.person_id`` holds."""
    name: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(Code, default="", index=True)
    note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    merged_into: Mapped[str | None] = mapped_column(Code)
    """The file that this one was merged into; it opens nothing then."""


class PersonMergeTable(Base):
    """One merging of two files, kept so that it can be undone."""

    __tablename__ = "person_merges"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    kept: Mapped[str] = mapped_column(ForeignKey("persons.id"), index=True)
    merged: Mapped[str] = mapped_column(ForeignKey("persons.id"), index=True)
    cases: Mapped[list[Any]]
    """The cases that moved."""
    took: Mapped[str] = mapped_column(default="", server_default=text("''"))
    """What the kept file lacked and took over: ``name``, ``phone``, parted by spaces."""
    at: Mapped[datetime]
    by: Mapped[str]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]
