"""Following files that grow, and words that may still change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from transcripts.live import tap
from transcripts.live.ear import Ear
from transcripts.live.hints import Desk
from transcripts.live.talk import Talk
from transcripts.live.tap import Found, Tap
from transcripts.recognisers import Heard, ModelCard, Segment, Word
from transcripts.recognisers.base import Samples
from transcripts.scoring.scorecard import load_scorecard
from transcripts.scoring.scorer import Knowledge
from transcripts.turns import Leg

SECOND = 8_000


def found(folder: Path) -> Found:
    (folder / tap.FOLDER).mkdir(exist_ok=True)
    return Found("1795500000.1", "2", folder / tap.FOLDER)


def append(file: Path, samples: Sequence[int] | Samples) -> None:
    with file.open("ab") as out:
        out.write(np.repeat(np.asarray(samples, "<i2"), 6).tobytes())


def test_only_what_was_spoken_is_read_and_each_sample_once(tmp_path: Path) -> None:
    file = tmp_path / "leg.sln48"
    append(file, [1, 2, 3])
    leg = Tap(file)
    assert leg.read().tolist() == [1, 2, 3]
    assert leg.read().tolist() == []
    append(file, [4])
    assert leg.read().tolist() == [4]
    leg.close()


def test_half_a_sample_waits_for_its_other_half(tmp_path: Path) -> None:
    file = tmp_path / "leg.sln48"
    whole = np.repeat(np.asarray([7, 8], "<i2"), 6).tobytes()
    file.write_bytes(whole[:15])
    leg = Tap(file)
    assert leg.read().tolist() == [7]
    file.write_bytes(whole)
    assert leg.read().tolist() == [8]
    leg.close()


def test_a_talk_is_found_by_its_name_and_nothing_else_is(tmp_path: Path) -> None:
    one = found(tmp_path)
    one.file(Leg.AGENT).touch()
    one.file(Leg.CALLER).touch()
    (one.folder / "../../etc.agent.sln48".replace("/", "_")).touch()
    (one.folder / "listening").touch()
    assert list(tap.look(tmp_path)) == [one]
    one.delete()
    assert list(tap.look(tmp_path)) == []


def test_two_processes_do_not_hear_the_same_talk(tmp_path: Path) -> None:
    file = tmp_path / "leg.sln48"
    file.touch()
    first, second = Tap(file), Tap(file)
    assert first.claim()
    assert not second.claim()
    first.close()
    assert second.claim()
    second.close()


class Scripted:
    """A recogniser that says a word a second, and a sentence every fifth."""

    card = ModelCard("test", "test", "", SECOND)

    def __init__(self) -> None:
        self.fed: list[str] = []

    def transcribe(self, samples: Samples, rate: int) -> list[Segment]:
        raise NotImplementedError

    def stream(self, rate: int) -> Scripted:
        assert rate == SECOND
        return self

    def feed(self, samples: Samples) -> Heard:
        self.fed.append(f"feed {len(samples)}")
        return Heard((), Segment.of((Word("正在说", 0.0, 1.0, None),)))

    def take(self, samples: Samples) -> list[Segment]:
        self.fed.append(f"take {len(samples)}")
        return [Segment.of((Word("说完了", 0.0, 1.0, 0.9),))]

    def finish(self) -> Heard:
        return Heard()


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    one = found(tmp_path)
    one.file(Leg.AGENT).touch()
    one.file(Leg.CALLER).touch()
    talk = Talk(Ear(one, Scripted()))
    yield talk
    talk.ear.close()


@pytest.fixture
def desk() -> Desk:
    return Desk(Knowledge(()), load_scorecard())


def test_who_keeps_up_hears_what_is_being_said(talk: Talk, desk: Desk) -> None:
    append(talk.ear.found.file(Leg.CALLER), np.zeros(SECOND // 3))
    news = talk.look(desk)
    assert news is not None
    assert news.running == {Leg.CALLER: "正在说"}
    assert not news.behind


def test_who_is_behind_hears_finished_sentences_only_and_says_so(talk: Talk, desk: Desk) -> None:
    append(talk.ear.found.file(Leg.CALLER), np.zeros(3 * SECOND))
    news = talk.look(desk)
    assert news is not None
    assert news.behind
    assert news.running == {}
    assert [sentence.text for sentence in news.finished] == ["说完了"]
    # A prompt look later it has caught up.
    append(talk.ear.found.file(Leg.CALLER), np.zeros(SECOND // 3))
    caught_up = talk.look(desk)
    assert caught_up is not None
    assert not caught_up.behind


def test_nothing_is_told_twice(talk: Talk, desk: Desk) -> None:
    append(talk.ear.found.file(Leg.CALLER), np.zeros(SECOND // 3))
    assert talk.look(desk) is not None
    append(talk.ear.found.file(Leg.CALLER), np.zeros(SECOND // 3))
    assert talk.look(desk) is None


def test_a_long_absence_is_read_piece_by_piece_and_to_the_end(talk: Talk, desk: Desk) -> None:
    append(talk.ear.found.file(Leg.CALLER), np.zeros(12 * SECOND))
    news = talk.finish(desk)
    assert news.ended
    assert talk.ear.heard == 0.0  # the lawyer's leg is empty
    assert talk.ear.waiting == 0.0
    assert len(news.finished) == 3


def test_a_talk_of_which_one_leg_is_not_there_yet_is_left_for_the_next_look(tmp_path: Path) -> None:
    one = found(tmp_path)
    one.file(Leg.CALLER).touch()
    with pytest.raises(FileNotFoundError):
        Ear(one, Scripted())
