"""Where in a text something stands: the words around it, compared between answer and statute."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

_SPLIT = re.compile(r"[。；;！!？?\n]+")
_DROPPED = re.compile(r"[\s，,、：:“”\"'《》〈〉（）()【】\[\]…—\-·.．]")
_COMMAS = frozenset("，,：:")
_FUNCTION = frozenset(
    "的了是在和与或者其该有为于以对由应当可不得之等而并且但被将把从向及也都就还则所这那您我你他她"
)
_REACH = 14
_HALF = 6.0
_WHOLE = 0.5
"""How much the whole sentence counts beside the nearest words."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence without punctuation; ``start`` is where it begins in the whole text."""

    text: str
    origins: tuple[int, ...]
    clauses: tuple[int, ...]
    """The number of the clause (between commas) that each character stands in."""
    grams: frozenset[str]

    def place(self, origin: int) -> int | None:
        """Return where the whole text's character stands here; None where it does not."""
        low, high = 0, len(self.origins)
        while low < high:
            middle = (low + high) // 2
            if self.origins[middle] < origin:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self.origins) and self.origins[low] == origin else None


def sentences(text: str) -> list[Sentence]:
    """Cut a text into sentences, dropping punctuation and blanks."""
    found = []
    position = 0
    for match in [*_SPLIT.finditer(text), None]:
        end = match.start() if match else len(text)
        kept = [i for i in range(position, end) if not _DROPPED.match(text[i])]
        if kept:
            words = "".join(text[i] for i in kept)
            commas = [i for i in range(position, end) if text[i] in _COMMAS]
            clauses = tuple(bisect_left(commas, i) for i in kept)
            found.append(Sentence(words, tuple(kept), clauses, frozenset(_grams(words))))
        position = match.end() if match else end
    return found


def _grams(text: str) -> list[str]:
    return [text[i : i + 2] for i in range(len(text) - 1)]


def weight(gram: str) -> float:
    """Return how much a pair of characters tells: function words tell little."""
    common = sum(character in _FUNCTION for character in gram)
    return (1.0, 0.5, 0.15)[common]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The words around one place, weighed by nearness."""

    left: dict[str, float]
    right: dict[str, float]
    sentence: frozenset[str]

    @classmethod
    def of(cls, sentence: Sentence, start: int, end: int) -> Surroundings:
        """Take the words around a span of a sentence."""
        text = sentence.text
        left: dict[str, float] = {}
        for distance, i in enumerate(range(start - 2, max(-1, start - 2 - _REACH), -1)):
            gram = text[i : i + 2]
            left[gram] = max(left.get(gram, 0.0), weight(gram) / (1 + distance / _HALF))
        right: dict[str, float] = {}
        for distance, i in enumerate(range(end, min(len(text) - 1, end + _REACH))):
            gram = text[i : i + 2]
            right[gram] = max(right.get(gram, 0.0), weight(gram) / (1 + distance / _HALF))
        return cls(left, right, sentence.grams)

    def likeness(self, other: Surroundings) -> float:
        """Return how far the other place's words hold this one's, 0 … 1."""
        total = sum(self.left.values()) + sum(self.right.values())
        if not total:
            return 0.0
        same = _shared(self.left, other.left) + _shared(self.right, other.right)
        crossed = _shared(self.left, other.right) + _shared(self.right, other.left)
        near = min(1.0, (same + 0.4 * crossed) / total)
        return (1 - _WHOLE) * near + _WHOLE * held(self.sentence, other.sentence)


def _shared(one: dict[str, float], other: dict[str, float]) -> float:
    return sum(min(value, other[gram]) for gram, value in one.items() if gram in other)


def held(one: frozenset[str], other: frozenset[str]) -> float:
    """Return which share of one sentence's pairs, by weight, stands in the other."""
    total = sum(weight(gram) for gram in one)
    return sum(weight(gram) for gram in one & other) / total if total else 0.0


def governed_share(words: str, others: str) -> float:
    """Return how far the words that a modal governs stand in others, the first ones most."""
    weights: dict[str, float] = {}
    for distance, gram in enumerate(_grams(words)):
        weights[gram] = max(weights.get(gram, 0.0), weight(gram) / (1 + distance / _HALF))
    total = sum(weights.values())
    found = set(_grams(others))
    return sum(value for gram, value in weights.items() if gram in found) / total if total else 0.0
