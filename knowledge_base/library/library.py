"""The law library in memory: find a law by any of its names, and its article of a given day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.library.container import Arrays, read_container, write_container
from knowledge_base.library.model import Article, Law, Level, Version
from knowledge_base.library.names import fold, plain_name
from knowledge_base.library.numerals import ArticleNumber
from knowledge_base.library.packing import pack
from knowledge_base.library.sources import StatuteText

_KIND = "law-library-1"


class Library:
    """Laws, versions and articles, read-only and quick.

    Texts stay in a file mapped into memory; an ``Article`` is made when it is asked for. Build one
    with ``from_texts``, or ``open`` the file that ``save`` wrote.
    """

    def __init__(self, meta: Mapping[str, Any], arrays: Arrays) -> None:
        self._meta = meta
        self._arrays = arrays
        self._laws = tuple(_law(index, entry) for index, entry in enumerate(meta["laws"]))
        self._by_name = {law.name: law for law in self._laws}
        self._aliases: dict[str, str] = meta["aliases"]
        self._headings: list[list[str]] = meta["headings"]
        self._numbers = arrays["number"]
        self._branches = arrays["branch"]
        self._law_of = arrays["law"]
        self._version_of = arrays["version"]
        self._heading_of = arrays["heading"]
        self._offsets = arrays["offset"]
        self._texts = memoryview(arrays["text"])  # type: ignore[arg-type]
        self._spans: list[list[tuple[int, int]]] = meta["spans"]
        self._places: dict[tuple[int, int], dict[ArticleNumber, int]] = {}

    # Building and keeping

    @classmethod
    def from_texts(cls, texts: Sequence[StatuteText]) -> Library:
        """Build a library from dated texts."""
        return cls(*pack(texts))

    @classmethod
    def open(cls, file: Path) -> Library:
        """Open the file that ``save`` wrote; see ``read_container`` for the errors."""
        return cls(*read_container(file, _KIND))

    @classmethod
    def empty(cls) -> Library:
        """Return a library without laws: a house that has imported none yet."""
        return cls.from_texts(())

    def save(self, file: Path) -> None:
        """Write the library to one file, in one step."""
        write_container(file, _KIND, self._meta, self._arrays)

    # Asking

    @property
    def fingerprint(self) -> str:
        """What the content is: equal for equal texts, so that indexes know when they are old."""
        return str(self._meta["fingerprint"])

    @property
    def taken(self) -> date | None:
        """The newest 数据截至 of its texts."""
        return max(
            (version.taken for law in self._laws for version in law.versions if version.taken),
            default=None,
        )

    def __len__(self) -> int:
        """Count the articles of all versions."""
        return len(self._numbers)

    def laws(self) -> tuple[Law, ...]:
        """Return every law, those known only as repealed included (they have no articles)."""
        return self._laws

    def find_law(self, name: str) -> Law | None:
        """Find a law by its name, title, short name or what people call it; None if unknown."""
        found = self._aliases.get(fold(name))
        if found is None:
            found = self._aliases.get(fold(plain_name(name)))
        return self._by_name[found] if found is not None else None

    def aliases(self) -> Mapping[str, str]:
        """Return folded name → law's name (see ``names.fold``), for the citation parser."""
        return self._aliases

    def article(
        self, law: Law | str, number: ArticleNumber | int | str, on: date | None = None
    ) -> Article | None:
        """Return the article as it read on that day.

        Args:
            law: a law, or any name of one.
            number: ``38``, ``"第三十八条"``, ``ArticleNumber(133, 1)`` …
            on: the day; None asks for the newest text, in force or not.

        Returns:
            None if the law is unknown, has no text in force that day, or no such article.
        """
        found = self.find_law(law) if isinstance(law, str) else law
        wanted = ArticleNumber.parse(number)
        if found is None or wanted is None:
            return None
        position = found.version_on(on)
        if position is None:
            return None
        row = self._numbers_of(found, position).get(wanted)
        return None if row is None else self.at(row)

    def versions_of(self, law: Law | str, number: ArticleNumber | int | str) -> tuple[Article, ...]:
        """Return the article in every version of its law that has it, the oldest first."""
        found = self.find_law(law) if isinstance(law, str) else law
        wanted = ArticleNumber.parse(number)
        if found is None or wanted is None:
            return ()
        rows = (
            self._numbers_of(found, position).get(wanted) for position in range(len(found.versions))
        )
        return tuple(self.at(row) for row in rows if row is not None)

    def at(self, row: int) -> Article:
        """Return the article of that row (``Article.id``)."""
        law = self._laws[int(self._law_of[row])]
        begin, end = int(self._offsets[row]), int(self._offsets[row + 1])
        return Article(
            id=row,
            law=law,
            version=law.versions[int(self._version_of[row])],
            number=ArticleNumber(int(self._numbers[row]), int(self._branches[row])),
            text=bytes(self._texts[begin:end]).decode(),
            headings=tuple(self._headings[int(self._heading_of[row])]),
        )

    def articles_of(self, law: Law, version: int | None = None) -> Iterator[Article]:
        """Walk through the articles of a version (the newest by default) in their order."""
        if law.index >= len(self._spans) or not self._spans[law.index]:
            return
        position = len(law.versions) - 1 if version is None else version
        begin, end = self._spans[law.index][position]
        for row in range(begin, end):
            yield self.at(row)

    def rows_between(self, law: Law, first: int, last: int) -> NDArray[np.intp]:
        """Return the rows of the articles numbered first … last, in every version of a law."""
        spans = self._spans[law.index] if law.index < len(self._spans) else []
        found = [
            begin
            + np.flatnonzero(
                (self._numbers[begin:end] >= first) & (self._numbers[begin:end] <= last)
            )
            for begin, end in spans
        ]
        return np.concatenate(found) if found else np.zeros(0, np.intp)

    def neighbours(self, article: Article, reach: int = 1) -> tuple[Article, ...]:
        """Return the articles next to it in the same version, itself left out."""
        position = article.law.versions.index(article.version)
        begin, end = self._spans[article.law.index][position]
        rows = range(max(begin, article.id - reach), min(end, article.id + reach + 1))
        return tuple(self.at(row) for row in rows if row != article.id)

    def rows(self) -> Iterator[Article]:
        """Walk through every article of every version, in the order of ``Article.id``."""
        return (self.at(row) for row in range(len(self)))

    def current_rows(self) -> list[int]:
        """Return the rows of each law's newest text."""
        return [row for spans in self._spans if spans for row in range(*spans[-1])]

    def _numbers_of(self, law: Law, version: int) -> dict[ArticleNumber, int]:
        places = self._places.get((law.index, version))
        if places is None:
            spans = self._spans[law.index]
            begin, end = spans[version] if spans else (0, 0)
            places = {
                ArticleNumber(int(self._numbers[row]), int(self._branches[row])): row
                for row in range(begin, end)
            }
            self._places[law.index, version] = places
        return places


def _law(index: int, entry: Mapping[str, Any]) -> Law:
    return Law(
        index=index,
        name=entry["name"],
        title=entry["title"],
        level=Level(entry["level"]),
        category=entry["category"],
        versions=tuple(
            Version(
                publish=_read_day(publish),
                valid_from=_read_day(valid_from),
                valid_to=_read_day(valid_to),
                expired=expired,
                source=source,
                taken=_read_day(taken),
            )
            for publish, valid_from, valid_to, expired, source, taken in entry["versions"]
        ),
        aliases=tuple(entry["aliases"]),
    )


def _read_day(days: int | None) -> date | None:
    return None if days is None else date.fromordinal(days)
