from __future__ import annotations

import os
import wave
from pathlib import Path

from hotline.calls.recordings import Legs, legs, message, message_seconds, remains


def record(file: Path, seconds: float) -> None:
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(int(seconds * 16000)))


def test_the_legs_of_the_last_talk_are_found(tmp_path: Path) -> None:
    for n in (1, 2):
        record(tmp_path / f"17.1-{n}.agent.wav", n)
        record(tmp_path / f"17.1-{n}.caller.wav", n)
        os.utime(tmp_path / f"17.1-{n}.agent.wav", (n, n))
    found = legs(tmp_path, "17.1")
    assert found is not None
    assert (found.agent, found.caller, found.seconds) == (
        "17.1-2.agent.wav",
        "17.1-2.caller.wav",
        2.0,
    )


def test_a_file_that_is_still_written_is_waited_for(tmp_path: Path) -> None:
    record(tmp_path / "17.1-1.agent.wav", 1)
    record(tmp_path / "17.1-1.caller.wav", 1)
    with (tmp_path / "17.1-1.caller.wav").open("ab") as more:
        more.write(bytes(100))
    assert legs(tmp_path, "17.1") is None


def test_another_calls_files_are_not_taken(tmp_path: Path) -> None:
    record(tmp_path / "17.11-1.agent.wav", 1)
    record(tmp_path / "17.11-1.caller.wav", 1)
    assert legs(tmp_path, "17.1") is None


def test_the_plain_queues_talk_is_found(tmp_path: Path) -> None:
    record(tmp_path / "17.1-q.agent.wav", 3)
    record(tmp_path / "17.1-q.caller.wav", 3)
    found = legs(tmp_path, "17.1")
    assert found is not None
    assert found.seconds == 3.0


def test_an_empty_message_is_none(tmp_path: Path) -> None:
    record(tmp_path / "17.1.message.wav", 0)
    assert message_seconds(tmp_path, "17.1.message.wav") == 0.0
    assert message_seconds(tmp_path, "gone.wav") == 0.0


def test_a_message_is_a_recording_with_one_leg(tmp_path: Path) -> None:
    record(tmp_path / "17.1.message.wav", 4)
    assert message(tmp_path, "17.1.message.wav") == Legs("17.1.message.wav", None, 4.0)
    assert message(tmp_path, "gone.wav") is None


def test_of_a_recording_that_was_never_closed_the_remains_are_told(tmp_path: Path) -> None:
    assert remains(tmp_path, "17.1") is None
    (tmp_path / "17.1-1.agent.wav").write_bytes(b"RIFF")
    assert remains(tmp_path, "17.1") == Legs(None, "17.1-1.agent.wav", None)
    (tmp_path / "17.1-1.caller.wav").write_bytes(b"RIFF")
    assert remains(tmp_path, "17.1") == Legs("17.1-1.caller.wav", "17.1-1.agent.wav", None)
    (tmp_path / "17.2.message.wav").write_bytes(b"RIFF")
    assert remains(tmp_path, "17.2", "17.2.message.wav") == Legs("17.2.message.wav", None, None)
