"""Recordings and what was said in them are kept as long as the bureau has announced, no longer.

PIPL 19: the shortest time necessary. The opening notice of the menu says how long; the same setting
(``recording.retention_days``) decides here. Figures (scores, satisfaction, times) stay.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path

import structlog
from sqlalchemy import delete, select, update

from hotline.calls.tables import CallTable
from hotline.casework import Case
from hotline.clock import Clock
from hotline.errors import HotlineError
from hotline.jobs import Job
from hotline.jobs.feeding import NewJob, Rule
from hotline.store import Database, Outbox, append
from hotline.talks.tables import DialledTable
from transcripts.live.tables import HintRow, LiveTalk, LiveTurn
from transcripts.scoring.tables import FindingRow, Score
from transcripts.tables import RecordingState, RecordingTable, TranscriptTable

BATCH = 200
EVERY_SECONDS = 3600.0

log = structlog.get_logger(__name__)


async def delete_expired(database: Database, recordings: Path, clock: Clock, days: int) -> int:
    """Delete the files, texts and quotations of calls older than ``days``; return how many calls.

    The files go first: a crash in between leaves a row that is dealt with again, never a file that
    nobody knows.
    """
    before = clock.now() - timedelta(days=days)
    count = 0
    while True:
        async with database.read() as session:
            query = (
                select(RecordingTable)
                .where(
                    RecordingTable.created_at < before,
                    RecordingTable.state != RecordingState.DELETED,
                )
                .order_by(RecordingTable.id)
                .limit(BATCH)
            )
            rows = list(await session.scalars(query))
        if not rows:
            return count
        await asyncio.to_thread(_delete_files, recordings, rows)
        await _forget(database, clock, rows, EXPIRED)
        count += len(rows)


ERASE = "erase_recording"


def _erase(row: Outbox) -> Iterable[NewJob]:
    yield NewJob(ERASE, {"case": row.key}, key=f"{ERASE}:{row.key}")


RULES: Mapping[str, Rule] = {"case.erase": _erase}
"""What a person had erased from a case (个人信息保护法 47) goes from its call as well."""


def handlers(
    database: Database, clock: Clock, recordings: Path
) -> Mapping[str, Callable[[Job], Awaitable[None]]]:
    """Return the handler of erasures."""

    async def erase(job: Job) -> None:
        async with database.read() as session:
            case = await session.get(Case, int(job.payload["case"]))
            placed = select(DialledTable.id).where(DialledTable.case_id == int(job.payload["case"]))
            calls = list(await session.scalars(placed))
        if case is not None and case.call_id is not None:
            calls.append(case.call_id)
        for call_id in calls:
            await erase_call(database, recordings, clock, call_id)

    return {ERASE: erase}


async def erase_call(database: Database, recordings: Path, clock: Clock, call_id: str) -> None:
    """Delete what was recorded, heard and quoted of one call, and the caller's number."""
    async with database.read() as session:
        query = select(RecordingTable).where(RecordingTable.call_id == call_id)
        rows = list(await session.scalars(query))
    await asyncio.to_thread(_delete_files, recordings, rows)
    await _forget(database, clock, rows, ERASED)
    async with database.write() as session:
        talks = select(LiveTalk.id).where(LiveTalk.call_id == call_id)
        await session.execute(delete(LiveTurn).where(LiveTurn.talk_id.in_(talks)))
        await session.execute(update(HintRow).where(HintRow.call_id == call_id).values(heard=""))
        await session.execute(update(CallTable).where(CallTable.id == call_id).values(number=""))
        dialled = update(DialledTable).where(DialledTable.id == call_id)
        await session.execute(dialled.values(number=""))


EXPIRED = "已超过保存期限，录音和转写已删除。"
ERASED = "已按本人请求删除录音和转写。"


async def _forget(database: Database, clock: Clock, rows: list[RecordingTable], words: str) -> None:
    ids, calls = [row.id for row in rows], [row.call_id for row in rows]
    async with database.write() as session:
        await session.execute(delete(TranscriptTable).where(TranscriptTable.recording_id.in_(ids)))
        scores = select(Score.id).where(Score.call_id.in_(calls))
        await session.execute(
            update(FindingRow).where(FindingRow.score_id.in_(scores)).values(sentence="", heard="")
        )
        await session.execute(update(HintRow).where(HintRow.call_id.in_(calls)).values(heard=""))
        await session.execute(
            update(RecordingTable)
            .where(RecordingTable.id.in_(ids))
            .values(
                state=RecordingState.DELETED,
                error=words,
                caller_path=None,
                agent_path=None,
            )
        )
        for call_id in calls:
            append(session, "recording.deleted", call_id, {}, clock.now())


def _delete_files(folder: Path, rows: list[RecordingTable]) -> None:
    inside = folder.resolve()
    for row in rows:
        for name in (row.caller_path, row.agent_path):
            file = (folder / name).resolve() if name else None
            if file is not None and file.is_relative_to(inside):
                file.unlink(missing_ok=True)


async def keep_deleting(database: Database, recordings: Path, clock: Clock, days: int) -> None:
    """Delete what has expired, every hour, until cancelled."""
    while True:
        try:
            gone = await delete_expired(database, recordings, clock, days)
        except (HotlineError, OSError) as error:
            log.warning("expired recordings will be tried again", reason=str(error))
        else:
            if gone:
                log.info("expired recordings deleted", calls=gone)
        await asyncio.sleep(EVERY_SECONDS)
