"""The shipped model in a real Vosk: what it hears, and that Vosk's traps are closed."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soxr

from hotline.demo import scripts
from hotline.voice import Manner, Samples, say
from transcripts.evaluation import comparable, edits, evaluate
from transcripts.recognisers import Recogniser, RecogniserError, Segment
from transcripts.recognisers.base import SampleRateError
from transcripts.recognisers.models import SHIPPED, open_folder
from transcripts.training import corpus

SENTENCE = "公司拖欠我三个月工资怎么办"


def text(segments: list[Segment]) -> str:
    return "".join(segment.text for segment in segments)


def quiet(seconds: float) -> Samples:
    return np.zeros(int(8_000 * seconds), np.int16)


@pytest.fixture(scope="module")
def spoken() -> Samples:
    return np.concatenate([quiet(0.4), say(SENTENCE, Manner("f2")), quiet(0.4)])


def test_unseen_sentences_of_unseen_voices_over_the_telephone(
    recogniser: Recogniser,
    unseen: list[str],
    record: Callable[[Sequence[str], Path], Path],
    tmp_path: Path,
) -> None:
    known = {text for text, _ in corpus.sources(corpus.Recipe(templates=0))}
    assert not known.intersection(unseen)
    found = evaluate(recogniser, record(unseen, tmp_path))
    assert found.cer <= 0.08
    assert found.real_time_factor < 0.5


def test_the_demonstration_s_conversations(recogniser: Recogniser) -> None:
    errors = length = 0
    for conversation in scripts.load_conversations():
        for line in conversation.lines:
            heard = text(
                recogniser.transcribe(
                    np.concatenate([quiet(0.5), say(line.say), quiet(0.5)]), 8_000
                )
            )
            said = comparable(line.say)
            errors += edits(said, comparable(heard))
            length += len(said)
    assert length > 1_000
    assert errors / length <= 0.02


def test_words_have_times_and_confidence(recogniser: Recogniser, spoken: Samples) -> None:
    (segment,) = recogniser.transcribe(spoken, 8_000)
    assert segment.text == SENTENCE
    assert 0.2 < segment.start < 0.7
    times = [edge for word in segment.words for edge in (word.start, word.end)]
    assert times == sorted(times)
    assert segment.end <= len(spoken) / 8_000
    assert all(word.confidence is not None and 0 <= word.confidence <= 1 for word in segment.words)


@pytest.mark.parametrize("rate", [11_025, 16_000, 44_100, 48_000])
def test_another_rate_is_brought_to_the_model_s_own(
    recogniser: Recogniser, spoken: Samples, rate: int
) -> None:
    assert text(recogniser.transcribe(soxr.resample(spoken, 8_000, rate), rate)) == SENTENCE


@pytest.mark.parametrize("rate", [0, -8_000, 4_000, 96_000])
def test_a_rate_that_would_hang_or_give_garbage_is_refused(
    recogniser: Recogniser, rate: int
) -> None:
    with pytest.raises(SampleRateError):
        recogniser.transcribe(quiet(1.0), rate)
    with pytest.raises(SampleRateError):
        recogniser.stream(rate)


def test_silence_and_noise_and_nothing_have_no_words(recogniser: Recogniser) -> None:
    noise = (np.random.default_rng(0).standard_normal(8_000 * 10) * 300).astype(np.int16)
    assert recogniser.transcribe(quiet(0.0), 8_000) == []
    assert recogniser.transcribe(quiet(5.0), 8_000) == []
    assert len(text(recogniser.transcribe(noise, 8_000))) <= 1


def test_a_minute_of_silence_does_not_crawl(recogniser: Recogniser) -> None:
    begun = time.process_time()
    recogniser.transcribe(quiet(60.0), 8_000)
    assert time.process_time() - begun < 10


def test_sentences_between_pauses_are_segments_of_their_own(
    recogniser: Recogniser, spoken: Samples
) -> None:
    heard = recogniser.transcribe(np.concatenate([spoken, quiet(3.0), spoken]), 8_000)
    assert [segment.text for segment in heard] == [SENTENCE, SENTENCE]
    assert heard[1].start - heard[0].start == pytest.approx(len(spoken) / 8_000 + 3.0, abs=0.1)


def test_the_same_audio_gives_the_same_text_in_any_number_of_threads(
    recogniser: Recogniser, spoken: Samples
) -> None:
    once = recogniser.transcribe(spoken, 8_000)
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda _: recogniser.transcribe(spoken, 8_000), range(8)))
    assert all(run == once for run in runs)


@pytest.mark.parametrize(("rate", "chunk"), [(8_000, 1_600), (16_000, 3_200), (8_000, 333)])
def test_a_running_call_is_captioned_word_by_word(
    recogniser: Recogniser, spoken: Samples, rate: int, chunk: int
) -> None:
    heard = soxr.resample(spoken, 8_000, rate) if rate != 8_000 else spoken
    stream = recogniser.stream(rate)
    captions, finished = [], []
    for start in range(0, len(heard), chunk):
        update = stream.feed(heard[start : start + chunk])
        finished += update.finished
        if update.running:
            captions.append(update.running.text)
    finished += stream.finish().finished
    assert text(finished) == SENTENCE
    assert captions
    assert SENTENCE.startswith(captions[0][:2])
    assert stream.finish().finished == ()
    with pytest.raises(RecogniserError, match="已经结束"):
        stream.feed(heard[:chunk])


def test_a_damaged_model_is_told_and_does_not_take_the_process_down(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(SHIPPED, broken)
    content = (broken / "am" / "final.mdl").read_bytes()
    (broken / "am" / "final.mdl").write_bytes(content[: len(content) // 2])
    with pytest.raises(RecogniserError, match="重新安装"):
        open_folder(broken)


def test_the_shipped_model_says_what_it_is_and_stays_small(recogniser: Recogniser) -> None:
    assert recogniser.card.description == "演示模型，仅识别合成语音"
    assert recogniser.card.demonstration
    size = sum(file.stat().st_size for file in SHIPPED.rglob("*") if file.is_file())
    assert size <= 4_000_000
