"""A talk that changed hands left several recordings: they become one, in the order of time.

Who takes a talk over is recorded on their own leg, into own files (``CALL-2``, ``CALL-c1``).
Whatever comes after a recording (transcript, score, player) knows one pair of files with one
clock, so the pieces are put together and the pieces' own files go.
"""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from hotline.calls.recordings import Legs, legs

LONGEST_GAP = 1.0
"""Seconds of silence that are kept between two pieces, however long the caller waited."""
RATE = 8000
_BLOCK = RATE * 60
_SIDES = ("agent", "caller")


@dataclass(frozen=True)
class Piece:
    """One of the recordings, within the whole."""

    name: str
    starts: float
    seconds: float


@dataclass(frozen=True)
class Whole(Legs):
    """The one recording that several became."""

    pieces: tuple[Piece, ...] = ()


async def whole(folder: Path, call_id: str) -> Legs | None:
    """Return a call's recording once all of it is closed, put together where it is in pieces."""
    last = legs(folder, call_id)
    if last is None or last.agent is None:
        return last
    names = _names(folder, call_id, last.agent)
    if len(names) < 2:
        return last
    return await asyncio.to_thread(_join, folder, call_id, names)


def free_name(folder: Path, call_id: str) -> str:
    """Return a name that no piece of the call has yet."""
    number = 1
    while (folder / f"{call_id}-c{number}.agent.wav").exists():
        number += 1
    return f"{call_id}-c{number}"


def _names(folder: Path, call_id: str, last: str) -> list[str]:
    """Return the pieces' names; of a call that stayed in one hand this costs one look."""
    number = last.removeprefix(f"{call_id}-").removesuffix(".agent.wav")
    numbers = ["q"] if number.isdigit() and int(number) > 1 else []
    numbers += [str(n) for n in range(1, int(number))] if number.isdigit() else []
    names = [f"{call_id}-{n}" for n in (*numbers, number)]
    found = [name for name in names if (folder / f"{name}.agent.wav").exists()]
    part = 1
    while (folder / f"{call_id}-c{part}.agent.wav").exists():
        found.append(f"{call_id}-c{part}")
        part += 1
    return found


def _join(folder: Path, call_id: str, names: Sequence[str]) -> Whole | None:
    spans = []
    for name in names:
        lasted = seconds(folder, name)
        if lasted is None:
            return None
        ended = (folder / f"{name}.agent.wav").stat().st_mtime
        spans.append((ended - lasted, ended, name, lasted))
    spans.sort()
    pieces, at, before = [], 0.0, spans[0][0]
    for started, ended, name, lasted in spans:
        at += min(LONGEST_GAP, max(0.0, started - before))
        pieces.append(Piece(name, round(at, 3), lasted))
        at, before = at + lasted, ended
    joined = f"{call_id}-all"
    for side in _SIDES:
        _write(folder, f"{joined}.{side}.wav", side, pieces)
    for name in names:
        for side in _SIDES:
            (folder / f"{name}.{side}.wav").unlink(missing_ok=True)
    return Whole(f"{joined}.caller.wav", f"{joined}.agent.wav", at, tuple(pieces))


def seconds(folder: Path, name: str) -> float | None:
    """Return the length of a piece, ``None`` while one of its files is still written."""
    lengths = []
    for side in _SIDES:
        file = folder / f"{name}.{side}.wav"
        try:
            with wave.open(str(file), "rb") as sound:
                told = sound.getnframes()
            if told * 2 != file.stat().st_size - 44:
                return None
        except (OSError, EOFError, wave.Error):
            return None
        lengths.append(told / RATE)
    return max(lengths)


def _write(folder: Path, joined: str, side: str, pieces: Sequence[Piece]) -> None:
    """Write one side under another name first: what bears the name is whole."""
    fresh = folder / f".{joined}.part"
    with ExitStack() as stack:
        out = stack.enter_context(wave.open(str(fresh), "wb"))
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        written = 0
        for piece in pieces:
            out.writeframes(bytes(2 * max(0, round(piece.starts * RATE) - written)))
            written = max(written, round(piece.starts * RATE))
            with wave.open(str(folder / f"{piece.name}.{side}.wav"), "rb") as sound:
                while frames := sound.readframes(_BLOCK):
                    out.writeframes(frames)
                    written += len(frames) // 2
    fresh.replace(folder / joined)
