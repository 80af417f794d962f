"""From a question to ranked articles: a quick sum over all of them, then a closer look at the best.

Everything is a sum of features with weights that can be shown, so that each hit can say why it is
there. The weights come from ``weights.yaml``; ``tuning.py`` finds them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from knowledge_base.library import Library
from knowledge_base.search.answered import AnsweredQuestions, Votes
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.postings import Floats
from knowledge_base.search.vocabulary import Vocabulary
from knowledge_base.search.words import pairs, words
from knowledge_base.topics.taxonomy import Taxonomy

CANDIDATES = 400
"""Articles that get the closer look."""

FEATURES = (
    *("lexical", "words", "pairs", "name", "headings", "coverage", "lay", "absolute", "beside"),
    *("expired", "law", "interpretation", "usual", "topic", "length", "rank"),
    *("votes", "votes_log", "nearest", "nearest_share", "law_votes", "section_votes"),
    *("law_votes_log", "law_count", "lexical_votes", "lexical_section", "lexical_law"),
    *("lexical_nearest", "lexical_topic", "votes_beside"),
)
"""The columns of ``Candidates.features``."""

_PAIRS, _NAME, _HEADINGS = 0.5, 0.3, 0.3
_LAY, _USUAL, _TOPIC, _EXPIRED = 0.15, 0.2, 0.2, 0.1
_VOTES, _LAW_VOTES, _CHAPTER_VOTES, _SECTION_VOTES = 3.0, 0.6, 0.8, 1.2
_HINT_SCALE = 2.0
_NEAR = 0.2
_TINY = np.float32(1e-9)
_STRETCH = np.float32(50.0)
"""Votes are small shares: stretched before the logarithm."""


@dataclass(frozen=True)
class Candidates:
    """The best articles of the quick sum, the best first, and what is known about each."""

    rows: NDArray[np.intp]
    features: Floats
    votes: Votes
    topics: dict[str, float]


class Ranker:
    """Finds candidates for a question and measures them; ``weights`` order them."""

    def __init__(
        self,
        library: Library,
        index: SearchIndex,
        taxonomy: Taxonomy,
        vocabulary: Vocabulary,
        answered: AnsweredQuestions,
    ) -> None:
        self.library = library
        self.index = index
        self._taxonomy = taxonomy
        self.vocabulary = vocabulary
        self.answered = answered
        self._topic_rows = taxonomy.rows(library)
        self._usual = np.zeros(index.size, np.float32)
        for rows in self._topic_rows.values():
            self._usual[rows] = 1
        self._standing = np.float32(_USUAL) * self._usual - np.float32(_EXPIRED) * index.expired
        self._outside: dict[date | None, NDArray[np.intp]] = {}

    def is_usual(self, topic: str, row: int) -> bool:
        """Tell whether an article is one that a topic's questions are usually answered from."""
        rows = self._topic_rows[topic]
        at = int(np.searchsorted(rows, row))
        return at < len(rows) and int(rows[at]) == row

    def topics(self, text: str) -> dict[str, float]:
        """Return how likely each topic is by its words; what is missing to 1 is doubt."""
        hints = self._taxonomy.hints(text)
        raw = {code: float(np.expm1(weight / _HINT_SCALE)) for code, weight in hints.items()}
        whole = sum(raw.values()) + 1
        return {code: weight / whole for code, weight in raw.items()}

    def candidates(
        self, text: str, on: date | None = None, leave_out: int | None = None
    ) -> Candidates:
        """Find the candidates.

        Args:
            text: the question.
            on: only articles in force that day; None: the newest text of each law.
            leave_out: an answered question that may not vote (to tune on itself).
        """
        index = self.index
        word_ids, pair_ids = index.words.ids(words(text)), index.pairs.ids(pairs(text))
        by_words = index.words.scores(word_ids)
        by_pairs = index.pairs.scores(pair_ids)
        terms = words(text) + pairs(text)
        by_name = index.names.scores(index.names.ids(terms))
        by_headings = index.headings.scores(index.headings.ids(terms))
        place = np.float32(_NAME) * by_name[index.law_of] + np.float32(_HEADINGS) * by_headings
        lexical = by_words + np.float32(_PAIRS) * by_pairs
        lexical += place[index.section]
        top = lexical.max(initial=0.0) + _TINY
        lexical /= top
        lay_ids = {
            index.words.vocabulary[word]: weight
            for word, weight in self.vocabulary.legal_words(text).items()
            if word in index.words.vocabulary
        }
        lay = index.words.scores(lay_ids)
        lay /= top
        topics = self.topics(text)
        topic = np.zeros(index.size, np.float32)
        for code, weight in topics.items():
            topic[self._topic_rows[code]] += np.float32(weight)
        votes = self.answered.votes(text, leave_out)
        by_section = (
            np.float32(_LAW_VOTES) * votes.by_law[index.law_of]
            + np.float32(_CHAPTER_VOTES) * votes.by_chapter[index.chapter_of]
            + np.float32(_SECTION_VOTES) * votes.by_section
        )
        first = lexical + self._standing
        first += np.float32(_LAY) * lay
        first += np.float32(_TOPIC) * topic
        first += by_section[index.section]
        first[votes.articles] += np.float32(_VOTES) * votes.shares
        first[self._outside_of(on)] = -np.inf
        rows = _best(first, CANDIDATES)
        at = _Measured(index, rows, votes, lexical)
        voted, nearest = at.votes()
        section, law = index.section[rows], index.law[rows]
        own = lexical[rows]
        voted_log = np.log1p(_STRETCH * voted)
        law_votes = votes.by_law[law]
        section_votes = votes.by_section[section]
        law_log = np.log1p(_STRETCH * law_votes)
        columns = (
            *(own, by_words[rows] / (by_words.max(initial=0.0) + _TINY)),
            by_pairs[rows] / (by_pairs.max(initial=0.0) + _TINY),
            by_name[law] / (by_name.max(initial=0.0) + _TINY),
            by_headings[section] / (by_headings.max(initial=0.0) + _TINY),
            *(index.words.coverage(rows, word_ids), lay[rows], by_words[rows] / 10, at.beside()),
            *(index.expired[rows], index.is_law[rows], index.is_interpretation[rows]),
            *(self._usual[rows], topic[rows], index.length[rows]),
            np.log1p(np.arange(len(rows))),
            *(voted, voted_log, nearest, nearest / (votes.best + 0.05)),
            *(law_votes, section_votes, law_log, np.log1p(self.answered.law_counts[law])),
            *(own * voted_log, own * np.log1p(_STRETCH * section_votes), own * law_log),
            *(own * nearest, own * topic[rows], at.votes_beside()),
        )
        return Candidates(rows, np.stack(columns, axis=1).astype(np.float32), votes, topics)

    def _outside_of(self, on: date | None) -> NDArray[np.intp]:
        if on not in self._outside:
            if len(self._outside) > 64:
                self._outside.clear()
            self._outside[on] = self.index.outside(on)
        return self._outside[on]


