"""G.711 A-law, as telephones speak it: 8 kHz, one byte a sample (ITU-T G.711)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE = 8000
_SEGMENTS = np.array([0x1F, 0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF, 0xFFF])


def encode(samples: NDArray[np.int16]) -> bytes:
    """Return A-law of 16-bit samples."""
    value = samples.astype(np.int32) >> 3
    positive = value >= 0
    size = np.where(positive, value, -value - 1)
    segment = np.searchsorted(_SEGMENTS, size)
    shift = np.maximum(segment, 1)
    code = (np.minimum(segment, 7) << 4) | ((size >> shift) & 0x0F)
    code = np.where(segment >= 8, 0x7F, code)
    encoded: NDArray[np.uint8] = (code ^ np.where(positive, 0xD5, 0x55)).astype(np.uint8)
    return encoded.tobytes()


def decode(alaw: bytes) -> NDArray[np.int16]:
    """Return 16-bit samples of A-law."""
    code = np.frombuffer(alaw, np.uint8).astype(np.int32) ^ 0x55
    segment = (code & 0x70) >> 4
    size = ((code & 0x0F) << 4) + np.where(segment > 0, 0x108, 8)
    size = size << np.maximum(segment - 1, 0)
    decoded: NDArray[np.int16] = np.where(code & 0x80, size, -size).astype(np.int16)
    return decoded
