"""Writes a talk as Asterisk does while it goes on, and measures how soon it is known."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hotline.demo.scripts import Line
from hotline.demo.speech import GAP_SECONDS, LEAD_SECONDS
from hotline.store import Database, follow
from hotline.voice import TELEPHONE_RATE, Manner, Samples, say
from transcripts.live.tap import Found
from transcripts.turns import Leg

ASTERISKS_BUFFER = 32_768
_TIMES = 6
"""48,000 samples a second of 8,000."""
_MANNERS = {
    Leg.AGENT: Manner(words_per_minute=190),
    Leg.CALLER: Manner("Annie", words_per_minute=190),
}


@dataclass(frozen=True)
class Talk:
    """Both legs of a scripted talk, and when each line of it ends."""

    legs: Mapping[Leg, Samples]
    ends: tuple[float, ...]

    @property
    def seconds(self) -> float:
        return len(self.legs[Leg.AGENT]) / TELEPHONE_RATE


def speak(lines: Sequence[Line]) -> Talk:
    parts: dict[Leg, list[Samples]] = {leg: [_silence(LEAD_SECONDS)] for leg in Leg}
    ends, length = [], LEAD_SECONDS
    for line in lines:
        said = say(line.say, _MANNERS[Leg(line.who)])
        for leg, track in parts.items():
            track += [said if leg == line.who else np.zeros_like(said), _silence(GAP_SECONDS)]
        ends.append(length + len(said) / TELEPHONE_RATE)
        length = ends[-1] + GAP_SECONDS
    tail = _silence(1.5)
    return Talk({leg: np.concatenate([*track, tail]) for leg, track in parts.items()}, tuple(ends))


def _silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * TELEPHONE_RATE), np.int16)


async def write(found: Found, talk: Talk) -> float:
    """Write both files block by block in real time; return when the talk began."""
    found.folder.mkdir(parents=True, exist_ok=True)
    contents = {leg: np.repeat(samples, _TIMES).tobytes() for leg, samples in talk.legs.items()}
    files = {leg: found.file(leg).open("wb", buffering=0) for leg in Leg}
    begun = time.time()
    size, rate = len(contents[Leg.AGENT]), 2 * _TIMES * TELEPHONE_RATE
    for start in range(0, size, ASTERISKS_BUFFER):
        # A block is written when its last sample was spoken.
        due = begun + min(size, start + ASTERISKS_BUFFER) / rate
        await asyncio.sleep(max(0.0, due - time.time()))
        for leg, file in files.items():
            file.write(contents[leg][start : start + ASTERISKS_BUFFER])
    for file in files.values():
        file.close()
    return begun


@dataclass
class Told:
    """What the outbox told, each with the moment at which it could be read."""

    words: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    hints: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    async def follow(self, database: Database) -> None:
        async for row in follow(database, 0, ("live.",)):
            kind = self.words if row.topic == "live.words" else self.hints
            kind.append((time.time(), row.payload))

    def said(self, leg: Leg, call_id: str) -> str:
        return "".join(
            turn["text"]
            for _, told in self.words
            if told["call_id"] == call_id
            for turn in told["turns"]
            if turn["leg"] == leg
        )

    def delays(
        self, call_id: str, begun: float, ended: Sequence[tuple[Leg, str, float]]
    ) -> list[float]:
        """Return for each word (leg, text, second at which it ended) how much later it was told."""
        found = []
        for leg in Leg:
            finished, events = "", []
            for at, told in self.words:
                if told["call_id"] != call_id:
                    continue
                finished += "".join(t["text"] for t in told["turns"] if t["leg"] == leg)
                events.append((at, len(finished) + len(told["running"].get(leg, ""))))
            count = 0
            for who, text, end in ended:
                if who != leg:
                    continue
                count += len(text)
                told_at = next((at for at, known in events if known >= count), None)
                if told_at is not None:
                    found.append(told_at - begun - end)
        return found


def hinted(told: Told, key: str) -> float:
    """Return when a hint was told first."""
    return next(at for at, row in told.hints if key in row["keys"])


def recordings_of(home: Path) -> Path:
    return home / "recordings"
