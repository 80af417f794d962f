from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hotline.calls.tables import CallTable
from hotline.clock import ManualClock
from hotline.store import Database, Outbox
from transcripts.retention import delete_expired, erase_call
from transcripts.tables import RecordingState, RecordingTable, TranscriptTable, TurnTable


def waves(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.glob("*.wav"))


async def recorded(database: Database, clock: ManualClock, folder: Path, call_id: str) -> None:
    for leg in ("caller", "agent"):
        (folder / f"{call_id}.{leg}.wav").write_bytes(b"RIFF")
    turn = TurnTable(
        position=0, leg="caller", start=0.0, end=1.0, text="拖欠工资", said="拖欠工资", words=[]
    )
    async with database.write() as session:
        recording = RecordingTable(
            call_id=call_id,
            caller_path=f"{call_id}.caller.wav",
            agent_path=f"{call_id}.agent.wav",
            state=RecordingState.TRANSCRIBED,
            created_at=clock.now(),
        )
        session.add(recording)
        await session.flush()
        session.add(
            TranscriptTable(
                recording_id=recording.id,
                engine="vosk",
                model="m",
                model_description="",
                seconds_taken=0.1,
                created_at=clock.now(),
                turns=[turn],
            )
        )


@pytest.mark.each_database
async def test_what_is_past_its_time_is_really_gone_and_the_rest_stays(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    await recorded(database, clock, tmp_path, "old")
    clock.advance(timedelta(days=2).total_seconds())
    await recorded(database, clock, tmp_path, "new")

    assert await delete_expired(database, tmp_path, clock, days=1) == 1

    assert waves(tmp_path) == ["new.agent.wav", "new.caller.wav"]
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(TurnTable)) == 1
        old = await session.scalar(select(RecordingTable).where(RecordingTable.call_id == "old"))
        assert old is not None
        assert old.state == RecordingState.DELETED
        assert old.error
        assert (old.caller_path, old.agent_path) == (None, None)
        topics = list(await session.scalars(select(Outbox.topic)))
    assert topics == ["recording.deleted"]
    assert await delete_expired(database, tmp_path, clock, days=1) == 0


async def test_a_file_outside_the_recordings_folder_is_never_touched(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    folder, outside = tmp_path / "recordings", tmp_path / "secret.wav"
    folder.mkdir()
    outside.write_bytes(b"RIFF")
    async with database.write() as session:
        session.add(
            RecordingTable(call_id="c", caller_path="../secret.wav", created_at=clock.now())
        )
    clock.advance(timedelta(days=3).total_seconds())
    assert await delete_expired(database, folder, clock, days=1) == 1
    assert outside.exists()


@pytest.mark.each_database
async def test_what_a_person_had_erased_goes_from_the_call_as_well(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    await recorded(database, clock, tmp_path, "theirs")
    await recorded(database, clock, tmp_path, "others")
    async with database.write() as session:
        session.add(CallTable(id="theirs", number="13800000000", started_at=clock.now()))

    await erase_call(database, tmp_path, clock, "theirs")

    assert waves(tmp_path) == ["others.agent.wav", "others.caller.wav"]
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(TurnTable)) == 1
        assert (await session.get_one(CallTable, "theirs")).number == ""
        gone = await session.scalar(
            select(RecordingTable.error).where(RecordingTable.call_id == "theirs")
        )
    assert gone == "已按本人请求删除录音和转写。"
