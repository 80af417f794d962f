"""What a law library holds: laws, their versions, and the articles of each version."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field
from datetime import date

from knowledge_base.library.numerals import NUMERAL, ArticleNumber, parse_numeral

_ITEM = re.compile(rf"^[（(]\s*({NUMERAL})\s*[)）]\s*")


class Level(enum.StrEnum):
    """Where a text stands in the order of sources (效力级别)."""

    CONSTITUTION = "宪法"
    LAW = "法律"
    REGULATION = "行政法规"
    INTERPRETATION = "司法解释"
    RULE = "部门规章"
    LOCAL = "地方性法规"
    OTHER = "其他"


class Standing(enum.StrEnum):
    """Whether a version counts on a given day (时效)."""

    IN_FORCE = "现行有效"
    NOT_YET = "尚未施行"
    EXPIRED = "已失效"


@dataclass(frozen=True, slots=True)
class Item:
    """An item (项) of a paragraph."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph (款) of an article; ``number`` counts from 1."""

    number: int
    text: str
    items: tuple[Item, ...] = ()


def split_paragraphs(text: str) -> tuple[Paragraph, ...]:
    """Cut an article's text, one line a block, into paragraphs (款) with their items (项)."""
    paragraphs: list[tuple[str, list[Item]]] = []
    for line in text.split("\n"):
        match = _ITEM.match(line)
        number = parse_numeral(match[1]) if match else None
        if match and number is not None and paragraphs:
            paragraphs[-1][1].append(Item(number, line[match.end() :]))
        elif line:
            paragraphs.append((line, []))
    return tuple(
        Paragraph(number, line, tuple(items))
        for number, (line, items) in enumerate(paragraphs, start=1)
    )


@dataclass(frozen=True, slots=True)
class Version:
    """One text of a law.

    Attributes:
        publish: the day it was published or last amended; None where the source is silent.
        valid_from: the first day on which it counts; None where unknown.
        valid_to: the first day on which it counts no more; None while it does or where unknown.
        expired: the source says that it counts no more, whether or not it says since when.
        source: the file it was read from.
        taken: the day on which the text was taken from its source (数据截至).
    """

    publish: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    expired: bool = False
    source: str = ""
    taken: date | None = None

    def standing(self, on: date | None) -> Standing:
        """Tell whether this text counts on that day (None: according to its source, today)."""
        if on is None:
            return Standing.EXPIRED if self.expired or self.valid_to else Standing.IN_FORCE
        if self.valid_from is not None and on < self.valid_from:
            return Standing.NOT_YET
        if self.valid_to is not None:
            return Standing.EXPIRED if on >= self.valid_to else Standing.IN_FORCE
        return Standing.EXPIRED if self.expired else Standing.IN_FORCE


@dataclass(frozen=True, slots=True)
class Law:
    """A law, regulation or judicial interpretation, whatever its version.

    Attributes:
        name: the name it is called by here, without 中华人民共和国.
        title: the title at the head of its text.
        level: its place in the order of sources.
        category: the shelf it stands on (the source's folder).
        versions: its texts, the oldest first.
        aliases: every other name under which it is found.
    """

    index: int
    name: str
    title: str
    level: Level
    category: str
    versions: tuple[Version, ...]
    aliases: tuple[str, ...] = field(default=(), compare=False)

    def version_on(self, on: date | None) -> int | None:
        """Return the position in ``versions`` of the text in force that day (None: the newest)."""
        if on is None:
            return len(self.versions) - 1 if self.versions else None
        for position in range(len(self.versions) - 1, -1, -1):
            if self.versions[position].standing(on) is Standing.IN_FORCE:
                return position
        return None

    def standing(self, on: date | None) -> Standing:
        """Tell whether any text of this law counts on that day."""
        if self.version_on(on) is not None and on is not None:
            return Standing.IN_FORCE
        if not self.versions:
            return Standing.EXPIRED
        standings = [version.standing(on) for version in self.versions]
        if on is None:
            return standings[-1]
        return Standing.EXPIRED if Standing.EXPIRED in standings else Standing.NOT_YET


@dataclass(frozen=True, slots=True)
class Article:
    """One article (条) of one version of a law.

    Attributes:
        id: its place in this library; stable only until the next import.
        text: its words without its number, one line a paragraph (款) or item (项).
        headings: the 编, 章 and 节 it stands under, the widest first.
    """

    id: int
    law: Law
    version: Version
    number: ArticleNumber
    text: str
    headings: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Its number as the statute writes it."""
        return self.number.label

    @property
    def citation(self) -> str:
        """How a lawyer cites it: 《劳动合同法》第三十八条."""
        return f"《{self.law.name}》{self.number.label if self.number.number else ''}"

    @property
    def key(self) -> tuple[str, ArticleNumber]:
        """What it is whatever its version: the law's name and the number."""
        return self.law.name, self.number

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        """Its paragraphs (款) with their items (项)."""
        return split_paragraphs(self.text)
