"""A call without personal data: text with marks in its place, audio silent where it was said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from transcripts.audio import Audio
from transcripts.recognisers.base import Samples
from transcripts.redaction.audio import silence
from transcripts.redaction.turns import Spoken, redact_turns, spans_to_silence

LEG_WORDS = {"caller": "来电人", "agent": "接听人"}


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word with its time."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class HeardTurn:
    """A turn of a kept transcript."""

    leg: str
    start: float
    end: float
    text: str
    words: tuple[HeardWord, ...]


def heard(
    leg: str, start: float, end: float, text: str, words: Iterable[Mapping[str, Any]]
) -> HeardTurn:
    """Take a turn from the columns of its row."""
    return HeardTurn(
        leg,
        start,
        end,
        text,
        tuple(HeardWord(str(w["text"]), float(w["start"]), float(w["end"])) for w in words),
    )


def text_of(turns: Sequence[Spoken]) -> str:
    """Return a transcript to read, one line a turn."""
    return "".join(
        f"{_clock(turn.start)} {LEG_WORDS.get(turn.leg, turn.leg)}　{turn.text}\n"
        for turn in redact_turns(turns)
    )


def audio_of(legs: Mapping[str, Audio], turns: Sequence[Spoken]) -> dict[str, Samples]:
    """Return each leg's sound, silent where either side says personal data.

    A leg may carry the other side softly (an echo), so both are silenced.
    """
    spans = [span for leg in LEG_WORDS for span in spans_to_silence(turns, leg)]
    return {leg: silence(audio.samples, audio.rate, spans) for leg, audio in legs.items()}


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02}:{int(seconds) % 60:02}"
