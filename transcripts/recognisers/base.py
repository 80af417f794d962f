"""What an engine takes and gives. Times are seconds from the first sample of its leg."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from hotline.errors import HotlineError

Samples = npt.NDArray[np.int16]
"""Mono, 16 bits, one leg of a call."""

LOWEST_RATE, HIGHEST_RATE = 8_000, 48_000


class RecogniserError(HotlineError):
    """语音识别失败，请检查识别模型。"""

    error_id = "recogniser"


class SampleRateError(RecogniserError):
    """录音的采样率不在 8000 至 48000 之间，无法识别。"""

    error_id = "sample-rate"


@dataclass(frozen=True)
class Word:
    """A word as the engine heard it; ``confidence`` 0 to 1, ``None`` where it gives none."""

    text: str
    start: float
    end: float
    confidence: float | None


@dataclass(frozen=True)
class Segment:
    """A stretch of speech between pauses; ``text`` has no spaces."""

    start: float
    end: float
    text: str
    words: tuple[Word, ...]

    @classmethod
    def of(cls, words: tuple[Word, ...]) -> Segment:
        """Join words that follow each other."""
        return cls(words[0].start, words[-1].end, "".join(w.text for w in words), words)

    @property
    def confidence(self) -> float | None:
        """Mean confidence of the characters; ``None`` where the engine gives none."""
        known = [(w.confidence, len(w.text)) for w in self.words if w.confidence is not None]
        length = sum(size for _, size in known)
        return sum(c * size for c, size in known) / length if length else None


@dataclass(frozen=True)
class Heard:
    """What a stream heard since it was last fed."""

    finished: tuple[Segment, ...] = ()
    """Segments that will not change any more."""
    running: Segment | None = None
    """What is being said now; it may still change. Its words have no confidence, and their times
    are estimates until the segment is finished."""


@dataclass(frozen=True)
class ModelCard:
    """Which model wrote a text: stored with each transcript and shown on the page."""

    engine: str
    name: str
    description: str
    rate: int
    """Samples per second that the model itself works at."""
    demonstration: bool = False
    """Whether it is the shipped one, which knows synthetic voices only."""


class Stream(Protocol):
    """One leg of a running call. Use it from one thread at a time, and never again after."""

    def feed(self, samples: Samples) -> Heard:
        """Take what was just said, of any length (0.2 s serves live captions)."""
        ...

    def take(self, samples: Samples) -> list[Segment]:
        """Take what was just said and return what it finished; cheaper than :meth:`feed`."""
        ...

    def finish(self) -> Heard:
        """End the leg and return what was still open."""
        ...


class Recogniser(Protocol):
    """An engine with its model loaded; may be used from several threads."""

    @property
    def card(self) -> ModelCard:
        """Which model it is."""
        ...

    def transcribe(self, samples: Samples, rate: int) -> list[Segment]:
        """Return what is said in a whole leg.

        Raises:
            SampleRateError: ``rate`` is out of bounds.
        """
        ...

    def stream(self, rate: int) -> Stream:
        """Begin to listen to a leg.

        Raises:
            SampleRateError: ``rate`` is out of bounds.
        """
        ...


def check_rate(rate: int) -> None:
    """Refuse a rate that an engine would hang on (0) or turn into garbage.

    Raises:
        SampleRateError: it is out of bounds.
    """
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise SampleRateError(
            f"录音的采样率是 {rate}，应在 {LOWEST_RATE} 至 {HIGHEST_RATE} 之间。", rate=rate
        )
