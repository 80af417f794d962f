"""Finding the weights of the ranking from answered questions: a logistic regression, in numpy.

The weights are a handful of numbers about features (see ``ranking.FEATURES``), none about words or
questions. They are found on three states of an installation at once: without any answered question,
with a few, and with many; so one set of weights serves from the first day on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.search.answered import AnsweredQuestion, AnsweredQuestions
from knowledge_base.search.postings import Floats
from knowledge_base.search.ranking import FEATURES, Ranker

_FEW = 80
_RIDGE = 1.0
_STEPS = 25
_CLOSE = 1e-5
_HALVINGS = 20
_FARTHEST = 30.0
"""Logits beyond this say no more: chances are 0 or 1 to the last digit."""


@dataclass(frozen=True)
class Weights:
    """One number a feature, and where they come from."""

    values: Floats
    tuned_on: str = ""

    def score(self, features: Floats) -> Floats:
        """Return the score of each candidate; only its order has a meaning."""
        score: Floats = features @ self.values
        return score


def tune(
    ranker_with: Callable[[Sequence[AnsweredQuestion]], Ranker],
    questions: Sequence[AnsweredQuestion],
    advance: Callable[[int, int], None] = lambda _done, _total: None,
) -> Weights:
    """Find the weights that put the articles of the questions first.

    Args:
        ranker_with: makes a ranker that knows these answered questions.
        questions: what to tune on; each is left out while it is asked.
        advance: told how many of how many questions are asked.
    """
    random = np.random.default_rng(12348)
    few = {int(number) for number in random.permutation(len(questions))[:_FEW]}
    nobody: list[int | None] = [None] * len(questions)
    states: list[tuple[Sequence[AnsweredQuestion], Sequence[int | None]]] = [
        (questions, range(len(questions))),
        ([], nobody),
        ([questions[number] for number in sorted(few)], nobody),
    ]
    features: list[Floats] = []
    answers: list[NDArray[np.bool_]] = []
    done = 0
    for known, own in states:
        ranker = ranker_with(known)
        places = AnsweredQuestions(ranker.library, ranker.index, questions)
        for number, question in enumerate(questions):
            done += 1
            if known and len(known) < len(questions) and number in few:
                continue
            found = ranker.candidates(question.text, leave_out=own[number])
            features.append(found.features)
            answers.append(np.isin(found.rows, places.rows_of(number)))
            advance(done, 3 * len(questions))
    return Weights(fit_logistic(np.concatenate(features), np.concatenate(answers)))


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


def as_mapping(weights: Weights) -> dict[str, float]:
    """Return the weights by the features' names, rounded as the file keeps them."""
    return {
        name: round(float(value), 4) for name, value in zip(FEATURES, weights.values, strict=True)
    }
