import io
import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from transcripts.audio import (
    AudioEmptyError,
    AudioFormatError,
    AudioMissingError,
    AudioRateError,
    AudioTruncatedError,
    parse,
    read,
    read_channels,
)


def wav(
    samples: bytes, *, rate: int = 8_000, channels: int = 1, bits: int = 16, code: int = 1
) -> bytes:
    frame = channels * bits // 8
    format_ = struct.pack("<HHIIHH", code, channels, rate, rate * frame, frame, bits)
    body = b"WAVE" + b"fmt " + struct.pack("<I", len(format_)) + format_
    body += b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", len(body)) + body


TONE = (np.arange(800) % 50 * 100).astype("<i2").tobytes()


def test_a_plain_recording_is_read() -> None:
    (audio,) = parse(wav(TONE))
    assert audio.rate == 8_000
    assert audio.seconds == pytest.approx(0.1)
    assert audio.samples.tobytes() == TONE


def test_python_s_own_wave_module_agrees(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(TONE)
    (tmp_path / "a.wav").write_bytes(buffer.getvalue())
    assert read(tmp_path / "a.wav").rate == 16_000


def test_both_channels_are_read_apart_and_refused_where_one_leg_is_wanted(tmp_path: Path) -> None:
    both = np.stack([np.full(100, 7), np.full(100, -7)], axis=1).astype("<i2").tobytes()
    left, right = parse(wav(both, channels=2))
    assert set(left.samples) == {7}
    assert set(right.samples) == {-7}
    (tmp_path / "both.wav").write_bytes(wav(both, channels=2))
    assert len(read_channels(tmp_path / "both.wav")) == 2
    with pytest.raises(AudioFormatError, match="双声道"):
        read(tmp_path / "both.wav")


def test_other_chunks_are_passed_over() -> None:
    plain = wav(TONE)
    inserted = plain[:12] + b"LIST" + struct.pack("<I", 3) + b"abc\0" + plain[12:]
    assert parse(inserted)[0].samples.tobytes() == TONE


@pytest.mark.parametrize(
    ("code", "known"),
    [
        (7, {0xFF: 0, 0x00: -32_124, 0x80: 32_124, 0x7F: 0, 0xEF: 132}),
        (6, {0xD5: 8, 0x55: -8, 0xAA: 32_256, 0x2A: -32_256}),
    ],
)
def test_the_codes_of_telephone_lines_are_decoded_as_g711_says(
    code: int, known: dict[int, int]
) -> None:
    (audio,) = parse(wav(bytes(known), bits=8, code=code))
    assert list(audio.samples) == list(known.values())


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", AudioEmptyError),
        (b"not a recording at all", AudioFormatError),
        (b"RIFF\x04\0\0\0WAVE", AudioFormatError),
        (b"RIFF\x04\0\0\0AVI ....", AudioFormatError),
        (wav(TONE)[:-100], AudioTruncatedError),
        (wav(TONE)[:36], AudioTruncatedError),
        (wav(b""), AudioEmptyError),
        (wav(TONE[:-1]), AudioTruncatedError),
        (wav(TONE, rate=0), AudioRateError),
        (wav(TONE, rate=4_000), AudioRateError),
        (wav(TONE, rate=3_000_000), AudioRateError),
        (wav(TONE, bits=8), AudioFormatError),
        (wav(TONE, channels=0), AudioFormatError),
        (wav(TONE, channels=5), AudioFormatError),
        (wav(TONE, code=49), AudioFormatError),
        (b"RIFF\0\0\0\0WAVEdata\x04\0\0\0abcd", AudioFormatError),
        (b"RIFF\0\0\0\0WAVEfmt \x04\0\0\0abcd", AudioFormatError),
    ],
)
def test_what_is_wrong_is_said_before_a_recogniser_sees_it(
    content: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error, match="call"):
        parse(content, "call.wav")


def test_a_file_that_asterisk_never_closed_is_incomplete() -> None:
    unclosed = bytearray(wav(TONE))
    unclosed[40:44] = struct.pack("<I", 0xFFFFFFFF)
    with pytest.raises(AudioTruncatedError, match="不完整"):
        parse(bytes(unclosed), "call.wav")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AudioMissingError, match="nowhere"):
        read(tmp_path / "nowhere.wav")
