"""The files of a recorded talk: whether they are there, closed and whole."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

_HEADER = 44
_BYTES_PER_SECOND = 8000 * 2


@dataclass(frozen=True)
class Legs:
    """Both legs of one talk, as files below the recordings folder."""

    caller: str
    agent: str
    seconds: float


def legs(folder: Path, call_id: str) -> Legs | None:
    """Return the legs of a call's last talk once Asterisk has closed them, else ``None``.

    A WAV's header tells its length only when the file is closed.
    """
    closed = []
    for agent in folder.glob(f"{call_id}-*.agent.wav"):
        caller = agent.with_name(agent.name.removesuffix(".agent.wav") + ".caller.wav")
        seconds = min(_closed_seconds(agent), _closed_seconds(caller))
        if seconds < 0:
            return None
        closed.append((agent.stat().st_mtime, Legs(caller.name, agent.name, seconds)))
    return max(closed, key=lambda one: one[0])[1] if closed else None


def message_seconds(folder: Path, name: str) -> float:
    """Return the length of a caller's message, 0 where there is none."""
    return max(0.0, _closed_seconds(folder / name))


def _closed_seconds(file: Path) -> float:
    try:
        with file.open("rb") as source:
            header = source.read(_HEADER)
        size = file.stat().st_size
    except OSError:
        return -1.0
    if len(header) < _HEADER or header[:4] != b"RIFF":
        return -1.0
    told = int(struct.unpack("<I", header[40:44])[0])
    return told / _BYTES_PER_SECOND if told == size - _HEADER else -1.0
