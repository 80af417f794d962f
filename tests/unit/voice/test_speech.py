import io
import wave
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from hotline.voice import Manner, Samples, SpeechSynthesisError, say, wav_bytes, write_wav


def test_the_same_words_give_the_same_samples_whatever_was_said_before() -> None:
    first = say("您好，请讲。", Manner("f2"))
    say("别的话。", Manner("m3"))
    assert np.array_equal(first, say("您好，请讲。", Manner("f2")))


def test_two_threads_may_speak_at_once() -> None:
    spoken: dict[int, Samples] = {}

    def speak(number: int) -> None:
        spoken[number] = say("您好，请讲。")

    threads = [Thread(target=speak, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(spoken[0], other) for other in spoken.values())


def test_the_rate_is_the_listeners_and_nothing_clips() -> None:
    at_8k, at_16k = say("欢迎致电", rate=8_000), say("欢迎致电", rate=16_000)
    assert abs(2 * len(at_8k) - len(at_16k)) <= 2
    assert 10_000 < np.abs(at_8k).max() < 25_000


def test_nothing_to_say_and_an_unknown_voice_are_told() -> None:
    with pytest.raises(SpeechSynthesisError, match="没有可以读出来的内容"):
        say("……")
    with pytest.raises(SpeechSynthesisError, match="无此音色"):
        say("您好", Manner("无此音色"))


def test_a_wav_file_is_what_asterisk_plays(tmp_path: Path) -> None:
    samples = say("请稍候")
    write_wav(tmp_path / "prompts" / "wait.wav", samples)
    content = (tmp_path / "prompts" / "wait.wav").read_bytes()
    assert content == wav_bytes(samples)
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8_000)
        assert file.getnframes() == len(samples)
