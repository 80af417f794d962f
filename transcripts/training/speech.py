"""Synthetic speech with its labels: spoken, aligned, sent over a telephone line, measured."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from hotline.voice.espeak import SAMPLE_RATE, Manner, Synthesiser
from hotline.voice.pinyin import Clause, for_synthesis
from transcripts.training import voices
from transcripts.training.alignment import Span, align
from transcripts.training.features import (
    DIMENSIONS,
    FRAME_MIDDLE,
    FRAME_SHIFT,
    RATE,
    cepstra,
)
from transcripts.training.line import TELEPHONE, Line, Signal, coloured_noise, transmit
from transcripts.training.units import Inventory

FRAMES_PER_HOUR = 360_000
_LONGEST_PAUSE = 0.6
_CLEAN_SHARE = 0.08
_NO_SPEECH_SHARE = 0.03

Labels = npt.NDArray[np.int16]


@dataclass(frozen=True)
class Spoken:
    """An utterance as the telephone gives it, and where its units are (in 8 kHz samples)."""

    samples: npt.NDArray[np.int16]
    spans: tuple[tuple[float, float, str], ...]


@dataclass(frozen=True)
class Speaking:
    """The ranges from which a speaker's manner is drawn."""

    words_per_minute: tuple[int, int] = (110, 245)
    pitch: tuple[int, int] = (10, 90)
    pitch_range: tuple[int, int] = (15, 85)
    warp: tuple[float, float] = (0.92, 1.08)
    """Speed and vocal tract together, by resampling."""


@dataclass(frozen=True)
class Frames:
    """Cepstra and, for each, the state that is heard; utterances one after the other."""

    features: npt.NDArray[np.float16]
    labels: Labels

    def save(self, file: Path) -> None:
        """Write to ``file`` (``.npz``), whole or not at all."""
        unfinished = file.with_suffix(".part.npz")
        np.savez(unfinished, features=self.features, labels=self.labels)
        unfinished.replace(file)

    @classmethod
    def load(cls, file: Path) -> Frames:
        """Read what :meth:`save` wrote."""
        with np.load(file) as stored:
            return cls(stored["features"], stored["labels"])


def manner_of(rng: np.random.Generator, names: Sequence[str], speaking: Speaking) -> Manner:
    """Draw a speaker."""
    return Manner(
        variant=str(rng.choice(np.array(names, dtype=object))),
        words_per_minute=int(rng.integers(*speaking.words_per_minute)),
        pitch=int(rng.integers(*speaking.pitch)),
        pitch_range=int(rng.integers(*speaking.pitch_range)),
    )


def utter(
    synthesiser: Synthesiser,
    read: list[Clause],
    manner: Manner,
    inventory: Inventory,
    rng: np.random.Generator,
    *,
    warp: float = 1.0,
    line: Line | None = TELEPHONE,
) -> Spoken | None:
    """Speak ``read`` with silence around it; ``None`` where it cannot be aligned."""
    said = synthesiser.speak(for_synthesis(read), manner)
    syllables = [s for clause in read for word in clause for s in word]
    spans = align(said.phonemes, len(said.samples), syllables, inventory)
    if not spans:
        return None
    voice = soxr.resample(said.samples.astype(np.float64), SAMPLE_RATE * warp, RATE)
    before, after = (int(RATE * rng.uniform(0.1, _LONGEST_PAUSE)) for _ in range(2))
    signal = np.concatenate([np.zeros(before), voice, np.zeros(after)])
    scale = RATE / (SAMPLE_RATE * warp)
    sent = transmit(signal, rng, line) if line else np.clip(np.round(signal), -32_768, 32_767)
    return Spoken(sent.astype(np.int16), tuple(_placed(spans, before, scale)))


def _placed(spans: Sequence[Span], before: int, scale: float) -> list[tuple[float, float, str]]:
    return [(before + s.start * scale, before + s.end * scale, s.unit) for s in spans]


