"""Finding the weights of the ranking from answered questions: a logistic regression, in numpy.

The weights are a handful of numbers about features (see ``ranking.FEATURES``), none about words or
questions. They are found on three states of an installation: without any answered question, with a
few, and with many.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray

from hotline.errors import ConfigurationError
from knowledge_base.search.answered import AnsweredQuestion, AnsweredQuestions
from knowledge_base.search.postings import Floats
from knowledge_base.search.ranking import FEATURES, Ranker

_FEW = 80
_MANY = 400
_RIDGE = 1.0
_STEPS = 25
_CLOSE = 1e-5
_HALVINGS = 20
_FARTHEST = 30.0
"""Logits beyond this say no more: chances are 0 or 1 to the last digit."""


@dataclass(frozen=True)
class Weights:
    """Two numbers a feature: while few questions have been answered, and when many have.

    In between, the two are mixed.
    """

    few: Floats
    many: Floats

    def score(self, features: Floats, answered: int) -> Floats:
        """Return the score of each candidate; only its order has a meaning.

        Args:
            features: one row a candidate.
            answered: how many answered questions the ranker knows.
        """
        share = np.float32(np.clip((answered - _FEW) / (_MANY - _FEW), 0, 1))
        score: Floats = features @ (self.few * (1 - share) + self.many * share)
        return score


def tune(
    ranker_with: Callable[[Sequence[AnsweredQuestion]], Ranker],
    questions: Sequence[AnsweredQuestion],
    advance: Callable[[int, int], None] = lambda _done, _total: None,
) -> Weights:
    """Find the weights that put the articles of the questions first.

    Args:
        ranker_with: makes a ranker that knows these answered questions (and the cards).
        questions: what to tune on; each is left out while it is asked.
        advance: told how many of how many questions are asked.
    """
    random = np.random.default_rng(12348)
    few = {
        int(number)
        for number in random.permutation(len(questions))[: min(_FEW, len(questions) // 2)]
    }
    total = 3 * len(questions) - len(few)
    done = 0

    def gather(
        known: Sequence[AnsweredQuestion], asked: Sequence[int], *, leave_out: bool = False
    ) -> tuple[Floats, NDArray[np.bool_]]:
        nonlocal done
        ranker = ranker_with(known)
        features, answers = [], []
        for number in asked:
            found = ranker.candidates(
                questions[number].text, leave_out=number if leave_out else None
            )
            features.append(found.features)
            answers.append(np.isin(found.rows, places.rows_of(number)))
            done += 1
            advance(done, total)
        return np.concatenate(features), np.concatenate(answers)

    empty = ranker_with([])
    places = AnsweredQuestions(empty.library, empty.index, questions)
    everyone = range(len(questions))
    at_first = gather([], everyone)
    a_few = gather(
        [questions[number] for number in sorted(few)],
        [number for number in everyone if number not in few],
    )
    in_time = gather(questions, everyone, leave_out=True)
    return Weights(
        few=fit_logistic(
            np.concatenate([at_first[0], a_few[0]]), np.concatenate([at_first[1], a_few[1]])
        ),
        many=fit_logistic(*in_time),
    )


def fit_logistic(features: Floats, answers: NDArray[np.bool_]) -> Floats:
    """Return raw weights of a ridge-penalised logistic regression, by Newton's method."""
    mean = features.mean(axis=0, dtype=np.float64)
    spread = features.std(axis=0, dtype=np.float64)
    spread[spread < 1e-9] = 1.0
    columns = ((features - mean) / spread).astype(np.float32)
    design = np.concatenate([columns, np.ones((len(columns), 1), np.float32)], axis=1)
    target = answers.astype(np.float32)
    ridge = np.full(design.shape[1], _RIDGE)
    ridge[-1] = 0.0  # the intercept is free
    weights = np.zeros(design.shape[1])
    share = float(np.clip(target.mean(), 1e-6, 1 - 1e-6))
    weights[-1] = np.log(share / (1 - share))
    loss = _loss(design, target, ridge, weights)
    for _ in range(_STEPS):
        chance = _chance(design, weights)
        gradient = design.T @ (target - chance) - ridge * weights
        hessian = (design * (chance * (1 - chance))[:, None]).T @ design + np.diag(ridge + _CLOSE)
        step = np.linalg.solve(hessian, gradient)
        # A whole Newton step can overshoot where answers are rare: halve it until it helps.
        for _ in range(_HALVINGS):
            reached = _loss(design, target, ridge, weights + step)
            if reached < loss:
                break
            step /= 2
        else:
            break
        weights, gain, loss = weights + step, loss - reached, reached
        if gain < _CLOSE * loss:
            break
    found: Floats = (weights[:-1] / spread).astype(np.float32)
    return found


def _chance(design: Floats, weights: NDArray[np.float64]) -> Floats:
    logit = np.clip(design @ weights.astype(np.float32), -_FARTHEST, _FARTHEST)
    chance: Floats = (1 / (1 + np.exp(-logit))).astype(np.float32)
    return chance


def _loss(
    design: Floats, target: Floats, ridge: NDArray[np.float64], weights: NDArray[np.float64]
) -> float:
    logit = np.clip(design @ weights.astype(np.float32), -_FARTHEST, _FARTHEST)
    likelihood = float((target * logit - np.logaddexp(0, logit)).sum(dtype=np.float64))
    return 0.5 * float((ridge * weights**2).sum()) - likelihood


def write_weights(weights: Weights, file: Path) -> None:
    """Write the weights as YAML, one feature a line."""
    lines = ["# Weights of the ranking; made by hotline kb tune-search. feature: [few, many]"]
    lines += [
        f"{name}: [{few:.4f}, {many:.4f}]"
        for name, few, many in zip(FEATURES, weights.few, weights.many, strict=True)
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def read_weights(file: Path | None = None) -> Weights:
    """Read the weights: those that come with the program, or a file of the bureau's own.

    Raises:
        ConfigurationError: a feature is missing or unknown.
    """
    place = file or resources.files("knowledge_base.search").joinpath("weights.yaml")
    read = yaml.safe_load(place.read_text("utf-8"))
    if not isinstance(read, dict) or set(read) != set(FEATURES):
        raise ConfigurationError(
            f"{place}：排序权重与程序不符，请运行 hotline kb tune-search 重新生成"
        )
    both = np.array([read[name] for name in FEATURES], np.float32)
    return Weights(few=both[:, 0], many=both[:, 1])
