"""Questions that people have answered and confirmed: the nearest of them lead to articles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.library import ArticleNumber, Library
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.postings import Floats
from knowledge_base.search.space import TextSpace

_NEAREST = 200
"""Neighbours that vote. The votes of those farther away come to nothing."""
CARD_PREFIX = "card:"
"""Keys of questions that stand on an answer card begin so."""
_DOUBT = 0.1
"""Votes for "none of these": a few far neighbours do not make a certainty."""


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A question with the articles that answer it, confirmed by a person.

    Attributes:
        key: where it comes from (a ticket's number, a file's id).
        text: the question as it was put.
        articles: names and numbers of the articles that answer it.
        answer: the answer's words, if kept: they are nearer to the law's than the question's are.
        topic: its topic's code, if known.
    """

    key: str
    text: str
    articles: tuple[tuple[str, ArticleNumber], ...]
    answer: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class _Places:
    """Where a question's articles are: rows of all their versions, sections, chapters, laws."""

    rows: NDArray[np.intp]
    sections: NDArray[np.int32]
    chapters: NDArray[np.int32]
    laws: NDArray[np.int32]


@dataclass(frozen=True)
class _Groups:
    """One list of numbers a question, end to end, so that many are read in one step."""

    values: NDArray[np.intp]
    starts: NDArray[np.intp]

    @classmethod
    def of(cls, lists: Sequence[NDArray[np.signedinteger[Any]]]) -> _Groups:
        """Lay the lists end to end."""
        starts = np.zeros(len(lists) + 1, np.intp)
        np.cumsum([len(each) for each in lists], out=starts[1:])
        values = np.concatenate([*lists, np.zeros(0, np.intp)]).astype(np.intp)
        return cls(values, starts)

    def read(self, numbers: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the values of these lists, and for each value the position of its list."""
        counts = self.starts[numbers + 1] - self.starts[numbers]
        owner = np.repeat(np.arange(len(numbers)), counts)
        before = np.cumsum(counts) - counts
        at = np.arange(len(owner)) - before[owner] + self.starts[numbers][owner]
        return self.values[at], owner

    def shares(self, numbers: NDArray[np.intp], power: Floats, whole: float, size: int) -> Floats:
        """Return each value's share of the power of the lists that hold it."""
        values, owner = self.read(numbers)
        return (np.bincount(values, power[owner], size) / whole).astype(np.float32)


@dataclass(frozen=True)
class _AllPlaces:
    """The places of all questions."""

    rows: _Groups
    sections: _Groups
    chapters: _Groups
    laws: _Groups


@dataclass(frozen=True)
class Votes:
    """What the nearest answered questions say; shares of all votes, doubt included.

    Attributes:
        articles: rows that were voted for, with their share.
        nearest: for each of these rows the likeness of the nearest question that cites it.
        by_section, by_chapter, by_law: shares, indexed by the index's numbers.
        likeness: of each answered question, 0 … 1.
        best: the likeness of the nearest.
    """

    articles: NDArray[np.intp]
    shares: Floats
    nearest: Floats
    by_section: Floats
    by_chapter: Floats
    by_law: Floats
    likeness: Floats
    best: float


class AnsweredQuestions:
    """All answered questions of an installation, and where in the index their articles are."""

    def __init__(
        self, library: Library, index: SearchIndex, questions: Iterable[AnsweredQuestion] = ()
    ) -> None:
        self._library = library
        self._index = index
        self._questions = list(questions)
        self._asked = TextSpace([question.text for question in self._questions])
        self._told = TextSpace([question.answer or question.text for question in self._questions])
        self._places = [self._places_of(question) for question in self._questions]
        self._flat: _AllPlaces | None = None
        self._keys = {question.key for question in self._questions}
        self._chapters = int(index.chapter_of.max(initial=-1)) + 1
        self.law_counts = np.zeros(len(library.laws()), np.float32)
        for places in self._places:
            self.law_counts[places.laws] += 1

    def __len__(self) -> int:
        """Count the questions."""
        return len(self._questions)

    @property
    def from_people(self) -> int:
        """The number of questions that come from reviewed calls, not from answer cards."""
        return sum(not question.key.startswith(CARD_PREFIX) for question in self._questions)

    def __getitem__(self, number: int) -> AnsweredQuestion:
        """Return one question."""
        return self._questions[number]

    def rows_of(self, number: int) -> NDArray[np.intp]:
        """Return the rows of one question's articles, all versions."""
        return self._places[number].rows

    def knows(self, key: str) -> bool:
        """Whether a question of this key is here."""
        return key in self._keys

    def add(self, question: AnsweredQuestion) -> None:
        """Learn one more; it counts for the next search. A key that is known is left as it is."""
        if question.key in self._keys:
            return
        self._keys.add(question.key)
        self._questions.append(question)
        self._asked.add(question.text)
        self._told.add(question.answer or question.text)
        self._places.append(self._places_of(question))
        self._flat = None
        self.law_counts[self._places[-1].laws] += 1

    def votes(self, text: str, leave_out: int | None = None) -> Votes:
        """Ask the nearest questions.

        Args:
            text: the new question.
            leave_out: a question of the collection that may not vote (to tune on itself).
        """
        index = self._index
        sections, laws = len(index.law_of), len(self.law_counts)
        # Another question may be put in quite other words and yet have the same answer.
        likeness = self._asked.similarities(text) + self._told.similarities(text)
        likeness *= np.float32(0.5)
        if leave_out is not None:
            likeness[leave_out] = 0
        voters = np.flatnonzero(likeness > 0)
        if len(voters) > _NEAREST:
            voters = voters[np.argpartition(-likeness[voters], _NEAREST)[:_NEAREST]]
        power = likeness[voters] ** 2
        whole = float(power.sum()) + _DOUBT
        places = self._all_places()
        voted, owner = places.rows.read(voters)
        rows, place = np.unique(voted, return_inverse=True)
        nearest = np.zeros(len(rows), np.float32)
        np.maximum.at(nearest, place, likeness[voters][owner])
        return Votes(
            articles=rows,
            shares=(np.bincount(place, power[owner], len(rows)) / whole).astype(np.float32),
            nearest=nearest,
            by_section=places.sections.shares(voters, power, whole, sections),
            by_chapter=places.chapters.shares(voters, power, whole, self._chapters),
            by_law=places.laws.shares(voters, power, whole, laws),
            likeness=likeness,
            best=float(likeness.max(initial=0.0)),
        )

    def _all_places(self) -> _AllPlaces:
        if self._flat is None:
            self._flat = _AllPlaces(
                _Groups.of([each.rows for each in self._places]),
                _Groups.of([each.sections for each in self._places]),
                _Groups.of([each.chapters for each in self._places]),
                _Groups.of([each.laws for each in self._places]),
            )
        return self._flat

    def _places_of(self, question: AnsweredQuestion) -> _Places:
        found = {
            article.id
            for law, number in question.articles
            for article in self._library.versions_of(law, number)
        }
        rows = np.array(sorted(found), np.intp)
        sections = np.unique(self._index.section[rows])
        return _Places(
            rows,
            sections,
            np.unique(self._index.chapter_of[sections]),
            np.unique(self._index.law_of[sections]),
        )
