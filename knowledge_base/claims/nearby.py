"""Finds the articles of some laws whose words come nearest to a sentence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from knowledge_base.claims.contexts import sentences, weight
from knowledge_base.library.library import Library
from knowledge_base.library.model import Article

_LEAST_SAID = 4.0
"""A sentence that says less than this is like too many articles."""


class NearbyArticles:
    """An index of the laws that are asked for, each built when first needed."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._laws: dict[str, tuple[dict[str, list[int]], list[Article]]] = {}

    def find(
        self, text: str, laws: Iterable[str], *, least: float = 0.35, most: int = 2
    ) -> list[Article]:
        """Return for each sentence the articles that hold the largest share of its words.

        Args:
            text: an answer.
            laws: names of the laws to look in.
            least: the least share, 0 … 1.
            most: articles a sentence and law.
        """
        found: dict[int, Article] = {}
        for law in laws:
            for article in self._find_in(text, law, least, most):
                found[article.id] = article
        return list(found.values())

    def _find_in(self, text: str, law: str, least: float, most: int) -> Iterator[Article]:
        postings, articles = self._index(law)
        for sentence in sentences(text):
            shares: Counter[int] = Counter()
            total = 0.0
            for gram in sentence.grams:
                counts = weight(gram)
                total += counts
                for position in postings.get(gram, ()):
                    shares[position] += counts  # type: ignore[assignment]
            if total < _LEAST_SAID:
                continue
            for position, share in shares.most_common(most):
                if share / total >= least:
                    yield articles[position]

    def _index(self, name: str) -> tuple[dict[str, list[int]], list[Article]]:
        index = self._laws.get(name)
        if index is None:
            law = self.library.find_law(name)
            articles = list(self.library.articles_of(law)) if law else []
            postings: dict[str, list[int]] = defaultdict(list)
            for position, article in enumerate(articles):
                grams = {gram for one in sentences(article.text) for gram in one.grams}
                for gram in grams:
                    postings[gram].append(position)
            index = dict(postings), articles
            self._laws[name] = index
        return index
