"""What a waiting caller hears: soft plucked tones, made here, so there is no licence to mind.

Not silence (a caller would hang up), not a melody that gnaws after the tenth time: slow notes of
the pentatonic scale with long decays, quiet, and a loop without a seam.
"""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 8000
_BEAT = 0.75
_GONG, _SHANG, _JUE, _ZHI, _YU = 261.63, 293.66, 329.63, 392.00, 440.00
_NOTES: tuple[float | None, ...] = (
    *(_GONG, None, _ZHI, None, _YU, _ZHI, None, None),
    *(_JUE, None, _ZHI, None, _SHANG, _GONG, None, None),
    *(_YU / 2, None, _GONG, _SHANG, _JUE, None, None, None),
    *(_ZHI / 2, None, _SHANG, None, _GONG, None, None, None),
)
_PEAK = 0.14
"""About -17 dBFS: well below speech, so that an announcement stands out."""


def samples() -> NDArray[np.int16]:
    """Return one loop, 24 s of 8 kHz mono."""
    length = round(len(_NOTES) * _BEAT * RATE)
    mix = np.zeros(length)
    for position, note in enumerate(_NOTES):
        if note is not None:
            _pluck(mix, round(position * _BEAT * RATE), note)
            _pluck(mix, round(position * _BEAT * RATE), note / 2, 0.4)
    mix *= _PEAK / np.abs(mix).max()
    return (mix * 32767).astype(np.int16)


def _pluck(mix: NDArray[np.float64], start: int, frequency: float, loudness: float = 1.0) -> None:
    seconds = np.arange(int(3.2 * RATE)) / RATE
    tone = sum(
        share * np.sin(2 * np.pi * frequency * partial * seconds) * np.exp(-seconds * partial * 1.1)
        for partial, share in ((1, 1.0), (2, 0.35), (3, 0.12))
    )
    attack = np.minimum(1.0, seconds / 0.02)
    fade = np.clip((3.2 - seconds) / 0.4, 0.0, 1.0)
    # What rings past the end comes in at the beginning: no seam.
    places = (start + np.arange(len(seconds))) % len(mix)
    mix[places] += tone * attack * fade * loudness


def ensure(folder: Path) -> Path:
    """Write the loop as ``hold.wav`` where the folder has no music of its own."""
    file = folder / "hold.wav"
    if not any(folder.glob("*.*")):
        _write(file, samples())
    return file


def warning() -> NDArray[np.int16]:
    """Return two short notes, 0.5 s of 8 kHz mono: what a person hears whose talk is long."""
    seconds = np.arange(int(0.18 * RATE)) / RATE
    note = np.sin(2 * np.pi * 1400 * seconds) * np.clip((0.18 - seconds) / 0.02, 0.0, 1.0)
    mix = np.concatenate((note, np.zeros(int(0.14 * RATE)), note)) * 0.25
    return (mix * 32767).astype(np.int16)


def ensure_warning(folder: Path) -> Path:
    """Write the warning as ``warning.wav`` where there is none; a bureau's own stays."""
    file = folder / "warning.wav"
    if not file.exists():
        _write(file, warning())
    return file


def _write(file: Path, sound: NDArray[np.int16]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(sound.tobytes())
