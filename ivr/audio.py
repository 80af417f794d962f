"""Recordings of prompts: read and checked, brought to what Asterisk plays."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from hotline.errors import HotlineError
from hotline.voice import TELEPHONE_RATE, Samples

LONGEST = 90.0
"""Seconds: a longer prompt is a wrong file, or nobody listens to the end."""
SHORTEST = 0.15
QUIETEST = 0.02
"""Smallest peak, of 1: below it the caller hears nothing."""


class RecordingError(HotlineError):
    """录音文件不能用。"""

    error_id = "prompt-recording"


def read_recording(file: Path) -> Samples:
    """Read a WAV file of any rate, mono or stereo, as 8 kHz mono samples.

    Raises:
        RecordingError: it is no PCM WAV, cut short, silent, or of an unlikely length.
    """
    frames, rate, channels, width = _read(file)
    values = _decode(frames, width).reshape(-1, channels).mean(axis=1)
    seconds = len(values) / rate
    if not SHORTEST <= seconds <= LONGEST:
        raise RecordingError(
            f"{file}：录音长 {seconds:.1f} 秒，应在 {SHORTEST} 秒到 {LONGEST:.0f} 秒之间"
        )
    if float(np.abs(values).max()) < QUIETEST:
        raise RecordingError(f"{file}：录音几乎没有声音，请重录")
    resampled = soxr.resample(values.astype(np.float32), rate, TELEPHONE_RATE)
    samples: Samples = np.clip(np.round(resampled * 32_767), -32_768, 32_767).astype(np.int16)
    return samples


def _read(file: Path) -> tuple[bytes, int, int, int]:
    try:
        with wave.open(str(file), "rb") as opened:
            rate, channels, width = (
                opened.getframerate(),
                opened.getnchannels(),
                opened.getsampwidth(),
            )
            expected = opened.getnframes() * channels * width
            frames = opened.readframes(opened.getnframes())
    except (wave.Error, EOFError) as error:
        raise RecordingError(
            f"{file}：不是能读的 WAV 录音（{error}），请另存为 16 位 PCM 的 WAV"
        ) from error
    except OSError as error:
        raise RecordingError(f"{file}：读不了这个文件：{error.strerror}") from error
    if not (4_000 <= rate <= 192_000 and channels in {1, 2} and width in {1, 2, 3, 4}):
        raise RecordingError(
            f"{file}：采样率 {rate}、{channels} 声道、{width * 8} 位的录音不能用，"
            "请另存为 8000 到 48000 赫兹、16 位的 WAV"
        )
    if len(frames) < expected or not frames:
        raise RecordingError(f"{file}：录音文件不完整，请重新拷贝")
    return frames, rate, channels, width


def _decode(frames: bytes, width: int) -> npt.NDArray[np.float64]:
    """Return samples from -1 to 1. 8 bits are unsigned in WAV, the others signed."""
    if width == 1:
        return (np.frombuffer(frames, np.uint8).astype(np.float64) - 128) / 128
    if width == 3:
        low = np.frombuffer(frames, np.uint8).reshape(-1, 3)
        padded = np.zeros((len(low), 4), np.uint8)
        padded[:, 1:] = low
        return padded.view("<i4")[:, 0].astype(np.float64) / 2.0**31
    whole = np.frombuffer(frames, f"<i{width}").astype(np.float64)
    return whole / float(2 ** (8 * width - 1))
