"""Text made comparable: figures in one form, no punctuation, with the way back to the original.

Speech has no punctuation and says 两年 where a card says 2年; after this both read ``{24月}``.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from knowledge_base.claims.quantities import Dimension, quantities
from knowledge_base.library.numerals import NUMERAL, parse_numeral

_MARKS = {
    Dimension.MONTHS: "月",
    Dimension.DAYS: "日",
    Dimension.WORKING_DAYS: "工作日",
    Dimension.HOURS: "时",
    Dimension.AGE: "岁",
    Dimension.MONEY: "元",
    Dimension.MULTIPLE: "倍",
    Dimension.SHARE: "份",
    Dimension.PERSONS: "人",
    Dimension.TIMES: "次",
}
_ARTICLE = re.compile(rf"第({NUMERAL})条")
_DROPPED = re.compile(r"[\s，,．.、：:“”\"'《》〈〉（）()【】\[\]…—\-·]")
_ENDS = frozenset("。；;！!？?\n")
END = "|"
"""Stands for the end of a sentence or of a turn."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A text in comparable form; ``origins[i]`` is where its i-th character came from."""

    text: str
    origins: tuple[int, ...]
    length: int

    def place(self, origin: int) -> int:
        """Return where the original's character stands in this text, or what follows it."""
        return bisect_left(self.origins, origin)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the original text of a span in this one."""
        if start >= len(self.origins):
            return self.length, self.length
        last = self.origins[end] if end < len(self.origins) else self.length
        return self.origins[start], max(last, self.origins[start])


def comparable(text: str) -> Wording:
    """Bring ``text`` into comparable form."""
    replaced = [
        (match.start(), match.end(), f"第{parse_numeral(match[1])}条")
        for match in _ARTICLE.finditer(text)
    ]
    for quantity in quantities(text):
        mark = _MARKS.get(quantity.dimension, quantity.measure)
        replaced.append((quantity.start, quantity.end, f"{{{quantity.value}{mark}}}"))
    replaced.sort()
    words: list[str] = []
    origins: list[int] = []
    position = 0
    for start, end, new in [*replaced, (len(text), len(text), "")]:
        if start < position:
            continue
        for index in range(position, start):
            if text[index] in _ENDS:
                if words and words[-1] != END:
                    words.append(END)
                    origins.append(index)
            elif not _DROPPED.match(text[index]):
                words.append(text[index].lower())
                origins.append(index)
        words.append(new)
        origins += [start] * len(new)
        position = end
    return Wording("".join(words), tuple(origins), len(text))


@dataclass(frozen=True, slots=True)
class Phrase:
    """Something that may be said: terms that stand near each other, each with alternatives.

    Written ``仲裁时效 一年|十二个月``: a blank between terms, a bar between alternatives.
    """

    terms: tuple[tuple[str, ...], ...]
    written: str

    @classmethod
    def read(cls, written: str) -> Phrase:
        """Read a phrase as cards write it."""
        return cls(
            tuple(
                tuple(
                    comparable(alternative).text for alternative in term.split("|") if alternative
                )
                for term in written.split()
            ),
            written,
        )

    def find(self, text: str, reach: int = 40, start: int = 0) -> tuple[int, int] | None:
        """Find the terms in any order within ``reach`` characters; return their span."""
        first = self.terms[0]
        for alternative in first:
            position = text.find(alternative, start)
            while position >= 0:
                span = self._around(text, position, len(alternative), reach)
                if span:
                    return span
                position = text.find(alternative, position + 1)
        return None

    def _around(self, text: str, position: int, length: int, reach: int) -> tuple[int, int] | None:
        begin, end = position, position + length
        low, high = max(0, position - reach), position + length + reach
        for term in self.terms[1:]:
            spots = [
                (abs(spot - position), spot, len(alternative))
                for alternative in term
                for spot in _all(text, alternative, low, high)
            ]
            if not spots:
                return None
            _, spot, size = min(spots)
            begin, end = min(begin, spot), max(end, spot + size)
        return begin, end

    def find_all(self, text: str, reach: int = 40) -> list[tuple[int, int]]:
        """Find every place of the phrase."""
        spans: list[tuple[int, int]] = []
        start = 0
        while (span := self.find(text, reach, start)) is not None:
            if not spans or spans[-1] != span:
                spans.append(span)
            start = max(start, span[0]) + 1
        return spans


def _all(text: str, words: str, low: int, high: int) -> list[int]:
    found = []
    position = text.find(words, low, high)
    while position >= 0:
        found.append(position)
        position = text.find(words, position + 1, high)
    return found
