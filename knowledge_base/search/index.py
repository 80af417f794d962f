"""The search index over a library's articles: built once, then mapped into memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.library import Level, Library
from knowledge_base.library.container import Arrays, read_container, write_container
from knowledge_base.search.postings import Floats, Postings
from knowledge_base.search.words import pairs, words

_KIND = "search-index-1"
_FAR = 1 << 30
_SHORT_FIELD = 0.3
"""How much length is held against a name or heading: little, they are all short."""

_FIELDS = ("words", "pairs", "names", "headings")
_COLUMNS = (
    *("law", "number", "section", "chapter_of", "law_of", "since", "until"),
    *("newest", "expired", "is_law", "is_interpretation", "length"),
)

Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class SearchIndex:
    """What ranking needs to know about each article (row) of a library.

    A section is the narrowest heading that an article stands under, a chapter the second widest;
    names of laws are indexed once a law, headings once a section.
    """

    fingerprint: str
    words: Postings
    pairs: Postings
    names: Postings
    headings: Postings
    law: Ints
    number: Ints
    section: Ints
    chapter_of: Ints
    law_of: Ints
    since: Ints
    until: Ints
    newest: Flags
    expired: Floats
    is_law: Floats
    is_interpretation: Floats
    length: Floats

    @property
    def size(self) -> int:
        """The number of articles, all versions counted."""
        return len(self.law)

    @classmethod
    def build(
        cls, library: Library, advance: Callable[[int, int], None] = lambda _done, _total: None
    ) -> SearchIndex:
        """Index a library.

        Args:
            library: what to index.
            advance: told how many of how many articles are cut into words.
        """
        places = _Places(library)
        arrays: Arrays = {}
        meta: dict[str, Any] = {"fingerprint": library.fingerprint}
        texts = _Texts(library, advance)
        found = Postings.build(texts.words())
        arrays |= found.arrays("words")
        arrays |= Postings.build(pairs(text) for text in texts.seen).arrays("pairs")
        names = [words(law.name) + pairs(law.name) for law in library.laws()]
        arrays |= Postings.build(names, b=_SHORT_FIELD, copies=places.articles_of_law).arrays(
            "names"
        )
        headings = [words(text) + pairs(text) for text in places.section_text]
        arrays |= Postings.build(
            headings, b=_SHORT_FIELD, copies=places.articles_of_section
        ).arrays("headings")
        arrays |= places.arrays(library, texts.seen)
        return cls.from_container(meta, arrays)

    @classmethod
    def from_container(cls, meta: dict[str, Any], arrays: Arrays) -> SearchIndex:
        """Put an index together from what ``save`` wrote."""
        return cls(
            fingerprint=meta["fingerprint"],
            words=Postings.from_arrays("words", arrays),
            pairs=Postings.from_arrays("pairs", arrays),
            names=Postings.from_arrays("names", arrays),
            headings=Postings.from_arrays("headings", arrays),
            **{column: arrays[column] for column in _COLUMNS},
        )

    def save(self, file: Path) -> None:
        """Write the index to one file, in one step."""
        arrays: Arrays = {}
        for field in _FIELDS:
            arrays |= getattr(self, field).arrays(field)
        arrays |= {column: getattr(self, column) for column in _COLUMNS}
        write_container(file, _KIND, {"fingerprint": self.fingerprint}, arrays)

    @classmethod
    def open(cls, file: Path) -> SearchIndex:
        """Open the file that ``save`` wrote; see ``read_container`` for the errors."""
        return cls.from_container(*read_container(file, _KIND))

    def outside(self, on: date | None) -> NDArray[np.intp]:
        """Return the rows that do not count: of other versions, or not in force on that day."""
        if on is None:
            return np.flatnonzero(~self.newest)
        day = on.toordinal()
        return np.flatnonzero((self.since > day) | (self.until <= day))


class _Texts:
    """The articles' texts, read once and kept for the second pass."""

    def __init__(self, library: Library, advance: Callable[[int, int], None]) -> None:
        self._library = library
        self._advance = advance
        self.seen: list[str] = []

    def words(self) -> Iterator[list[str]]:
        """Yield each article's words."""
        total = len(self._library)
        for done, article in enumerate(self._library.rows(), start=1):
            self.seen.append(article.text)
            yield words(article.text)
            if done % 2000 == 0 or done == total:
                self._advance(done, total)


class _Places:
    """Where each article stands: law, chapter, section."""

    def __init__(self, library: Library) -> None:
        laws = library.laws()
        self.articles_of_law = [0] * len(laws)
        self.section_text: list[str] = []
        self.articles_of_section: list[int] = []
        sections: dict[tuple[object, ...], int] = {}
        chapters: dict[tuple[object, ...], int] = defaultdict(lambda: len(chapters))
        self.law: list[int] = []
        self.section: list[int] = []
        self.chapter_of: list[int] = []
        self.law_of: list[int] = []
        for article in library.rows():
            law = article.law.index
            key = (law, *article.headings)
            if key not in sections:
                sections[key] = len(sections)
                self.section_text.append(" ".join(article.headings))
                self.articles_of_section.append(0)
                self.chapter_of.append(chapters[law, *article.headings[:2]])
                self.law_of.append(law)
            self.law.append(law)
            self.section.append(sections[key])
            self.articles_of_law[law] += 1
            self.articles_of_section[sections[key]] += 1

    def arrays(self, library: Library, texts: Sequence[str]) -> Arrays:
        """Return the columns that ranking reads."""
        rows = list(library.rows())
        newest = np.zeros(len(rows), np.bool_)
        newest[library.current_rows()] = True
        level = [article.law.level for article in rows]
        return {
            "law": np.array(self.law, np.int32),
            "number": np.array([article.number.number for article in rows], np.int32),
            "section": np.array(self.section, np.int32),
            "chapter_of": np.array(self.chapter_of, np.int32),
            "law_of": np.array(self.law_of, np.int32),
            "since": np.array([_since(article.version.valid_from) for article in rows], np.int32),
            "until": np.array(
                [_until(article.version.valid_to, article.version.expired) for article in rows],
                np.int32,
            ),
            "newest": newest,
            "expired": np.array([article.version.expired for article in rows], np.float32),
            "is_law": np.array([each is Level.LAW for each in level], np.float32),
            "is_interpretation": np.array(
                [each is Level.INTERPRETATION for each in level], np.float32
            ),
            "length": np.log([max(1, len(text)) for text in texts]).astype(np.float32),
        }


def _since(day: date | None) -> int:
    return 0 if day is None else day.toordinal()


def _until(day: date | None, expired: bool) -> int:
    if day is not None:
        return day.toordinal()
    # Expired nobody knows when: better not shown for any day than shown as good law.
    return 0 if expired else _FAR
