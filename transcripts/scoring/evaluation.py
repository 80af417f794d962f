"""How often a right answer is rated above one with a wrong fact: ``hotline eval facts``."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from hotline.errors import InvalidInputError
from transcripts.scoring.agreement import AnswerRater

LEAST_MARGIN = 0.05
"""Two ratings nearer than this are not told apart: the pair counts as abstained."""


class PairFileError(InvalidInputError):
    """成对答案文件有误。"""

    error_id = "pair-file"


class PairRow(BaseModel):
    """One pair of the file."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    kind: str = "other"
    question: str = ""
    right: str
    wrong: str
    articles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rated:
    """A pair and how both answers were rated, each without a look at the other."""

    pair: PairRow
    right: float
    wrong: float

    @property
    def margin(self) -> float:
        """How much higher the right answer is rated."""
        return self.right - self.wrong

    @property
    def covered(self) -> bool:
        """Whether the ratings tell the two apart."""
        return abs(self.margin) >= LEAST_MARGIN


def read_pairs(file: Path) -> list[PairRow]:
    """Read a file of pairs.

    Raises:
        PairFileError: it is missing, not JSON, or a pair is incomplete.
    """
    try:
        value: Any = json.loads(file.read_text(encoding="utf-8"))
        return TypeAdapter(list[PairRow]).validate_python(value)
    except OSError as error:
        raise PairFileError(f"读不了 {file}：{error.strerror}") from error
    except ValueError as error:
        if isinstance(error, ValidationError):
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise PairFileError(f"{file} 第 {place} 项有误：{first['msg']}") from error
        raise PairFileError(f"{file} 不是有效的 JSON：{error}") from error


def rate_pairs(
    pairs: Sequence[PairRow],
    rater: AnswerRater,
    advance: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[Rated]:
    """Rate both answers of each pair."""
    rated = []
    for done, pair in enumerate(pairs, start=1):
        right = rater.rate(pair.question, pair.right, pair.articles).score
        wrong = rater.rate(pair.question, pair.wrong, pair.articles).score
        rated.append(Rated(pair, right, wrong))
        advance(done, len(pairs))
    return rated


def summarise(rated: Sequence[Rated]) -> dict[str, Any]:
    """Return the figures of ``hotline eval facts``; rates over nothing are null."""
    groups: dict[str, list[Rated]] = defaultdict(list)
    for one in rated:
        groups[one.pair.kind].append(one)
    return {
        **_figures(rated),
        "by_kind": {kind: _figures(group) for kind, group in sorted(groups.items())},
    }


def _figures(rated: Sequence[Rated]) -> dict[str, Any]:
    covered = [one for one in rated if one.covered]
    count = Counter(one.margin > 0 for one in covered)
    return {
        "pairs": len(rated),
        "coverage": round(len(covered) / len(rated), 4) if rated else None,
        "right_higher": round(count[True] / len(covered), 4) if covered else None,
        "mean_margin": round(sum(one.margin for one in covered) / len(covered), 4)
        if covered
        else None,
        "errors": count[False],
    }
