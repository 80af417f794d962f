"""The files that a call left: a talk's two legs or a message; whether they are closed and whole."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path

MOST_OFFERS = 20
"""A call that was offered more often than this and still answered has no recording found."""
_HEADER = 44
_BYTES_PER_SECOND = 8000 * 2


@dataclass(frozen=True)
class Legs:
    """The legs of one recording, as files below the recordings folder."""

    caller: str | None
    agent: str | None
    """``None`` for a message: nobody answered."""
    seconds: float | None
    """``None`` where the files are not whole."""


def legs(folder: Path, call_id: str) -> Legs | None:
    """Return the legs of a call's last talk once Asterisk has closed them, else ``None``.

    The dialplan counts offers up (``CALL-1``, ``CALL-2``, …; ``CALL-q`` is the plain queue's), so
    the names are known and the folder, which holds years, need not be searched. A WAV's header
    tells its length only when the file is closed.
    """
    found: tuple[float, Legs] | None = None
    beginning = f"{folder}/{call_id}"
    for number in ("q", *range(1, MOST_OFFERS + 1)):
        # Twenty names for each call that ends: without a Path, and an error, for each.
        if not os.access(f"{beginning}-{number}.agent.wav", os.F_OK):
            continue
        try:
            changed = os.stat(f"{beginning}-{number}.agent.wav").st_mtime  # noqa: PTH116
        except OSError:
            continue
        name = f"{call_id}-{number}"
        agent, caller = folder / f"{name}.agent.wav", folder / f"{name}.caller.wav"
        seconds = min(_closed_seconds(agent), _closed_seconds(caller))
        if seconds < 0:
            return None
        if found is None or changed >= found[0]:
            found = (changed, Legs(caller.name, agent.name, seconds))
    return found[1] if found is not None else None


def message(folder: Path, name: str) -> Legs | None:
    """Return the message of a caller once Asterisk has closed it, else ``None``."""
    seconds = _closed_seconds(folder / name)
    return Legs(name, None, seconds) if seconds >= 0 else None


def remains(folder: Path, call_id: str, message_name: str | None = None) -> Legs | None:
    """Return what there is of a recording that Asterisk never closed, ``None`` where nothing is."""
    if message_name and (folder / message_name).exists():
        return Legs(message_name, None, None)
    agents = sorted(folder.glob(f"{call_id}-*.agent.wav"), key=lambda file: file.stat().st_mtime)
    callers = sorted(folder.glob(f"{call_id}-*.caller.wav"), key=lambda file: file.stat().st_mtime)
    if not (agents or callers):
        return None
    return Legs(callers[-1].name if callers else None, agents[-1].name if agents else None, None)


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
