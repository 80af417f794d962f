"""An inverted index with BM25 weights worked out beforehand: a query is a sum of columns."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from knowledge_base.library.container import Arrays

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Postings:
    """For each term the documents that hold it and how much it says about them.

    Attributes:
        starts: where each term's documents begin; one more than there are terms.
        documents: document numbers, term by term.
        weights: the BM25 weight of the term in that document, its rarity included.
        rarity: the inverse document frequency of each term.
    """

    vocabulary: dict[str, int]
    starts: NDArray[np.int64]
    documents: NDArray[np.int32]
    weights: Floats
    rarity: Floats
    size: int

    @classmethod
    def build(
        cls,
        texts: Iterable[Sequence[str]],
        *,
        k1: float = 1.2,
        b: float = 0.75,
        copies: Sequence[int] | None = None,
    ) -> Postings:
        """Count the terms of the documents.

        Args:
            texts: the terms of each document, in the documents' order.
            k1: how quickly repeating a term stops to count.
            b: how much a long document is held against it.
            copies: how often each document counts for rarity (a law's name: its articles).
        """
        vocabulary: dict[str, int] = {}
        term_ids, counts, sizes = array("i"), array("f"), array("i")
        for text in texts:
            counted = Counter(vocabulary.setdefault(term, len(vocabulary)) for term in text)
            term_ids.extend(counted.keys())
            counts.extend(counted.values())
            sizes.append(len(counted))
        size = len(sizes)
        terms = np.frombuffer(term_ids, np.int32) if term_ids else np.zeros(0, np.int32)
        count = np.frombuffer(counts, np.float32) if counts else np.zeros(0, np.float32)
        documents = np.repeat(np.arange(size, dtype=np.int32), np.asarray(sizes, np.int64))
        times = np.ones(size) if copies is None else np.asarray(copies, np.float64)
        total = times.sum()
        frequency = np.bincount(terms, times[documents], minlength=len(vocabulary))
        rarity = np.log(1 + (total - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
        lengths = np.bincount(documents, count, minlength=size)
        mean = float((lengths * times).sum() / total) if total else 1.0
        penalty = (k1 * (1 - b + b * lengths / (mean or 1.0))).astype(np.float32)
        weights = count * (k1 + 1) / (count + penalty[documents]) * rarity[terms]
        order = np.argsort(terms, kind="stable")
        starts = np.zeros(len(vocabulary) + 1, np.int64)
        np.cumsum(np.bincount(terms, minlength=len(vocabulary)), out=starts[1:])
        return cls(
            vocabulary, starts, documents[order], weights[order].astype(np.float32), rarity, size
        )

    def ids(self, terms: Iterable[str]) -> dict[int, float]:
        """Return how often each known term stands in a query."""
        found: dict[int, float] = {}
        for term in terms:
            number = self.vocabulary.get(term)
            if number is not None:
                found[number] = found.get(number, 0.0) + 1.0
        return found

    def add(self, scores: Floats, query: dict[int, float]) -> None:
        """Add to ``scores`` what each document says about the query's terms."""
        starts, documents, weights = self.starts, self.documents, self.weights
        for term, times in query.items():
            begin, end = starts[term], starts[term + 1]
            scores[documents[begin:end]] += weights[begin:end] * np.float32(times)

    def scores(self, query: dict[int, float]) -> Floats:
        """Return what each document says about the query's terms."""
        found = np.zeros(self.size, np.float32)
        self.add(found, query)
        return found

    def coverage(self, rows: NDArray[np.intp], query: dict[int, float]) -> Floats:
        """Return the share of the query's rarity that each of the documents holds."""
        found = np.zeros(len(rows), np.float32)
        whole = sum(float(self.rarity[term]) for term in query) or 1.0
        for term in query:
            documents = self.documents[self.starts[term] : self.starts[term + 1]]
            if len(documents):
                at = np.minimum(np.searchsorted(documents, rows), len(documents) - 1)
                found += (documents[at] == rows) * np.float32(self.rarity[term] / whole)
        return found

    def weight_in(self, term: int, document: int) -> float:
        """Return the weight of one term in one document."""
        begin, end = int(self.starts[term]), int(self.starts[term + 1])
        at = begin + int(np.searchsorted(self.documents[begin:end], document))
        found = at < end and self.documents[at] == document
        return float(self.weights[at]) if found else 0.0

    def arrays(self, prefix: str) -> Arrays:
        """Return what a container keeps of it."""
        words = np.frombuffer("\n".join(self.vocabulary).encode(), np.uint8)
        return {
            f"{prefix}.words": words,
            f"{prefix}.starts": self.starts,
            f"{prefix}.documents": self.documents,
            f"{prefix}.weights": self.weights,
            f"{prefix}.rarity": self.rarity,
            f"{prefix}.size": np.array([self.size], np.int64),
        }

    @classmethod
    def from_arrays(cls, prefix: str, arrays: Arrays) -> Self:
        """Take it out of a container."""
        text = bytes(arrays[f"{prefix}.words"]).decode()
        names = text.split("\n") if text else []
        return cls(
            dict(zip(names, range(len(names)), strict=True)),
            arrays[f"{prefix}.starts"],
            arrays[f"{prefix}.documents"],
            arrays[f"{prefix}.weights"],
            arrays[f"{prefix}.rarity"],
            int(arrays[f"{prefix}.size"][0]),
        )
