import wave
from pathlib import Path

import numpy as np
import pytest

from hotline.voice import Samples, write_wav
from ivr import sounds
from ivr.audio import RecordingError, read_recording
from ivr.sounds import MissingPromptError, Origin
from ivr.texts import Catalogue, Line, Words

TONE: Samples = (np.sin(np.arange(8_000) * 0.3) * 9_000).astype(np.int16)
WORDS = Catalogue(
    "zh",
    {
        "zh": Words("zh", "普通话", {"notice": Line("您好", "cmn"), "bye": Line("再见", "cmn")}),
        "en": Words("en", "English", {"notice": Line("Hello", "en-us")}),
    },
    {},
)


class Speaker:
    """Says everything as the same tone, and remembers what it said."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def __call__(self, text: str, voice: str) -> Samples:
        self.said.append((text, voice))
        return TONE


def choose(recordings: Path, languages: tuple[str, ...] = ("zh",)) -> list[sounds.Sound]:
    return sounds.choose(WORDS, languages, ("notice", "bye"), recordings)


def record(file: Path, samples: Samples = TONE, rate: int = 8_000) -> Path:
    write_wav(file, samples, rate)
    return file


def frames(file: Path) -> tuple[tuple[int, int, int], int]:
    with wave.open(str(file), "rb") as opened:
        shape = (opened.getnchannels(), opened.getsampwidth(), opened.getframerate())
        return shape, opened.getnframes()


def test_a_text_is_spoken_once_and_kept(tmp_path: Path) -> None:
    speaker = Speaker()
    first = sounds.make(choose(tmp_path / "none"), tmp_path / "out", speaker)
    again = sounds.make(choose(tmp_path / "none"), tmp_path / "out", speaker)
    assert (first.made, again.made) == (3, 0)
    assert speaker.said == [("您好", "cmn"), ("再见", "cmn")]
    assert frames(tmp_path / "out/zh/notice.wav")[0] == (1, 2, 8_000)


def test_a_recording_wins_over_the_text_and_a_changed_one_is_taken_anew(tmp_path: Path) -> None:
    speaker = Speaker()
    record(tmp_path / "rec/zh/notice.wav", np.tile(TONE, 2), 16_000)
    chosen = choose(tmp_path / "rec")
    assert chosen[1].origin is Origin.RECORDING
    sounds.make(chosen, tmp_path / "out", speaker)
    assert frames(tmp_path / "out/zh/notice.wav") == ((1, 2, 8_000), 8_000)
    record(tmp_path / "rec/zh/notice.wav", np.tile(TONE, 3))
    assert sounds.make(choose(tmp_path / "rec"), tmp_path / "out", speaker).made == 1
    assert frames(tmp_path / "out/zh/notice.wav")[1] == 24_000
    assert speaker.said == [("再见", "cmn")]


def test_a_recording_that_is_taken_away_gives_way_to_the_text(tmp_path: Path) -> None:
    speaker = Speaker()
    file = record(tmp_path / "rec/zh/notice.wav")
    sounds.make(choose(tmp_path / "rec"), tmp_path / "out", speaker)
    file.unlink()
    assert sounds.make(choose(tmp_path / "rec"), tmp_path / "out", speaker).made == 1


def test_what_a_language_lacks_is_played_in_the_usual_one(tmp_path: Path) -> None:
    record(tmp_path / "rec/zh/bye.wav")
    chosen = {s.name: s for s in choose(tmp_path / "rec", ("en", "dialect"))}
    assert chosen["en/notice.wav"].text == "Hello"
    assert chosen["en/bye.wav"].recording == tmp_path / "rec/zh/bye.wav"
    assert chosen["dialect/notice.wav"].text == "您好"


def test_a_bad_recording_is_told_and_the_text_spoken_instead(tmp_path: Path) -> None:
    file = tmp_path / "rec/zh/notice.wav"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"nothing like sound")
    speaker = Speaker()
    made = sounds.make(choose(tmp_path / "rec"), tmp_path / "out", speaker)
    assert str(file) in made.problems[0]
    assert ("您好", "cmn") in speaker.said
    assert (tmp_path / "out/zh/notice.wav").is_file()


def test_a_prompt_that_is_gone_from_the_files_is_removed(tmp_path: Path) -> None:
    sounds.make(choose(tmp_path / "none"), tmp_path / "out", Speaker())
    fewer = sounds.choose(WORDS, ("zh",), ("notice",), tmp_path / "none")
    assert sounds.make(fewer, tmp_path / "out", Speaker()).removed == 1
    assert not (tmp_path / "out/zh/bye.wav").exists()


def test_a_broken_index_only_costs_time(tmp_path: Path) -> None:
    sounds.make(choose(tmp_path / "none"), tmp_path / "out", Speaker())
    (tmp_path / "out" / sounds.INDEX).write_text("{")
    assert sounds.make(choose(tmp_path / "none"), tmp_path / "out", Speaker()).made == 3


def test_a_prompt_with_neither_text_nor_recording_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingPromptError, match=r"menu/new（zh）"):
        sounds.choose(WORDS, ("zh",), ("menu/new",), tmp_path)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_pcm_recording_becomes_eight_kilohertz_mono(
    tmp_path: Path, width: int, channels: int
) -> None:
    rate = 44_100
    tone = np.sin(2 * np.pi * 440 * np.arange(rate) / rate) * 0.5
    if width == 1:
        data = ((tone * 127) + 128).astype(np.uint8).reshape(-1, 1)
    else:
        whole = (tone * (2.0 ** (8 * width - 1) - 1)).astype("<i4" if width > 2 else "<i2")
        data = whole.view(np.uint8).reshape(rate, -1)[:, :width]
    file = tmp_path / "tone.wav"
    with wave.open(str(file), "wb") as opened:
        opened.setnchannels(channels)
        opened.setsampwidth(width)
        opened.setframerate(rate)
        opened.writeframes(np.repeat(data[:, None, :], channels, axis=1).tobytes())
    samples = read_recording(file).astype(float)
    expected = np.sin(2 * np.pi * 440 * np.arange(8_000) / 8_000)
    assert len(samples) == 8_000
    inner = slice(400, -400)
    assert np.corrcoef(samples[inner], expected[inner])[0, 1] > 0.99
    assert 0.4 < np.abs(samples[inner]).max() / 32_767 < 0.6


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (np.zeros(8_000, np.int16), "几乎没有声音"),
        (TONE[:100], "录音长 0.0 秒"),
        (np.tile(TONE, 100), "录音长 100.0 秒"),
    ],
)
def test_an_unlikely_recording_is_refused(tmp_path: Path, samples: Samples, message: str) -> None:
    with pytest.raises(RecordingError, match=message):
        read_recording(record(tmp_path / "a.wav", samples))


def test_half_a_file_is_refused(tmp_path: Path) -> None:
    file = record(tmp_path / "a.wav")
    file.write_bytes(file.read_bytes()[:4_000])
    with pytest.raises(RecordingError, match="不完整"):
        read_recording(file)


def test_both_kinds_of_voice_are_really_spoken() -> None:
    assert len(sounds.speak("请按1", "cmn")) > 4_000
    assert len(sounds.speak("Press 1", "en-us")) > 4_000
