"""The Vosk engine. What Vosk gets wrong is set right here, so that nobody else need know.

- A rate other than the model's own gives garbage or fails: audio is resampled before.
- One big buffer never ends an utterance and makes silence slow: it is fed 0.2 s at a time.
- ``Reset()`` leaks frames into the next leg: every leg gets a recogniser of its own.
- Odd bytes, headers and rate 0 give empty text or hang: only checked samples get this far.
- ``Model(model_name=…)`` goes to the network: only a folder is ever given.
- Partial words with times come out of a lattice that lags 1.4 s behind (1.9 at worst); the plain
  partial text is 0.1 to 0.3 s behind. Live captions take that, and spread the words over the time
  since the first of them.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import soxr
import vosk

from transcripts.recognisers.base import (
    Heard,
    ModelCard,
    RecogniserError,
    Samples,
    Segment,
    Word,
    check_rate,
)

CHUNK_SECONDS = 0.2
_SECONDS_PER_CHARACTER = 0.22
"""How long a character takes that one has heard only just now."""

_NO_LOG = -1


class VoskRecogniser:
    """A Vosk model in memory."""

    def __init__(self, folder: Path, card: ModelCard) -> None:
        vosk.SetLogLevel(_NO_LOG)
        try:
            self._model = vosk.Model(str(folder))
        except Exception as error:  # Vosk raises nothing more particular
            raise RecogniserError(
                f"模型 {folder} 装载不了，可能已损坏，请重新安装（hotline model install）。"
            ) from error
        self._card = card

    @property
    def card(self) -> ModelCard:
        """Which model it is."""
        return self._card

    def transcribe(self, samples: Samples, rate: int) -> list[Segment]:
        """Return what is said in a whole leg."""
        stream = self.stream(rate)
        size = int(rate * CHUNK_SECONDS)
        segments: list[Segment] = []
        for start in range(0, len(samples), size):
            segments += stream.take(samples[start : start + size])
        return segments + list(stream.finish().finished)

    def stream(self, rate: int) -> VoskStream:
        """Begin to listen to a leg."""
        check_rate(rate)
        recogniser = vosk.KaldiRecognizer(self._model, float(self._card.rate))
        recogniser.SetWords(True)
        return VoskStream(recogniser, rate, self._card.rate)


class VoskStream:
    """One leg being listened to."""

    def __init__(self, recogniser: Any, rate: int, model_rate: int) -> None:
        self._recogniser = recogniser
        self._resampler = (
            None if rate == model_rate else soxr.ResampleStream(rate, model_rate, 1, dtype=np.int16)
        )
        self._rate = model_rate
        self._chunk = int(model_rate * CHUNK_SECONDS)
        self._finished = False
        self._taken = 0
        self._begun: float | None = None
        """When the first word of what is being said now was begun, as nearly as one can tell."""

    def feed(self, samples: Samples) -> Heard:
        """Take what was just said."""
        finished = self.take(samples)
        partial = str(json.loads(self._recogniser.PartialResult()).get("partial", ""))
        texts = [text for text in partial.split() if text not in _NOT_SPEECH]
        return Heard(tuple(finished), self._running(texts) if texts else None)

    def _running(self, texts: list[str]) -> Segment:
        now, length = self._taken / self._rate, sum(map(len, texts))
        if self._begun is None:
            self._begun = max(0.0, now - length * _SECONDS_PER_CHARACTER)
        each = (now - self._begun) / length
        words, start = [], self._begun
        for text in texts:
            words.append(Word(text, start, start + each * len(text), None))
            start = words[-1].end
        return Segment.of(tuple(words))

    def take(self, samples: Samples) -> list[Segment]:
        """Take samples and return the segments that they finished, without what is running."""
        if self._finished:
            raise RecogniserError("这一路通话已经结束，不能再识别。")
        if self._resampler is not None:
            samples = self._resampler.resample_chunk(samples)
        return self._accept(samples)

    def finish(self) -> Heard:
        """End the leg."""
        if self._finished:
            return Heard()
        finished = []
        if self._resampler is not None:
            rest = self._resampler.resample_chunk(np.zeros(0, np.int16), last=True)
            finished = self._accept(rest)
        self._finished = True
        return Heard((*finished, *_segments(self._recogniser.FinalResult())))

    def _accept(self, samples: Samples) -> list[Segment]:
        segments: list[Segment] = []
        self._taken += len(samples)
        for start in range(0, len(samples), self._chunk):
            chunk = np.ascontiguousarray(samples[start : start + self._chunk], "<i2")
            if self._recogniser.AcceptWaveform(chunk.tobytes()):
                segments += _segments(self._recogniser.Result())
                self._begun = None
        return segments


def _segments(result: str) -> list[Segment]:
    words = _words(json.loads(result).get("result", []))
    return [Segment.of(words)] if words else []


def _words(result: list[dict[str, Any]]) -> tuple[Word, ...]:
    return tuple(
        Word(
            text=str(word["word"]).replace(" ", ""),
            start=float(word["start"]),
            end=float(word["end"]),
            confidence=float(word["conf"]) if "conf" in word else None,
        )
        for word in result
        if word["word"] not in _NOT_SPEECH
    )


_NOT_SPEECH = frozenset(("[SPK]", "<UNK>", "[unk]", "<unk>", "[laughter]", "[noise]"))

_loaded: dict[Path, VoskRecogniser] = {}
_loading = threading.Lock()


def shared(folder: Path, card: ModelCard) -> VoskRecogniser:
    """Return the recogniser of ``folder``; loaded once a process, as a model may take gigabytes."""
    with _loading:
        if folder not in _loaded:
            _loaded[folder] = VoskRecogniser(folder, card)
        return _loaded[folder]
