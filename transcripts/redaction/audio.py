"""Silences seconds of audio, for recordings that leave the house."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

_FADE_SECONDS = 0.01


def silence(
    samples: NDArray[np.int16], rate: int, spans: Iterable[tuple[float, float]]
) -> NDArray[np.int16]:
    """Return a copy of mono samples that is silent in the spans (seconds), without clicks."""
    quiet = samples.copy()
    fade = max(1, int(_FADE_SECONDS * rate))
    for begin, end in spans:
        first = min(len(quiet), max(0, int(begin * rate)))
        last = min(len(quiet), max(first, int(np.ceil(end * rate))))
        head = quiet[max(0, first - fade) : first]
        head[:] = (head * np.linspace(1, 0, len(head))).astype(np.int16)
        quiet[first:last] = 0
        tail = quiet[last : last + fade]
        tail[:] = (tail * np.linspace(0, 1, len(tail))).astype(np.int16)
    return quiet
