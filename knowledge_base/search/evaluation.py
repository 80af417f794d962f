"""How good is the search? Recall and rank on questions whose articles are known."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.library import ArticleNumber, Library
from knowledge_base.search.answered import AnsweredQuestion
from knowledge_base.search.ranking import Ranker
from knowledge_base.search.tuning import Weights, tune

_DEEPEST = 100
_SEED = 12348

Key = tuple[str, ArticleNumber]


@dataclass(frozen=True)
class Question:
    """A question and the articles that should be found, whatever their version."""

    text: str
    articles: frozenset[Key]


@dataclass(frozen=True)
class Outcome:
    """What one question brought: keys found in order, and how long it took."""

    question: Question
    found: tuple[Key, ...]
    milliseconds: float
    cpu_milliseconds: float

    def recall(self, depth: int) -> float:
        """Return the share of the labelled articles among the first ``depth``."""
        hits = self.question.articles.intersection(self.found[:depth])
        return len(hits) / len(self.question.articles)

    def reciprocal_rank(self, depth: int) -> float:
        """Return 1 / rank of the first labelled article among the first ``depth``, else 0."""
        for rank, key in enumerate(self.found[:depth], start=1):
            if key in self.question.articles:
                return 1 / rank
        return 0.0


def ask(
    library: Library,
    ranker: Ranker,
    weights: Weights,
    questions: Sequence[Question],
    advance: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[Outcome]:
    """Ask each question; what is measured in time is ranking from words to ordered rows."""
    outcomes = []
    answered = ranker.answered.from_people
    for number, question in enumerate(questions, start=1):
        begin, cpu = time.perf_counter(), time.process_time()
        candidates = ranker.candidates(question.text)
        order = np.argsort(-weights.score(candidates.features, answered), kind="stable")
        rows = candidates.rows[order]
        took, cpu = time.perf_counter() - begin, time.process_time() - cpu
        keys = tuple(dict.fromkeys(library.at(int(row)).key for row in rows[:_DEEPEST]))
        outcomes.append(Outcome(question, keys, took * 1000, cpu * 1000))
        advance(number, len(questions))
    return outcomes


def questions_of(answered: Iterable[AnsweredQuestion]) -> list[Question]:
    """Turn answered questions into questions to be asked."""
    return [Question(each.text, frozenset(each.articles)) for each in answered]


def cross_validate(
    library: Library,
    ranker_with: Callable[[Sequence[AnsweredQuestion]], Ranker],
    items: Sequence[AnsweredQuestion],
    folds: int,
    advance: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[Outcome]:
    """Ask each fold a search that has learnt from, and been tuned on, the other folds only."""
    order = np.random.default_rng(_SEED).permutation(len(items))
    outcomes: list[Outcome] = []
    for fold in np.array_split(order, folds):
        held_out = {int(number) for number in fold}
        known = [item for number, item in enumerate(items) if number not in held_out]
        weights = tune(ranker_with, known)
        asked = questions_of(items[number] for number in sorted(held_out))
        outcomes += ask(library, ranker_with(known), weights, asked)
        advance(len(outcomes), len(items))
    return outcomes


def report(outcomes: Sequence[Outcome]) -> dict[str, float | int]:
    """Return the figures.

    ``macro_by_law`` is recall@10 averaged law by law. ``cpu_…`` leaves out what other programs
    took of a busy machine.
    """
    labelled = [outcome for outcome in outcomes if outcome.question.articles]
    by_law: dict[str, list[bool]] = defaultdict(list)
    for outcome in labelled:
        for key in outcome.question.articles:
            by_law[key[0]].append(key in outcome.found[:10])
    times = [outcome.milliseconds for outcome in outcomes] or [0.0]
    cpu = [outcome.cpu_milliseconds for outcome in outcomes] or [0.0]

    def mean(values: Sequence[float]) -> float:
        return round(float(np.mean(values)), 4) if values else 0.0

    return {
        "questions": len(labelled),
        "recall@5": mean([outcome.recall(5) for outcome in labelled]),
        "recall@10": mean([outcome.recall(10) for outcome in labelled]),
        "recall@100": mean([outcome.recall(100) for outcome in labelled]),
        "mrr@10": mean([outcome.reciprocal_rank(10) for outcome in labelled]),
        "macro_by_law": mean([float(np.mean(hits)) for hits in by_law.values()]),
        "laws": len(by_law),
        "p50_ms": round(float(np.percentile(times, 50)), 2),
        "p95_ms": round(float(np.percentile(times, 95)), 2),
        "cpu_p50_ms": round(float(np.percentile(cpu, 50)), 2),
        "cpu_p95_ms": round(float(np.percentile(cpu, 95)), 2),
    }
