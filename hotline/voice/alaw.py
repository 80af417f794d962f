"""A-law (ITU-T G.711), the code of speech on China's telephone lines."""

from __future__ import annotations

import numpy as np

from hotline.voice.espeak import Samples

_SEGMENT_ENDS = np.array([0x1F, 0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF, 0xFFF])
"""Largest 13-bit magnitudes of the eight segments (G.711, table 1a)."""


def encode(samples: Samples) -> bytes:
    """Return one A-law byte for each 16-bit sample."""
    linear = samples.astype(np.int32) >> 3
    mask = np.where(linear >= 0, 0xD5, 0x55)
    magnitude = np.where(linear >= 0, linear, -linear - 1)
    segment = np.minimum(np.searchsorted(_SEGMENT_ENDS, magnitude), 7)
    mantissa = (magnitude >> np.where(segment < 2, 1, segment)) & 0x0F
    return ((segment << 4 | mantissa) ^ mask).astype(np.uint8).tobytes()
