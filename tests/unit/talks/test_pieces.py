"""Recordings of a talk that changed hands."""

from __future__ import annotations

import os
import wave
from pathlib import Path

from hotline.talks.pieces import Whole, free_name, whole

CALL = "17.1"


def record(folder: Path, name: str, seconds: float, ended: float, value: int = 1) -> None:
    for side in ("agent", "caller"):
        file = folder / f"{name}.{side}.wav"
        with wave.open(str(file), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(8000)
            out.writeframes(value.to_bytes(2, "little") * int(seconds * 8000))
        os.utime(file, (ended, ended))


def left(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


async def test_one_hand_one_recording_that_nobody_touches(tmp_path: Path) -> None:
    record(tmp_path, f"{CALL}-1", 2, 100)
    found = await whole(tmp_path, CALL)
    assert found is not None
    assert not isinstance(found, Whole)
    assert found.agent == f"{CALL}-1.agent.wav"


async def test_pieces_become_one_in_the_order_of_time(tmp_path: Path) -> None:
    record(tmp_path, f"{CALL}-1", 2, 100, value=1)
    record(tmp_path, f"{CALL}-c1", 3, 103.5, value=2)
    record(tmp_path, f"{CALL}-3", 1, 200, value=3)
    found = await whole(tmp_path, CALL)
    assert isinstance(found, Whole)
    assert [(p.name[-2:], p.starts, p.seconds) for p in found.pieces] == [
        ("-1", 0.0, 2.0),
        ("c1", 2.5, 3.0),
        ("-3", 6.5, 1.0),
    ]
    assert found.seconds == 7.5
    assert left(tmp_path) == [f"{CALL}-all.agent.wav", f"{CALL}-all.caller.wav"]
    assert found.caller is not None
    with wave.open(str(tmp_path / found.caller)) as sound:
        frames = sound.readframes(sound.getnframes())
    at = [frames[2 * int(8000 * second)] for second in (1.0, 2.25, 3.0, 6.0, 7.0)]
    assert at == [1, 0, 2, 0, 3]


async def test_a_piece_that_is_still_written_is_waited_for(tmp_path: Path) -> None:
    record(tmp_path, f"{CALL}-1", 2, 100)
    record(tmp_path, f"{CALL}-2", 2, 110)
    with (tmp_path / f"{CALL}-1.caller.wav").open("ab") as more:
        more.write(bytes(100))
    assert await whole(tmp_path, CALL) is None


def test_a_piece_takes_no_other_pieces_name(tmp_path: Path) -> None:
    assert free_name(tmp_path, CALL) == f"{CALL}-c1"
    record(tmp_path, f"{CALL}-c1", 1, 1)
    assert free_name(tmp_path, CALL) == f"{CALL}-c2"
