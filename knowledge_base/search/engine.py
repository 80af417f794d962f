"""The search of an installation: articles, answer cards, reviewed tickets and services at once."""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from knowledge_base.citations import LawNames, parse
from knowledge_base.library import Article, Library
from knowledge_base.library.numerals import NUMERAL
from knowledge_base.search.answered import AnsweredQuestion, AnsweredQuestions
from knowledge_base.search.documents import Document, Kind, ticket_document
from knowledge_base.search.explain import Reason, Why, reasons
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.ranking import Ranker
from knowledge_base.search.space import TextSpace
from knowledge_base.search.tuning import Weights
from knowledge_base.search.vocabulary import Vocabulary
from knowledge_base.search.words import words
from knowledge_base.topics.taxonomy import Taxonomy

_CITATION = re.compile(rf"{NUMERAL}\s*条")
_LONGEST_QUESTION = 2000
"""Characters of a question that are looked at; a caller's story is shorter."""
_SHARED = 5


@dataclass(frozen=True, slots=True)
class ArticleHit:
    """An article that was found. ``score`` orders hits of one question and means nothing else."""

    article: Article
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class DocumentHit:
    """A card, ticket or service that was found; ``likeness`` is 0 … 1.

    ``shared``: the words of the question that stand in it, the reason why it is there.
    """

    document: Document
    likeness: float
    shared: tuple[str, ...] = ()


class Search:
    """Finds what answers a question, and learns from confirmed answers at once."""

    def __init__(
        self,
        library: Library,
        index: SearchIndex,
        taxonomy: Taxonomy,
        vocabulary: Vocabulary,
        weights: Weights,
        *,
        questions: Iterable[AnsweredQuestion] = (),
        documents: Iterable[Document] = (),
    ) -> None:
        self.library = library
        self._taxonomy = taxonomy
        self._weights = weights
        answered = AnsweredQuestions(library, index, questions)
        self._ranker = Ranker(library, index, taxonomy, vocabulary, answered)
        self._turn = threading.Lock()
        self._documents = list(documents)
        self._space = TextSpace([document.text for document in self._documents])

    def articles(self, text: str, *, on: date | None = None, limit: int = 10) -> list[ArticleHit]:
        """Return the articles that answer a question, the best first.

        Args:
            text: the question in lay words, or a citation.
            on: only what was in force that day; None: the newest text of each law.
            limit: how many at most.
        """
        # Pages search in threads while a confirmed answer comes in.
        with self._turn:
            return self._articles(text[:_LONGEST_QUESTION], on, limit)

    def _articles(self, text: str, on: date | None, limit: int) -> list[ArticleHit]:
        cited = self._cited(text, on)
        candidates = self._ranker.candidates(text, on)
        scores = self._weights.score(candidates.features, self._ranker.answered.from_people)
        order = np.argsort(-scores, kind="stable")
        hits = list(cited)
        seen = {hit.article.key for hit in hits}
        for place in order:
            if len(hits) >= limit:
                break
            article = self.library.at(int(candidates.rows[place]))
            if article.key in seen:
                continue
            seen.add(article.key)
            why = reasons(text, article, candidates, self._ranker, self._taxonomy)
            hits.append(ArticleHit(article, float(scores[place]), why))
        return hits[:limit]

    def documents(
        self, text: str, *, kinds: Collection[Kind] = tuple(Kind), limit: int = 5
    ) -> list[DocumentHit]:
        """Return the cards, reviewed tickets and services that are like a question."""
        with self._turn:
            likeness = self._space.similarities(text[:_LONGEST_QUESTION])
        hits: list[DocumentHit] = []
        for number in np.argsort(-likeness, kind="stable"):
            document = self._documents[int(number)]
            if len(hits) >= limit or likeness[number] <= 0:
                break
            if document.kind in kinds:
                hits.append(DocumentHit(document, float(likeness[number]), _shared(text, document)))
        return hits

    def citing(self, article: Article) -> list[Document]:
        """Return the cards and reviewed tickets that rest on an article, whatever its version."""
        return [document for document in self._documents if article.key in document.articles]

    def knows(self, key: str) -> bool:
        """Whether an answered question of this key was learnt already."""
        return self._ranker.answered.knows(key)

    def learn(self, question: AnsweredQuestion) -> None:
        """Take up a confirmed answer; the next search uses it."""
        with self._turn:
            known = len(self._ranker.answered)
            self._ranker.answered.add(question)
            new = len(self._ranker.answered) > known
        if new:
            self.add(ticket_document(question))

    def add(self, document: Document) -> None:
        """Take up a document; the next search finds it."""
        with self._turn:
            self._documents.append(document)
            self._space.add(document.text)

    @cached_property
    def _names(self) -> LawNames:
        # Made when the first citation is asked for: it knows the sound of every name.
        return LawNames(self.library.aliases())

    def _cited(self, text: str, on: date | None) -> list[ArticleHit]:
        if _CITATION.search(text) is None:
            return []
        hits = []
        for citation in parse(text, self._names):
            if citation.law is None:
                continue
            article = self.library.article(citation.law, citation.number, on)
            if article is not None:
                hits.append(ArticleHit(article, 1e9, (Reason(Why.CITED, "您直接写了这一条"),)))
        return hits


def _shared(text: str, document: Document) -> tuple[str, ...]:
    said = dict.fromkeys(word for word in words(text[:_LONGEST_QUESTION]) if len(word) > 1)
    return tuple(word for word in said if word in document.text)[:_SHARED]