class _Measured:
    """Features of the candidates that need their places."""

    def __init__(
        self, index: SearchIndex, rows: NDArray[np.intp], votes: Votes, lexical: Floats
    ) -> None:
        self._index = index
        self._rows = rows
        self._votes = votes
        self._lexical = lexical

    def votes(self) -> tuple[Floats, Floats]:
        """Return each candidate's share of the votes and its nearest question's likeness."""
        known = self._votes.articles
        share = np.zeros(len(self._rows), np.float32)
        nearest = np.zeros(len(self._rows), np.float32)
        if len(known):
            at = np.minimum(np.searchsorted(known, self._rows), len(known) - 1)
            hit = known[at] == self._rows
            share[hit] = self._votes.shares[at[hit]]
            nearest[hit] = self._votes.nearest[at[hit]]
        return share, nearest

    def votes_beside(self) -> Floats:
        """Return the votes for the articles up to two places away from each candidate."""
        votes = np.zeros(self._index.size + 4, np.float32)
        votes[self._votes.articles + 2] = self._votes.shares
        away = [votes[self._rows + 2 + step] for step in (-2, -1, 1, 2)]
        found: Floats = np.log1p(_STRETCH * np.max(away, axis=0))
        return found

    def beside(self) -> Floats:
        """Return the better lexical score of the two articles next to each candidate."""
        before = self._lexical[np.maximum(self._rows - 1, 0)]
        after = self._lexical[np.minimum(self._rows + 1, self._index.size - 1)]
        return np.maximum(before, after)


def _best(scores: Floats, count: int) -> NDArray[np.intp]:
    # Few articles come near the best: sorting those alone is much quicker than all.
    top = float(scores.max(initial=-np.inf))
    near = np.flatnonzero(scores > top * _NEAR) if top > 0 else np.zeros(0, np.intp)
    if len(near) < count:
        near = np.flatnonzero(np.isfinite(scores))
    near_scores = scores[near]
    if len(near) > count:
        kept = np.argpartition(-near_scores, count - 1)[:count]
        near, near_scores = near[kept], near_scores[kept]
    return near[np.argsort(-near_scores, kind="stable")]
