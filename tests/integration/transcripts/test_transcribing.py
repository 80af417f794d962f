"""The job ``transcribe`` on a real database, with a recogniser that is told what to hear."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from hotline.clock import ManualClock
from hotline.jobs import JobState, JobTable, Queue, Worker
from hotline.jobs.feeding import Feeder
from hotline.store import Database, Outbox, append
from hotline.voice import write_wav
from transcripts.jobs import RULES, SCORE, TRANSCRIBE, handlers
from transcripts.recognisers import ModelCard, Recogniser, Samples, Segment, Stream, Word
from transcripts.tables import RecordingState, RecordingTable, TranscriptTable, TurnTable

CARD = ModelCard("vosk", "hotline-demo-cn", "演示模型，仅识别合成语音", 8_000, demonstration=True)


class Told:
    """Hears what it is told by the loudness of a leg."""

    card = CARD

    def __init__(self, heard: dict[int, list[Segment]]) -> None:
        self._heard = heard

    def transcribe(self, samples: Samples, rate: int) -> list[Segment]:
        assert rate == 8_000
        return self._heard[int(samples.max(initial=0))]

    def stream(self, rate: int) -> Stream:
        raise NotImplementedError(rate)


def said(text: str, start: float) -> Segment:
    return Segment.of((Word(text, start, start + 1.0, 0.8),))


HEARD = {100: [said("公司欠我三个月工资", 2.0)], 200: [said("您好", 0.5)], 0: []}


class Room:
    """A worker beside its recordings."""

    def __init__(self, database: Database, clock: ManualClock, folder: Path) -> None:
        self.database, self.clock, self.folder = database, clock, folder
        self.queue = Queue(database, clock)
        self.opened = 0
        work = handlers(database, self.queue, clock, folder, self._open)
        self.worker = Worker(self.queue, work, "w")
        self.feeder = Feeder(self.queue, RULES)

    def _open(self) -> Recogniser:
        self.opened += 1
        return Told(HEARD)

    def leg(self, name: str, loudness: int) -> None:
        write_wav(self.folder / name, np.full(8_000, loudness, np.int16))

    async def recorded(self, call: str, **payload: object) -> None:
        """Say that a recording is ready, as the one who recorded it does."""
        async with self.database.write() as session:
            append(session, "recording.ready", call, dict(payload), self.clock.now())
        await self.feeder.feed()

    async def work(self, rounds: int = 3) -> None:
        for _ in range(rounds):
            await self.worker.run_until_empty()
            self.clock.advance(60)

    async def recording(self, call: str) -> RecordingTable:
        async with self.database.read() as session:
            query = select(RecordingTable).where(RecordingTable.call_id == call)
            return (await session.scalars(query)).one()

    async def jobs(self, kind: str) -> list[JobTable]:
        async with self.database.read() as session:
            return list(await session.scalars(select(JobTable).where(JobTable.kind == kind)))

    async def topics(self) -> list[str]:
        async with self.database.read() as session:
            return list(await session.scalars(select(Outbox.topic).order_by(Outbox.id)))


@pytest.fixture
def room(database: Database, clock: ManualClock, tmp_path: Path) -> Room:
    return Room(database, clock, tmp_path / "recordings")


async def test_a_recording_becomes_turns_and_asks_for_its_score(room: Room) -> None:
    room.leg("c1-caller.wav", 100)
    room.leg("c1-agent.wav", 200)
    await room.recorded("c1", caller="c1-caller.wav", agent="c1-agent.wav", seconds=4.0)
    await room.work()

    recording = await room.recording("c1")
    assert (recording.state, recording.error) == (RecordingState.TRANSCRIBED, None)
    async with room.database.read() as session:
        transcript = (await session.scalars(select(TranscriptTable))).one()
        turns = list(await session.scalars(select(TurnTable).order_by(TurnTable.position)))
    assert (transcript.engine, transcript.model) == ("vosk", "hotline-demo-cn")
    assert transcript.model_description == "演示模型，仅识别合成语音"
    assert transcript.demonstration
    assert [(t.leg, t.text, t.start) for t in turns] == [
        ("agent", "您好", 0.5),
        ("caller", "公司欠我3个月工资", 2.0),
    ]
    assert turns[1].said == "公司欠我三个月工资"
    assert turns[1].words[0]["kind"] == "period"
    (score,) = await room.jobs(SCORE)
    assert score.payload == {"call": "c1", "transcript": transcript.id}
    assert "transcript.ready" in await room.topics()


async def test_a_recording_that_is_told_twice_is_transcribed_once(room: Room) -> None:
    room.leg("c1-caller.wav", 100)
    for _ in range(2):
        await room.recorded("c1", caller="c1-caller.wav")
    await room.work()
    assert len(await room.jobs(TRANSCRIBE)) == 1
    assert len(await room.jobs(SCORE)) == 1


async def test_a_message_has_one_leg_and_silence_has_no_turns(room: Room) -> None:
    room.leg("m1.wav", 0)
    await room.recorded("m1", caller="m1.wav")
    await room.work()
    assert (await room.recording("m1")).state == RecordingState.TRANSCRIBED
    async with room.database.read() as session:
        assert not list(await session.scalars(select(TurnTable)))


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"RIFF", "不是 WAV"), (b"", "空文件"), (None, "找不到")],
    ids=["garbage", "empty", "missing"],
)
async def test_an_unreadable_recording_is_a_dead_letter_and_nothing_else_stops(
    room: Room, content: bytes | None, error: str
) -> None:
    room.leg("c2-caller.wav", 100)
    if content is not None:
        (room.folder / "c1-caller.wav").write_bytes(content)
    await room.recorded("c1", caller="c1-caller.wav")
    await room.recorded("c2", caller="c2-caller.wav")
    await room.work()

    recording = await room.recording("c1")
    assert recording.state == RecordingState.UNREADABLE
    assert error in (recording.error or "")
    states = {job.payload["call"]: job.state for job in await room.jobs(TRANSCRIBE)}
    assert states == {"c1": JobState.DEAD, "c2": JobState.DONE}
    assert "recording.unreadable" in await room.topics()


async def test_a_recording_that_is_still_being_written_is_tried_again(room: Room) -> None:
    room.leg("c1-caller.wav", 100)
    whole = (room.folder / "c1-caller.wav").read_bytes()
    (room.folder / "c1-caller.wav").write_bytes(whole[:-1_000])
    await room.recorded("c1", caller="c1-caller.wav")
    await room.worker.run_until_empty()
    assert (await room.recording("c1")).state == RecordingState.WAITING

    (room.folder / "c1-caller.wav").write_bytes(whole)
    room.clock.advance(60)
    await room.worker.run_until_empty()
    assert (await room.recording("c1")).state == RecordingState.TRANSCRIBED


async def test_a_path_out_of_the_recordings_is_not_read(room: Room) -> None:
    write_wav(room.folder.parent / "secret.wav", np.full(100, 100, np.int16))
    await room.recorded("c1", caller="../secret.wav")
    await room.work()
    recording = await room.recording("c1")
    assert recording.state == RecordingState.UNREADABLE
    assert "不在录音文件夹内" in (recording.error or "")


async def test_a_call_without_a_recording_is_a_dead_letter(room: Room) -> None:
    await room.recorded("c1")
    await room.work()
    (job,) = await room.jobs(TRANSCRIBE)
    assert job.state == JobState.DEAD
