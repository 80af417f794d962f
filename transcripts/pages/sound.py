"""A call's two legs as one stereo recording, and as pictures of their loudness.

One file means one clock: the legs cannot drift apart in the browser, whatever is muted or sought.
The caller is the left channel, the lawyer the right.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from transcripts.audio import Audio, AudioFormatError, read, wav
from transcripts.recognisers.base import Samples

KEPT = 4
"""Recordings held ready: a player asks for one piece after another."""

POINTS = 400
"""Columns of a waveform's picture."""

FINE = 1000
"""Columns of a waveform that can be drawn wider."""

WAVE_WIDTH, WAVE_HEIGHT = 1000, 44


@dataclass(frozen=True)
class Sound:
    """A recording that is ready to be played."""

    wav: bytes
    seconds: float
    waves: tuple[str, ...]
    """The outline of each channel's picture (an SVG path)."""
    peaks: tuple[tuple[float, ...], ...]
    """The loudness of each channel, 0 … 1, for a waveform that is drawn in the page."""


def load(files: tuple[Path, ...]) -> Sound:
    """Read the legs (one or two) and put them together.

    Raises:
        AudioError: a leg is missing or damaged; says which and how.
    """
    stamps = tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)
    return _load(files, stamps)


@lru_cache(maxsize=KEPT)
def _load(files: tuple[Path, ...], stamps: tuple[int, ...]) -> Sound:
    del stamps  # a recording that was written anew is another one
    legs = [read(file) for file in files]
    rate = legs[0].rate
    if any(leg.rate != rate for leg in legs):
        raise AudioFormatError("两方录音的采样率不同，不能一起播放。")
    longest = max(len(leg.samples) for leg in legs)
    return Sound(
        wav=wav([leg.samples for leg in legs], rate),
        seconds=longest / rate,
        waves=tuple(_outline(leg, longest) for leg in legs),
        peaks=tuple(tuple(round(p, 3) for p in peaks(leg.samples, longest, FINE)) for leg in legs),
    )


def _outline(leg: Audio, frames: int) -> str:
    loudness = peaks(leg.samples, frames)
    middle = WAVE_HEIGHT / 2
    step = WAVE_WIDTH / POINTS
    heights = [max(0.4, value * (middle - 1)) for value in loudness]
    above = " ".join(f"{i * step:g},{middle - h:.1f}" for i, h in enumerate(heights))
    below = " ".join(
        f"{i * step:g},{middle + h:.1f}" for i, h in reversed(list(enumerate(heights)))
    )
    return f"M{above} L{below}Z"


def peaks(samples: Samples, frames: int, points: int = POINTS) -> list[float]:
    """Return the loudness (0 … 1) of ``points`` equal pieces of ``frames`` samples.

    Scaled by the loudest pieces, quiet ones lifted, so that soft telephone speech can be seen.
    """
    padded = np.zeros(points * max(1, -(-frames // points)), dtype=np.float32)
    padded[: len(samples)] = np.abs(samples.astype(np.float32))
    columns = padded.reshape(points, -1).max(axis=1)
    top = max(float(np.percentile(columns, 97)), 400.0)
    return [float(v) for v in np.clip(columns / top, 0.0, 1.0) ** 0.75]
