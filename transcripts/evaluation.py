"""How well a recogniser does on recordings whose words are known: ``hotline eval speech``."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hotline.errors import InvalidInputError
from transcripts.audio import read
from transcripts.normalise import normalise
from transcripts.recognisers import Recogniser


class EvaluationDataError(InvalidInputError):
    """评测数据有误。"""

    error_id = "evaluation-data"


@dataclass(frozen=True)
class Pair:
    """What was said and what was heard in one file."""

    name: str
    said: str
    heard: str
    errors: int
    seconds: float


@dataclass(frozen=True)
class Evaluation:
    """The pairs of a folder, and the time that recognising took."""

    pairs: tuple[Pair, ...]
    seconds_taken: float

    @property
    def cer(self) -> float:
        """Character error rate: edits needed, by characters said; over all files together."""
        return sum(p.errors for p in self.pairs) / max(1, sum(len(p.said) for p in self.pairs))

    @property
    def real_time_factor(self) -> float:
        """Seconds taken by seconds of audio."""
        return self.seconds_taken / max(1e-9, sum(p.seconds for p in self.pairs))


def comparable(text: str) -> str:
    """Return ``text`` as both sides are compared: letters and figures alone, figures as figures."""
    kept = "".join(character for character in text if character.isalnum())
    return normalise(kept).upper()


def edits(said: str, heard: str) -> int:
    """Count the insertions, deletions and substitutions between two texts (Levenshtein)."""
    costs = list(range(len(heard) + 1))
    for row, left in enumerate(said, start=1):
        diagonal, costs[0] = costs[0], row
        for column, right in enumerate(heard, start=1):
            diagonal, costs[column] = (
                costs[column],
                min(costs[column] + 1, costs[column - 1] + 1, diagonal + (left != right)),
            )
    return costs[-1]


def pairs_of(folder: Path) -> list[tuple[Path, str]]:
    """Return each ``NAME.wav`` with the text of its ``NAME.txt``.

    Raises:
        EvaluationDataError: there are none, or a text is missing or empty.
    """
    files = sorted(folder.glob("*.wav"))
    if not files:
        raise EvaluationDataError(f"{folder} 里没有 .wav 文件（应为 NAME.wav 与 NAME.txt 成对）。")
    found = []
    for file in files:
        text_file = file.with_suffix(".txt")
        try:
            text = text_file.read_text(encoding="utf-8").strip()
        except FileNotFoundError as error:
            raise EvaluationDataError(f"{file.name} 缺少对应的文字 {text_file.name}。") from error
        if not comparable(text):
            raise EvaluationDataError(f"{text_file.name} 里没有文字。")
        found.append((file, text))
    return found


def evaluate(
    recogniser: Recogniser,
    folder: Path,
    told: Callable[[int, int], None] = lambda _done, _of: None,
) -> Evaluation:
    """Recognise every file of ``folder`` and compare; ``told`` is given the files done and all."""
    files = pairs_of(folder)
    pairs: list[Pair] = []
    taken = 0.0
    for file, said in files:
        audio = read(file)
        begun = time.perf_counter()
        segments = recogniser.transcribe(audio.samples, audio.rate)
        taken += time.perf_counter() - begun
        heard = "".join(segment.text for segment in segments)
        pairs.append(_pair(file.stem, said, heard, audio.seconds))
        told(len(pairs), len(files))
    return Evaluation(tuple(pairs), taken)


def _pair(name: str, said: str, heard: str, seconds: float) -> Pair:
    left, right = comparable(said), comparable(heard)
    return Pair(name, left, right, edits(left, right), seconds)


def worst(pairs: Sequence[Pair], count: int) -> list[Pair]:
    """Return the pairs with the most errors, worst first."""
    wrong = [pair for pair in pairs if pair.errors]
    return sorted(wrong, key=lambda pair: -pair.errors)[:count]
