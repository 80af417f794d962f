"""Sounds that resemble no other, and whether somebody heard or a file holds one."""

from __future__ import annotations

import asyncio

import numpy as np
from numpy.typing import NDArray

from hotline.sipp import Ringing, alaw


def voice(seed: int, seconds: float = 0.6) -> NDArray[np.int16]:
    """A sound of the width of speech that resembles no other and itself at one place only."""
    count = int(seconds * alaw.RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=count))
    frequencies = np.fft.rfftfreq(count, 1 / alaw.RATE)
    spectrum[(frequencies < 300) | (frequencies > 3000)] = 0
    samples = np.fft.irfft(spectrum, count)
    return (samples / np.abs(samples).max() * 12000).astype(np.int16)


CALLER, LAWYER, THIRD, SUPERVISOR, GREETING, LOST = map(voice, range(6))
PART = 1600
"""Sounds are looked for in parts of 0.2 s: a machine that is busy slips a frame now and then, and
what was said then resembles itself by 0.4 and more; what was not, by less than 0.15."""


def likeness(heard: NDArray[np.int16], said: NDArray[np.int16]) -> float:
    """The correlation of the parts of ``said`` with ``heard`` where it fits best; the median."""
    parts = [said[n : n + PART] for n in range(0, len(said) - PART + 1, PART)] or [said]
    return float(np.median([_likeness(heard, part) for part in parts]))


def _likeness(heard: NDArray[np.int16], said: NDArray[np.int16]) -> float:
    one, two = heard.astype(float), said.astype(float)
    if len(one) < len(two):
        return 0.0
    size = 1 << (len(one) + len(two) - 1).bit_length()
    products = np.fft.irfft(np.fft.rfft(one, size) * np.fft.rfft(two[::-1], size), size)
    products = products[len(two) - 1 : len(one)]
    sums = np.concatenate(([0.0], np.cumsum(one**2)))
    powers = sums[len(two) :] - sums[: -len(two)]
    # Near silence everything resembles everything.
    scales = np.sqrt(np.maximum(powers, len(two) * 30.0**2)) * np.linalg.norm(two)
    return float(np.max(np.abs(products) / scales))


class HalfHeardError(AssertionError):
    """A sound is neither there nor not."""


async def is_in(heard: NDArray[np.int16], said: NDArray[np.int16]) -> bool:
    """Whether what was heard or recorded holds what was said; fails where it is neither."""
    # Aside: who computes here would keep everybody's sound waiting.
    like = await asyncio.to_thread(likeness, heard, said)
    if 0.2 <= like <= 0.3:
        raise HalfHeardError(f"neither there nor not: {like:.2f}")
    return like > 0.3


async def heard_by(
    speaker: Ringing, sound: NDArray[np.int16], *listeners: Ringing
) -> tuple[bool, ...]:
    """Let somebody say something; who of the others heard it. What was half heard is said again."""
    try:
        return await _heard_by(speaker, sound, *listeners)
    except HalfHeardError:
        return await _heard_by(speaker, sound, *listeners)


async def _heard_by(
    speaker: Ringing, sound: NDArray[np.int16], *listeners: Ringing
) -> tuple[bool, ...]:
    before = [len(one.heard) for one in listeners]
    await speaker.speak(alaw.encode(sound))
    await asyncio.sleep(0.4)
    found = []
    for one, start in zip(listeners, before, strict=True):
        found.append(await is_in(alaw.decode(one.heard[start:]), sound))
    return tuple(found)


def sounding(heard: bytes) -> float:
    """How loud it was, as the root of the mean square."""
    samples = alaw.decode(heard).astype(float)
    return float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0
