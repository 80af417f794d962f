"""A growing collection of short texts compared by their words: answered questions, cards, tickets.

Texts can be added at any time; what was added last is found at once.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge_base.search.words import terms

_REBUILT_AT_LEAST = 64
_REBUILT_SHARE = 0.1


class TextSpace:
    """Texts as unit vectors of TF-IDF weights; ``similarities`` are cosines in 0 … 1.

    The rarity of terms is that of the last rebuilding, which happens when a tenth is new.
    """

    def __init__(self, texts: Sequence[str] = ()) -> None:
        self._counts: list[Counter[str]] = [Counter(terms(text)) for text in texts]
        self._rarity: dict[str, float] = {}
        self._default = 1.0
        self._built = 0
        self._columns: dict[str, tuple[NDArray[np.int32], NDArray[np.float32]]] = {}
        self._late: list[dict[str, float]] = []
        self._rebuild()

    def __len__(self) -> int:
        """Count the texts."""
        return len(self._counts)

    def add(self, text: str) -> int:
        """Add a text and return its number."""
        counts = Counter(terms(text))
        self._counts.append(counts)
        self._late.append(self._vector(counts))
        if len(self._late) > max(_REBUILT_AT_LEAST, _REBUILT_SHARE * self._built):
            self._rebuild()
        return len(self._counts) - 1

    def similarities(self, text: str) -> NDArray[np.float32]:
        """Return the cosine of the text with each text of the collection."""
        found = np.zeros(len(self._counts), np.float32)
        vector = self._vector(Counter(terms(text)))
        for term, weight in vector.items():
            column = self._columns.get(term)
            if column is not None:
                found[column[0]] += column[1] * np.float32(weight)
        for number, late in enumerate(self._late, start=self._built):
            small, large = sorted((late, vector), key=len)
            found[number] = sum(weight * large.get(term, 0.0) for term, weight in small.items())
        return found

    def _vector(self, counts: Counter[str]) -> dict[str, float]:
        raw = {
            term: (1 + math.log(count)) * self._rarity.get(term, self._default)
            for term, count in counts.items()
        }
        length = math.sqrt(sum(weight * weight for weight in raw.values())) or 1.0
        return {term: weight / length for term, weight in raw.items()}

    def _rebuild(self) -> None:
        documents = Counter(term for counts in self._counts for term in counts)
        size = len(self._counts)
        self._default = math.log(1 + size) + 1
        self._rarity = {
            term: math.log((1 + size) / (1 + count)) + 1 for term, count in documents.items()
        }
        columns: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, counts in enumerate(self._counts):
            for term, weight in self._vector(counts).items():
                columns[term].append((number, weight))
        self._columns = {
            term: (
                np.array([number for number, _ in column], np.int32),
                np.array([weight for _, weight in column], np.float32),
            )
            for term, column in columns.items()
        }
        self._built = size
        self._late = []
