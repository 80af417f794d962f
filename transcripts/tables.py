"""Recordings, what was recognised in them, and by which model."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hotline.store import Base, RowId


class RecordingState(StrEnum):
    """What became of a recording."""

    WAITING = "waiting"
    TRANSCRIBED = "transcribed"
    UNREADABLE = "unreadable"
    DELETED = "deleted"
    """Past the time that the bureau keeps recordings."""


class RecordingTable(Base):
    """The recording (录音) of one call: a file a leg, below the recordings folder."""

    __tablename__ = "recordings"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    call_id: Mapped[str] = mapped_column(unique=True)
    caller_path: Mapped[str | None]
    agent_path: Mapped[str | None]
    """NULL for a message on the answering machine, which has one leg."""
    seconds: Mapped[float | None]
    state: Mapped[str] = mapped_column(default=RecordingState.WAITING)
    error: Mapped[str | None]
    """Why it could not be read, in Chinese, for the ticket's page."""
    created_at: Mapped[datetime]


class TranscriptTable(Base):
    """What an engine heard in a recording; a later, better model's text stands beside it."""

    __tablename__ = "transcripts"

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    recording_id: Mapped[int] = mapped_column(
        ForeignKey("recordings.id", ondelete="CASCADE"), index=True
    )
    engine: Mapped[str]
    model: Mapped[str]
    model_description: Mapped[str]
    """Shown beside the text, such as 演示模型，仅识别合成语音."""
    demonstration: Mapped[bool] = mapped_column(default=False)
    """Written by the shipped model, which knows synthetic voices only."""
    seconds_taken: Mapped[float]
    created_at: Mapped[datetime]

    turns: Mapped[list[TurnTable]] = relationship(
        cascade="all, delete-orphan", order_by="TurnTable.position", passive_deletes=True
    )


class TurnTable(Base):
    """One turn of a transcript; see :class:`transcripts.turns.Turn`."""

    __tablename__ = "turns"
    __table_args__ = (Index("ix_turns_transcript", "transcript_id", "position", unique=True),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    transcript_id: Mapped[int] = mapped_column(ForeignKey("transcripts.id", ondelete="CASCADE"))
    position: Mapped[int]
    leg: Mapped[str]
    start: Mapped[float]
    end: Mapped[float]
    text: Mapped[str]
    said: Mapped[str]
    confidence: Mapped[float | None]
    words: Mapped[list[Any]]
    """Objects with ``text``, ``start``, ``end``, ``confidence``, ``said`` and, for a figure, its
    ``kind``."""
