"""Say a Chinese sentence at the rate that the listener wants: prompts and the demo's callers."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import numpy as np
import soxr

from hotline.voice.espeak import SAMPLE_RATE, Manner, Samples, SpeechSynthesisError, Synthesiser
from hotline.voice.pinyin import clauses, for_synthesis

TELEPHONE_RATE = 8_000
_PEAK = 0.6 * 32_767
"""Loudest sample: room for the µ-law or A-law of the line without clipping."""


def say(text: str, manner: Manner | None = None, *, rate: int = TELEPHONE_RATE) -> Samples:
    """Speak ``text`` (Chinese; figures and letters are read out) and return mono samples.

    The same arguments give the same samples, on every call.

    Args:
        text: what to say.
        manner: voice, speed and pitch.
        rate: samples per second wanted.

    Raises:
        SpeechSynthesisError: there is nothing to say, or no such voice.
    """
    read = clauses(text)
    if not read:
        raise SpeechSynthesisError(f"这段文字里没有可以读出来的内容：{text!r}")
    with Synthesiser() as synthesiser:
        utterance = synthesiser.speak(for_synthesis(read), manner or Manner())
    return _at(utterance.samples, rate)


def say_as_written(text: str, voice: str, *, rate: int = TELEPHONE_RATE) -> Samples:
    """Speak ``text`` with another of espeak-ng's voices (``en-us``), which reads it itself.

    Raises:
        SpeechSynthesisError: there is no such voice, or it finds nothing to say.
    """
    with Synthesiser() as synthesiser:
        utterance = synthesiser.speak(text, Manner(voice=voice))
    if not utterance.samples.size:
        raise SpeechSynthesisError(f"这段文字里没有可以读出来的内容：{text!r}")
    return _at(utterance.samples, rate)


def _at(samples: Samples, rate: int) -> Samples:
    resampled = soxr.resample(samples.astype(np.float32), SAMPLE_RATE, rate)
    peak = float(np.abs(resampled).max(initial=0.0))
    scale = _PEAK / peak if peak > 0 else 1.0
    scaled: Samples = np.round(resampled * scale).astype(np.int16)
    return scaled


def wav_bytes(samples: Samples, rate: int = TELEPHONE_RATE) -> bytes:
    """Return a WAV file (mono, 16 bits) of ``samples``."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return buffer.getvalue()


def write_wav(path: Path, samples: Samples, rate: int = TELEPHONE_RATE) -> None:
    """Write ``samples`` as a WAV file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(wav_bytes(samples, rate))
    unfinished.replace(path)
