"""Reads recordings, trusting nothing: what is wrong is said before a recogniser sees it."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hotline.errors import HotlineError
from transcripts.recognisers.base import HIGHEST_RATE, LOWEST_RATE, Samples

_PCM, _A_LAW, _MU_LAW, _EXTENSIBLE = 1, 6, 7, 0xFFFE
_MOST_CHANNELS = 2
_FORMAT_BYTES = 16
MOST_BYTES = 1 << 30
"""A telephone call of 18 hours; more is no recording of ours."""


class AudioError(HotlineError):
    """录音文件读不了。"""

    error_id = "audio"


class AudioMissingError(AudioError):
    """找不到录音文件。"""

    error_id = "audio-missing"


class AudioFormatError(AudioError):
    """这不是可以识别的 WAV 录音（应为 16 位 PCM、A 律或 µ 律，单声道或双声道）。"""

    error_id = "audio-format"


class AudioTruncatedError(AudioError):
    """录音不完整：文件比文件头所写的短。"""

    error_id = "audio-truncated"


class AudioEmptyError(AudioError):
    """录音是空的，没有声音数据。"""

    error_id = "audio-empty"


class AudioRateError(AudioError):
    """录音的采样率不对。"""

    error_id = "audio-rate"


@dataclass(frozen=True)
class Audio:
    """Samples of one channel."""

    samples: Samples
    rate: int

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / self.rate


@dataclass(frozen=True)
class _Format:
    code: int
    channels: int
    rate: int
    bits: int

    @property
    def frame(self) -> int:
        """Bytes of one sample of all channels."""
        return self.channels * self.bits // 8


def wav(legs: Sequence[Samples], rate: int) -> bytes:
    """Write legs as one WAV file, a channel each; the shorter ones end in silence."""
    longest, width = max(len(leg) for leg in legs), len(legs) * 2
    frames = np.zeros((longest, len(legs)), dtype="<i2")
    for channel, leg in enumerate(legs):
        frames[: len(leg), channel] = leg
    size = longest * width
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 36 + size, b"WAVE", b"fmt ", _FORMAT_BYTES, _PCM, len(legs)),
        *(rate, rate * width, width, 16, b"data", size),
    )
    return head + frames.tobytes()


def read(file: Path) -> Audio:
    """Read a recording of one channel.

    Raises:
        AudioError: what is wrong with it, one subclass for each fault.
    """
    channels = read_channels(file)
    if len(channels) != 1:
        raise AudioFormatError(f"{file.name} 是双声道，这里需要单声道录音（每方一个文件）。")
    return channels[0]


def read_channels(file: Path) -> list[Audio]:
    """Read a recording, each channel apart; see :func:`read`."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise AudioFormatError(f"{file.name} 太大（超过 1 GB），不像是一次通话的录音。")
        content = file.read_bytes()
    except FileNotFoundError as error:
        raise AudioMissingError(f"找不到录音文件 {file.name}。") from error
    except OSError as error:
        raise AudioError(f"录音文件 {file.name} 读不了：{error.strerror}。") from error
    return parse(content, file.name)


def parse(content: bytes, name: str = "录音") -> list[Audio]:
    """Read the bytes of a WAV file, each channel apart; see :func:`read`."""
    if not content:
        raise AudioEmptyError(f"{name} 是空文件，没有录到声音。")
    if len(content) < 12 or content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise AudioFormatError(f"{name} 不是 WAV 文件。")
    found: _Format | None = None
    for kind, body, promised in _chunks(content):
        if kind == b"fmt ":
            found = _read_format(body, name)
        elif kind == b"data":
            if found is None:
                raise AudioFormatError(f"{name} 的文件头有误：声音数据之前没有格式说明。")
            return _channels(body, promised, found, name)
    if found is None:
        raise AudioFormatError(f"{name} 的文件头有误：没有格式说明。")
    raise AudioTruncatedError(f"{name} 不完整：只有文件头，没有声音数据。")


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    position = 12
    while position + 8 <= len(content):
        kind, size = struct.unpack_from("<4sI", content, position)
        position += 8
        yield kind, content[position : position + size], size
        position += size + size % 2


def _read_format(body: bytes, name: str) -> _Format:
    if len(body) < _FORMAT_BYTES:
        raise AudioFormatError(f"{name} 的格式说明不完整。")
    code, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if code == _EXTENSIBLE and len(body) >= 26:
        (code,) = struct.unpack_from("<H", body, 24)
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise AudioRateError(
            f"{name} 的采样率是 {rate}，应在 {LOWEST_RATE} 至 {HIGHEST_RATE} 之间。", rate=rate
        )
    wanted = {_PCM: 16, _A_LAW: 8, _MU_LAW: 8}.get(code)
    if wanted is None or bits != wanted or not 1 <= channels <= _MOST_CHANNELS:
        raise AudioFormatError(
            f"{name} 的编码不能识别（格式 {code}、{bits} 位、{channels} 声道）；"
            "应为 16 位 PCM、A 律或 µ 律，单声道或双声道。"
        )
    return _Format(code, channels, rate, bits)


def _channels(body: bytes, promised: int, found: _Format, name: str) -> list[Audio]:
    if len(body) < promised:
        raise AudioTruncatedError(
            f"{name} 不完整：应有 {promised} 字节声音，只有 {len(body)} 字节。",
            promised=promised,
            found=len(body),
        )
    if not body:
        raise AudioEmptyError(f"{name} 里没有声音数据。")
    if len(body) % found.frame:
        raise AudioTruncatedError(f"{name} 不完整：声音数据的长度不是整数个采样。")
    samples = _decode(body, found.code).reshape(-1, found.channels)
    return [
        Audio(np.ascontiguousarray(samples[:, channel]), found.rate)
        for channel in range(found.channels)
    ]


def _decode(body: bytes, code: int) -> Samples:
    decoded: Samples
    if code == _PCM:
        decoded = np.frombuffer(body, "<i2").astype(np.int16)
        return decoded
    table = _a_law_table() if code == _A_LAW else _mu_law_table()
    decoded = table[np.frombuffer(body, np.uint8)]
    return decoded


def _mu_law_table() -> Samples:
    """ITU-T G.711 µ-law: the value of each code."""
    code = ~np.arange(256, dtype=np.uint8)
    exponent, mantissa = (code >> 4 & 7).astype(int), (code & 15).astype(int)
    size = (((mantissa << 3) + 0x84) << exponent) - 0x84
    values: Samples = np.where(code & 0x80, -size, size).astype(np.int16)
    return values


def _a_law_table() -> Samples:
    """ITU-T G.711 A-law: the value of each code."""
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    exponent, mantissa = (code >> 4 & 7).astype(int), (code & 15).astype(int)
    size = (mantissa << 4) + 8 + np.where(exponent > 0, 0x100, 0)
    size <<= np.maximum(exponent - 1, 0)
    values: Samples = np.where(code & 0x80, size, -size).astype(np.int16)
    return values
