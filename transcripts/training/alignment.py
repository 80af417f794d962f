"""Which state is heard when: espeak-ng's phoneme events laid over the units that were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hotline.voice.espeak import SAMPLE_RATE, Phoneme
from transcripts.training.units import CONSONANTS, NASALS, Inventory, plain

CLOSURE_SECONDS = 0.06
"""A shorter gap before a consonant is the stop's own closure and belongs to the consonant."""


@dataclass(frozen=True)
class Span:
    """A unit from one sample to another, at espeak-ng's rate."""

    start: int
    end: int
    unit: str


class _Reader:
    """Walks over the phonemes, keeping the last silence in case it was a closure."""

    def __init__(self, phonemes: Sequence[Phoneme], end: int) -> None:
        self._phonemes = phonemes
        self._end = end
        self._position = 0
        self.silence_start: int | None = None

    def skip_silence(self) -> None:
        self.silence_start = None
        while self._position < len(self._phonemes) and self._phonemes[self._position].silent:
            if self.silence_start is None:
                self.silence_start = self._phonemes[self._position].sample
            self._position += 1

    @property
    def name(self) -> str:
        """The phoneme here; empty where there is none or a pause."""
        if self._position >= len(self._phonemes) or self._phonemes[self._position].silent:
            return ""
        return plain(self._phonemes[self._position])

    @property
    def sample(self) -> int:
        if self._position < len(self._phonemes):
            return self._phonemes[self._position].sample
        return self._end

    def step(self) -> None:
        self._position += 1


def align(
    phonemes: Sequence[Phoneme], length: int, syllables: Sequence[str], inventory: Inventory
) -> tuple[Span, ...] | None:
    """Return where each unit of ``syllables`` is in an utterance of ``length`` samples.

    ``None`` where espeak-ng said something else (a syllable spelled out in English).
    """
    reader = _Reader(phonemes, length)
    spans: list[Span] = []
    for syllable in syllables:
        units = inventory.syllables.get(syllable[:-1])
        if units is None:
            return None
        reader.skip_silence()
        begin = reader.sample
        names = units.names(syllable[-1])
        if units.initial:
            if reader.name != units.initial:
                return None
            gap = reader.silence_start
            if gap is not None and begin - gap < CLOSURE_SECONDS * SAMPLE_RATE:
                begin = gap
            reader.step()
            spans.append(Span(begin, reader.sample, names[0]))
            begin = reader.sample
        while reader.name in CONSONANTS:  # glides
            reader.step()
        if not reader.name:
            return None
        reader.step()
        if units.final.rpartition("~")[2] in NASALS and reader.name in NASALS:
            reader.step()
        spans.append(Span(begin, reader.sample, names[-1]))
    reader.skip_silence()
    return tuple(spans) if not reader.name else None
