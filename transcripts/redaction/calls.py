"""Reads a kept call for its redacted export."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.errors import HotlineError, NotFoundError
from transcripts.audio import Audio, read
from transcripts.redaction.export import HeardTurn, heard
from transcripts.tables import RecordingTable, TranscriptTable, TurnTable


class NotRedactableError(HotlineError):
    """这通电话没有转写，不知道哪里说了个人信息，不能导出脱敏录音。请等转写完成。"""

    error_id = "not-redactable"


@dataclass(frozen=True)
class Exported:
    """A call's legs and turns, with personal data still in them."""

    legs: Mapping[str, Audio]
    turns: Sequence[HeardTurn]


async def exported(session: AsyncSession, folder: Path, call_id: str) -> Exported:
    """Read the newest transcript and the legs of a call.

    Raises:
        NotFoundError: there is no recording.
        NotRedactableError: there is no transcript: nobody knows what would have to be silent.
        AudioError: a leg is missing or damaged.
    """
    row = await session.scalar(select(RecordingTable).where(RecordingTable.call_id == call_id))
    if row is None:
        raise NotFoundError(f"没有通话 {call_id} 的录音。")
    turns = await turns_of(session, row)
    if turns is None:
        raise NotRedactableError
    named = {"caller": row.caller_path, "agent": row.agent_path}
    legs = {
        leg: await asyncio.to_thread(_read, folder, name) for leg, name in named.items() if name
    }
    return Exported(legs, turns)


def _read(folder: Path, name: str) -> Audio:
    file = (folder / name).resolve()
    if not file.is_relative_to(folder.resolve()):
        raise NotFoundError("录音不在录音文件夹内，不予读取。")
    return read(file)


async def turns_of(session: AsyncSession, row: RecordingTable) -> list[HeardTurn] | None:
    """Return the turns of a recording's newest transcript; None without one."""
    transcript = await session.scalar(
        select(TranscriptTable.id)
        .where(TranscriptTable.recording_id == row.id)
        .order_by(TranscriptTable.id.desc())
        .limit(1)
    )
    if transcript is None:
        return None
    turns = await session.scalars(
        select(TurnTable).where(TurnTable.transcript_id == transcript).order_by(TurnTable.position)
    )
    return [heard(turn.leg, turn.start, turn.end, turn.text, turn.words) for turn in turns]
