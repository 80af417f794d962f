"""The topic of a question: a complement naive Bayes over its words, and the topics' own words.

Complement naive Bayes (Rennie et al., 2003) asks how badly a text fits all *other* topics; it stays
right where topics have very unequal numbers of examples, as a hotline's have.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.library.container import Arrays, read_container, write_container
from knowledge_base.search.words import terms
from knowledge_base.topics.taxonomy import Taxonomy

_KIND = "topic-classifier-1"
_SMOOTHING = 0.3
_HINT_WEIGHT = 0.6
_SHARPNESS = 1.3
"""Scores are stretched by this before they become confidences, so that among answers given with
60 % about 60 % are right (measured on the tuning questions, see docs/evaluation.md)."""


@dataclass(frozen=True, slots=True)
class Example:
    """A text whose topic is known."""

    text: str
    topic: str


@dataclass(frozen=True, slots=True)
class Guess:
    """A topic with the confidence in it, 0 … 1; the confidences of all topics add up to 1."""

    topic: str
    name: str
    confidence: float


class TopicClassifier:
    """Guesses topics. Learned weights come from ``train`` or a file; words from the taxonomy."""

    def __init__(
        self,
        taxonomy: Taxonomy,
        vocabulary: dict[str, int],
        weights: NDArray[np.float32],
        rarity: NDArray[np.float32],
        examples: int,
    ) -> None:
        self.taxonomy = taxonomy
        self.examples = examples
        """How many examples it has learnt from."""
        self._vocabulary = vocabulary
        self._weights = weights
        self._rarity = rarity

    @classmethod
    def train(cls, taxonomy: Taxonomy, examples: Iterable[Example]) -> TopicClassifier:
        """Learn from examples; those of topics that the taxonomy does not know are left out."""
        places = {code: place for place, code in enumerate(taxonomy.codes)}
        known = [example for example in examples if example.topic in places]
        vocabulary: dict[str, int] = {}
        counted = [
            Counter(vocabulary.setdefault(term, len(vocabulary)) for term in terms(example.text))
            for example in known
        ]
        frequency = np.zeros(len(vocabulary))
        for counts in counted:
            frequency[list(counts)] += 1
        rarity = (np.log((1 + len(known)) / (1 + frequency)) + 1).astype(np.float32)
        mass = np.zeros((len(places), len(vocabulary)))
        for example, counts in zip(known, counted, strict=True):
            ids, values = _unit(counts, rarity)
            mass[places[example.topic], ids] += values
        complement = mass.sum(axis=0, keepdims=True) - mass + _SMOOTHING
        weights = -np.log(complement / complement.sum(axis=1, keepdims=True))
        return cls(taxonomy, vocabulary, weights.astype(np.float32), rarity, len(known))

    def guesses(self, text: str, limit: int = 3) -> list[Guess]:
        """Return the likeliest topics, the likeliest first.

        A text that says nothing of any topic gets the topic for what is left over, unsurely.
        """
        confidence = self.confidences(text)
        best = sorted(confidence, key=lambda code: -confidence[code])[:limit]
        names = {topic.code: topic.name for topic in self.taxonomy}
        return [Guess(code, names[code], confidence[code]) for code in best]

    def confidences(self, text: str) -> dict[str, float]:
        """Return the confidence in each topic; they add up to 1."""
        codes = self.taxonomy.codes
        counts = Counter(self._vocabulary[term] for term in terms(text) if term in self._vocabulary)
        scores = np.zeros(len(codes))
        if counts:
            ids, values = _unit(counts, self._rarity)
            scores += self._weights[:, ids] @ values
        hints = self.taxonomy.hints(text)
        scores += _HINT_WEIGHT * np.log1p([hints.get(code, 0.0) for code in codes])
        if not counts and not hints:
            scores[-1] += _HINT_WEIGHT  # the last topic is 其他
        chance = np.exp(_SHARPNESS * (scores - scores.max()))
        chance /= chance.sum()
        return {code: float(value) for code, value in zip(codes, chance, strict=True)}

    def save(self, file: Path, **meta: Any) -> None:
        """Write what was learnt to one file."""
        words = np.frombuffer("\n".join(self._vocabulary).encode(), np.uint8)
        arrays: Arrays = {"words": words, "weights": self._weights, "rarity": self._rarity}
        told = {"codes": list(self.taxonomy.codes), "examples": self.examples, **meta}
        write_container(file, _KIND, told, arrays)

    @classmethod
    def open(cls, file: Path, taxonomy: Taxonomy) -> TopicClassifier | None:
        """Open the file that ``save`` wrote; None if it was trained for another taxonomy.

        Raises:
            FileNotFoundError: there is none.
            DamagedIndexError: it is damaged.
        """
        meta, arrays = read_container(file, _KIND)
        if tuple(meta["codes"]) != taxonomy.codes:
            return None
        text = bytes(arrays["words"]).decode()
        names = text.split("\n") if text else []
        vocabulary = dict(zip(names, range(len(names)), strict=True))
        return cls(taxonomy, vocabulary, arrays["weights"], arrays["rarity"], meta["examples"])


def evaluate(
    classifier: TopicClassifier, questions: Sequence[Example]
) -> tuple[list[bool], list[bool]]:
    """Return for each question whether its topic came first, and whether among the first three."""
    first, among_three = [], []
    for question in questions:
        guessed = [guess.topic for guess in classifier.guesses(question.text)]
        first.append(guessed[0] == question.topic)
        among_three.append(question.topic in guessed)
    return first, among_three


def _unit(
    counts: Counter[int], rarity: NDArray[np.float32]
) -> tuple[list[int], NDArray[np.float64]]:
    ids = list(counts)
    values = np.array([(1 + math.log(counts[each])) * float(rarity[each]) for each in ids])
    length = float(np.sqrt((values**2).sum())) or 1.0
    return ids, values / length
