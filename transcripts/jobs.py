"""The job ``transcribe``: recording to transcript, and on to the score.

``recording.ready`` in the outbox (key: the call's id; payload: :class:`RecordingReady`) asks for
it. A recording that cannot be read is said so on its row and in the outbox, and the job becomes a
dead letter: nothing else waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select, update

from hotline.clock import Clock
from hotline.errors import HotlineError
from hotline.jobs import DeadLetterError, Handler, Job, Queue
from hotline.jobs.feeding import NewJob, Rule
from hotline.store import Database, Outbox, append
from transcripts.audio import AudioError, read_channels
from transcripts.recognisers import ModelCard, Recogniser, Segment
from transcripts.tables import RecordingState, RecordingTable, TranscriptTable, TurnTable
from transcripts.turns import Turn, merge

TRANSCRIBE, SCORE = "transcribe", "score"

PATIENCE = 2
"""Tries before a recording that is missing or short counts as that: Asterisk may still write."""

log = structlog.get_logger(__name__)


class RecordingReady(BaseModel):
    """Payload of ``recording.ready``: files below the recordings folder."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    caller: str | None = None
    agent: str | None = None
    seconds: float | None = None


class RecordingUnreadableError(DeadLetterError):
    """录音读不了，没有转写。"""

    error_id = "recording-unreadable"


class RecordingUnknownError(DeadLetterError):
    """没有这个通话的录音记录。"""

    error_id = "recording-unknown"


def _transcribe(row: Outbox) -> Iterable[NewJob]:
    recording = RecordingReady.model_validate(row.payload)
    payload = {"call": row.key, **recording.model_dump()}
    yield NewJob(TRANSCRIBE, payload, key=f"{TRANSCRIBE}:{row.key}")


RULES: Mapping[str, Rule] = {"recording.ready": _transcribe}
"""For the feeder of :mod:`hotline.jobs.feeding`."""


@dataclass(frozen=True)
class _Recorded:
    """What the database knows of a recording."""

    id: int
    legs: tuple[str | None, str | None]


class Transcriber:
    """Handles ``transcribe``. The model is opened at the first job."""

    def __init__(
        self,
        database: Database,
        queue: Queue,
        clock: Clock,
        recordings: Path,
        open_recogniser: Callable[[], Recogniser],
    ) -> None:
        self._database = database
        self._queue = queue
        self._clock = clock
        self._recordings = recordings
        self._open_recogniser = open_recogniser

    async def __call__(self, job: Job) -> None:
        """Transcribe the recording of ``job.payload["call"]``.

        Raises:
            RecordingUnreadableError: another try cannot help.
            AudioError: it may still be being written; try again.
        """
        call_id = str(job.payload["call"])
        recorded = await self._recorded(call_id, job.payload)
        begun = self._clock.monotonic()
        try:
            card, turns = await self._listen(recorded)
        except AudioError as error:
            if job.attempt < PATIENCE:
                raise
            await self._unreadable(call_id, error)
            raise RecordingUnreadableError(error.message, call=call_id) from error
        await self._keep(call_id, recorded, card, turns, self._clock.monotonic() - begun)

    async def _recorded(self, call_id: str, payload: dict[str, Any]) -> _Recorded:
        """Find the recording's row, or make it from what ``recording.ready`` told."""
        told = RecordingReady.model_validate(payload)
        async with self._database.write() as session:
            query = select(RecordingTable).where(RecordingTable.call_id == call_id)
            row = await session.scalar(query)
            if row is None:
                if told.caller is None and told.agent is None:
                    raise RecordingUnknownError(f"通话 {call_id} 没有录音记录。", call=call_id)
                row = RecordingTable(
                    call_id=call_id,
                    caller_path=told.caller,
                    agent_path=told.agent,
                    seconds=told.seconds,
                    state=RecordingState.WAITING,
                    created_at=self._clock.now(),
                )
                session.add(row)
                await session.flush()
            return _Recorded(row.id, (row.caller_path, row.agent_path))

    async def _listen(self, recorded: _Recorded) -> tuple[ModelCard, tuple[Turn, ...]]:
        recogniser = await asyncio.to_thread(self._open_recogniser)
        # Vosk gives the interpreter's lock free, so the legs are heard side by side.
        caller, agent = await asyncio.gather(
            *(asyncio.to_thread(self._leg, recogniser, path) for path in recorded.legs)
        )
        return recogniser.card, merge(caller, agent)

    def _leg(self, recogniser: Recogniser, path: str | None) -> list[Segment]:
        if path is None:
            return []
        file = (self._recordings / path).resolve()
        if not file.is_relative_to(self._recordings.resolve()):
            raise AudioError(f"录音 {path} 不在录音文件夹内，不予读取。")
        channels = read_channels(file)
        return recogniser.transcribe(channels[0].samples, channels[0].rate)

    async def _keep(
        self,
        call_id: str,
        recorded: _Recorded,
        card: ModelCard,
        turns: tuple[Turn, ...],
        seconds: float,
    ) -> None:
        now = self._clock.now()
        transcript = TranscriptTable(
            recording_id=recorded.id,
            engine=card.engine,
            model=card.name,
            model_description=card.description,
            demonstration=card.demonstration,
            seconds_taken=seconds,
            created_at=now,
            turns=[turn_row(position, turn) for position, turn in enumerate(turns)],
        )
        async with self._database.write() as session:
            session.add(transcript)
            await session.execute(
                update(RecordingTable)
                .where(RecordingTable.id == recorded.id)
                .values(state=RecordingState.TRANSCRIBED, error=None)
            )
            await session.flush()
            told = {"transcript": transcript.id, "turns": len(turns)}
            append(session, "transcript.ready", call_id, told, now)
            await self._queue.put(
                session,
                SCORE,
                {"call": call_id, "transcript": transcript.id},
                key=f"{SCORE}:{transcript.id}",
            )
        log.info("transcribed", call=call_id, turns=len(turns), seconds=round(seconds, 2))

    async def _unreadable(self, call_id: str, error: HotlineError) -> None:
        async with self._database.write() as session:
            await session.execute(
                update(RecordingTable)
                .where(RecordingTable.call_id == call_id)
                .values(state=RecordingState.UNREADABLE, error=error.message)
            )
            told = {"error_id": error.error_id, "message": error.message}
            append(session, "recording.unreadable", call_id, told, self._clock.now())


def turn_row(position: int, turn: Turn) -> TurnTable:
    """Return the row of a turn."""
    return TurnTable(
        position=position,
        leg=turn.leg,
        start=turn.start,
        end=turn.end,
        text=turn.text,
        said=turn.said,
        confidence=turn.confidence,
        words=[
            {
                "text": word.text,
                "start": word.start,
                "end": word.end,
                "confidence": word.confidence,
                "said": word.said,
                "kind": word.kind,
            }
            for word in turn.words
        ],
    )


def handlers(
    database: Database,
    queue: Queue,
    clock: Clock,
    recordings: Path,
    open_recogniser: Callable[[], Recogniser],
) -> dict[str, Handler]:
    """Return what a worker needs to transcribe."""
    return {TRANSCRIBE: Transcriber(database, queue, clock, recordings, open_recogniser)}
