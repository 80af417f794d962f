"""The two sides of a scripted conversation as sound, aligned on one time axis.

Each side's track is silent while the other speaks, so that both can start when the call is
answered and neither needs to listen.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from hotline.demo.scripts import Conversation
from hotline.voice import TELEPHONE_RATE, Manner, Samples, say
from hotline.voice.alaw import encode

GAP_SECONDS = 0.7
"""Between two turns, as people leave it."""
LEAD_SECONDS = 0.8
"""After the answer, before the first word."""

_SIDES = {"agent": Manner(words_per_minute=190), "caller": Manner("Annie", words_per_minute=190)}


@dataclass(frozen=True)
class Tracks:
    """Files of one conversation (raw A-law, 8 kHz): what the lawyer and the caller send."""

    agent: Path
    caller: Path
    seconds: float


def render(conversation: Conversation, folder: Path) -> Tracks:
    """Speak ``conversation`` into ``folder``; what is there already is kept.

    A file's name tells what is said in it, so that a changed script is spoken anew.
    """
    said = repr((conversation.lines, GAP_SECONDS, LEAD_SECONDS, _SIDES))
    stem = f"{conversation.id}-{sha256(said.encode()).hexdigest()[:12]}"
    files = {side: folder / f"{stem}.{side}.al" for side in _SIDES}
    if not all(file.exists() for file in files.values()):
        folder.mkdir(parents=True, exist_ok=True)
        for side, samples in _sides(conversation).items():
            unfinished = files[side].with_suffix(".part")
            unfinished.write_bytes(encode(samples))
            unfinished.replace(files[side])
    return Tracks(**files, seconds=files["caller"].stat().st_size / TELEPHONE_RATE)


def _sides(conversation: Conversation) -> dict[str, Samples]:
    parts: dict[str, list[Samples]] = {"agent": [], "caller": []}

    def lengthen(speaker: str, samples: Samples) -> None:
        for side, track in parts.items():
            track.append(samples if side == speaker else np.zeros_like(samples))

    lengthen("", _silence(LEAD_SECONDS))
    for line in conversation.lines:
        lengthen(line.who, say(line.say, _SIDES[line.who]))
        lengthen("", _silence(GAP_SECONDS))
    return {side: np.concatenate(track) for side, track in parts.items()}


def _silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * TELEPHONE_RATE), np.int16)
