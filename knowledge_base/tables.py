"""The tables of the knowledge base: statutes with their versions, imports, answered questions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.store import Base, Code, RowId


class Statute(Base):
    """A law, regulation or interpretation, whatever its version."""

    __tablename__ = "statutes"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(Code, unique=True)
    """Without 中华人民共和国; see :func:`knowledge_base.library.names.plain_name`."""


class StatuteVersion(Base):
    """One dated text of a statute (版本)."""

    __tablename__ = "statute_versions"
    __table_args__ = (UniqueConstraint("statute_id", "publish"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    statute_id: Mapped[int] = mapped_column(ForeignKey("statutes.id"))
    title: Mapped[str]
    level: Mapped[str]
    category: Mapped[str]
    publish: Mapped[date | None]
    valid_from: Mapped[date | None]
    expired: Mapped[bool]
    source: Mapped[str]
    taken: Mapped[date | None]
    """数据截至: the day up to which the source is known to be right."""
    repeals: Mapped[list[str]]
    digest: Mapped[str] = mapped_column(Code)
    """SHA-256 of the articles; an import leaves a text alone whose digest it knows."""
    import_id: Mapped[int] = mapped_column(ForeignKey("statute_imports.id"))
    """The import that wrote the text as it is."""


class StatuteArticle(Base):
    """One article (条) of one version; ``position`` counts from 0 in the statute's order."""

    __tablename__ = "statute_articles"

    version_id: Mapped[int] = mapped_column(ForeignKey("statute_versions.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    branch: Mapped[int]
    headings: Mapped[list[str]]
    text: Mapped[str]


class StatuteImport(Base):
    """One run of ``hotline kb import``: what it read and what it changed."""

    __tablename__ = "statute_imports"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    files: Mapped[int]
    changes: Mapped[list[dict[str, Any]]]
    """One object for each statute that was added or changed."""


class AnsweredQuestionRow(Base):
    """A question with the articles that answer it, confirmed by a reviewer (已复核问答).

    Search and the topic classifier learn from these; ``id`` tells readers what is new.
    """

    __tablename__ = "answered_questions"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(Code, unique=True)
    """Where it comes from: a ticket's number. A second confirmation replaces the first."""
    question: Mapped[str]
    answer: Mapped[str]
    articles: Mapped[list[Any]]
    """Pairs of a law's name and an article's number such as ``["劳动合同法", "38"]``."""
    topic: Mapped[str] = mapped_column(Code)
    confirmed_at: Mapped[datetime]
    confirmed_by: Mapped[str]
