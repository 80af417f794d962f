"""Follows a talk's sound while Asterisk is still writing it.

Asterisk writes files through a buffer of 32,768 bytes: a WAV file of a telephone leg grows only
every 2.05 seconds. The same buffer is full every 0.34 seconds at 48 kHz, therefore the dialplan
writes each talk a second time for us alone, as bare samples at that rate (``[record]`` of
``extensions.conf``), while somebody listens, and the files are deleted with the talk. The samples
between the telephone's own 8,000 a second were made by Asterisk and are dropped again.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from transcripts.recognisers import Samples
from transcripts.turns import Leg

SUFFIX = ".sln48"
RATE = 8_000
_EVERY = 6
"""48,000 samples a second are written, every sixth was spoken."""
_BYTES = 2 * _EVERY
_LONGEST = 5.0
"""Seconds read at once: a talk that is behind must not hold up the others."""
FOLDER, LISTENING = "live", "listening"
"""Below the recordings: the folder, and the file whose time tells the dialplan that we listen."""

_NAME = re.compile(r"^(?P<call>[0-9.]{1,40})-(?P<take>[0-9a-z]{1,8})\.agent\.sln48$")


@dataclass(frozen=True)
class Found:
    """A talk that is being written: the call, and which of its talks (a call may be passed on)."""

    call_id: str
    take: str
    folder: Path

    def file(self, leg: Leg) -> Path:
        """Return where a leg is written."""
        return self.folder / f"{self.call_id}-{self.take}.{leg}{SUFFIX}"

    @property
    def key(self) -> str:
        """What tells it from all other talks."""
        return f"{self.call_id}-{self.take}"

    def delete(self) -> None:
        """Delete both files; Asterisk may hold them open a moment longer."""
        for leg in Leg:
            self.file(leg).unlink(missing_ok=True)


def look(recordings: Path) -> Iterator[Found]:
    """Yield the talks that are being written below the recordings' folder."""
    folder = recordings / FOLDER
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            match = _NAME.match(entry.name)
            if match:
                yield Found(match["call"], match["take"], folder)


def listen(recordings: Path) -> None:
    """Tell the dialplan that somebody listens; it asks how long ago that was told."""
    folder = recordings / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / LISTENING).touch()


def stop_listening(recordings: Path) -> None:
    """Tell the dialplan that nobody listens any more."""
    (recordings / FOLDER / LISTENING).unlink(missing_ok=True)


class Tap:
    """One leg's growing file."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("rb", buffering=0)
        self._taken = 0

    def claim(self) -> bool:
        """Take the talk for this process alone; False where another listens to it already."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    @property
    def waiting(self) -> float:
        """Seconds of sound that were written and not read yet."""
        size = os.fstat(self._file.fileno()).st_size
        return (size // _BYTES - self._taken) / RATE

    @property
    def heard(self) -> float:
        """Seconds of sound that were read."""
        return self._taken / RATE

    def read(self) -> Samples:
        """Return what was written since, at most some seconds of it; empty where nothing was."""
        count = min(int(self.waiting * RATE), int(_LONGEST * RATE))
        content = os.pread(self._file.fileno(), count * _BYTES, self._taken * _BYTES)
        whole = len(content) // _BYTES
        self._taken += whole
        return np.frombuffer(content[: whole * _BYTES], "<i2")[::_EVERY]

    def close(self) -> None:
        """Let the file go, and the claim with it."""
        self._file.close()