def label(spoken: Spoken, inventory: Inventory, frames: int) -> Labels:
    """Return the state of each frame; a final's halves are its two states."""
    labels = np.zeros(frames, np.int16)
    middles = np.arange(frames) * FRAME_SHIFT + FRAME_MIDDLE
    for start, end, unit in spoken.spans:
        states = np.array(inventory.states[unit], np.int16)
        first, last = np.searchsorted(middles, [start, end])
        share = (middles[first:last] - start) / (end - start)
        labels[first:last] = states[np.minimum((share * len(states)).astype(int), len(states) - 1)]
    return labels


def no_speech(rng: np.random.Generator) -> Signal:
    """Return line noise, hum or a tone: what must not be heard as words."""
    length = int(RATE * rng.uniform(0.5, 2.5))
    time = np.arange(length) / RATE
    kind = rng.random()
    if kind < 0.5:
        signal = coloured_noise(length, rng)
    elif kind < 0.8:
        signal = sum(
            (np.sin(2 * np.pi * f * time) for f in rng.uniform(300, 1_700, 2)), np.zeros(length)
        )
    else:
        signal = np.sin(2 * np.pi * 50 * time) + 0.2 * coloured_noise(length, rng)
    return np.clip(np.round(signal * 10 ** rng.uniform(0.5, 3.3)), -32_000, 32_000)


@dataclass(frozen=True)
class Share:
    """One worker's part of the work: pure values, so that a process can be given it."""

    seed: int
    frames: int
    sentences: tuple[list[Clause], ...] = field(repr=False)
    inventory: Inventory = field(repr=False)
    speaking: Speaking = field(default_factory=Speaking)


def synthesise(share: Share) -> Frames:
    """Speak randomly chosen sentences until there are enough frames."""
    rng = np.random.default_rng(share.seed)
    features, labels, count = [], [], 0
    with Synthesiser(share.seed) as synthesiser:
        while count < share.frames:
            one = _utterance(share, synthesiser, rng)
            if one is None:
                continue
            measured, heard = one
            features.append(measured.astype(np.float16))
            labels.append(heard)
            count += len(heard)
    return Frames(np.concatenate(features), np.concatenate(labels))


def _utterance(
    share: Share, synthesiser: Synthesiser, rng: np.random.Generator
) -> tuple[npt.NDArray[np.float32], Labels] | None:
    if rng.random() < _NO_SPEECH_SHARE:
        measured = cepstra(no_speech(rng).astype(np.int16))
        return measured, np.zeros(len(measured), np.int16)
    names = voices.CORE if rng.random() < voices.CORE_SHARE else voices.MORE
    spoken = utter(
        synthesiser,
        share.sentences[int(rng.integers(len(share.sentences)))],
        manner_of(rng, names, share.speaking),
        share.inventory,
        rng,
        warp=rng.uniform(*share.speaking.warp),
        line=None if rng.random() < _CLEAN_SHARE else TELEPHONE,
    )
    if spoken is None:
        return None
    measured = cepstra(spoken.samples)
    return measured, label(spoken, share.inventory, len(measured))


def synthesise_all(
    sentences: Sequence[list[Clause]],
    inventory: Inventory,
    *,
    hours: float,
    seed: int,
    processes: int,
    told: Callable[[float], None] = lambda _: None,
) -> Frames:
    """Speak ``hours`` of speech in ``processes`` at once; the result depends on ``seed`` alone.

    Args:
        sentences: what to say, chosen from at random.
        inventory: the units to label with.
        hours: length of the speech, silence included.
        seed: of everything random.
        processes: how many work at once.
        told: is given the share done, 0 to 1.
    """
    parts = max(1, round(hours * 8))
    shares = [
        Share(seed * 1_000 + i, int(hours * FRAMES_PER_HOUR / parts), tuple(sentences), inventory)
        for i in range(parts)
    ]
    made: list[Frames] = []
    if processes == 1:
        for share in shares:
            made.append(synthesise(share))
            told(len(made) / parts)
    else:
        # Fresh processes: a fork would inherit the threads of whoever calls us.
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            for frames in pool.imap(synthesise, shares):
                made.append(frames)
                told(len(made) / parts)
    return Frames(
        np.concatenate([m.features for m in made]).reshape(-1, DIMENSIONS),
        np.concatenate([m.labels for m in made]),
    )
