from pathlib import Path

import numpy as np
import pytest

from hotline.voice import write_wav
from transcripts.evaluation import EvaluationDataError, comparable, edits, evaluate
from transcripts.recognisers import ModelCard, Samples, Segment, Stream, Word


class Deaf:
    """Hears the same in every file."""

    card = ModelCard("none", "deaf", "", 8_000)

    def __init__(self, heard: str) -> None:
        self.heard = heard

    def transcribe(self, samples: Samples, rate: int) -> list[Segment]:
        del samples, rate
        return [Segment.of((Word(self.heard, 0.0, 1.0, None),))]

    def stream(self, rate: int) -> Stream:
        raise NotImplementedError


@pytest.mark.parametrize(
    ("said", "heard", "count"),
    [
        ("工资", "工资", 0),
        ("工资", "工", 1),
        ("工资", "公司资", 2),
        ("", "啊", 1),
        ("甲乙", "乙甲", 2),
    ],
)
def test_edits_are_counted(said: str, heard: str, count: int) -> None:
    assert edits(said, heard) == count


def test_spaces_punctuation_and_the_way_figures_are_written_do_not_count() -> None:
    assert comparable("欠我 3000元，三个月！") == comparable("欠我三千块钱三个月")


def test_all_files_together_give_one_rate(tmp_path: Path) -> None:
    for name, text in (("a", "公司欠钱"), ("b", "公司欠工资了啊")):
        write_wav(tmp_path / f"{name}.wav", np.zeros(8_000, np.int16))
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    told: list[tuple[int, int]] = []
    found = evaluate(Deaf("公司欠钱"), tmp_path, lambda done, of: told.append((done, of)))
    assert [pair.errors for pair in found.pairs] == [0, 4]
    assert found.cer == pytest.approx(4 / 11)
    assert told == [(1, 2), (2, 2)]


def test_an_empty_folder_and_a_missing_or_empty_text_are_told(tmp_path: Path) -> None:
    with pytest.raises(EvaluationDataError, match=r"没有 \.wav"):
        evaluate(Deaf(""), tmp_path)
    write_wav(tmp_path / "a.wav", np.zeros(100, np.int16))
    with pytest.raises(EvaluationDataError, match="缺少对应的文字"):
        evaluate(Deaf(""), tmp_path)
    (tmp_path / "a.txt").write_text("……", encoding="utf-8")
    with pytest.raises(EvaluationDataError, match="没有文字"):
        evaluate(Deaf(""), tmp_path)
