"""Sentences that the code puts together, found again in the catalogue as they are shown.

Python writes ``f"{name} 的账号已停用"``; the catalogue holds ``{0} 的账号已停用``. A text shown in
another language is looked up as it stands, then as a sentence with values in it, then as a list of
words. What is none of these is somebody's own text, and stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

Lookup = Callable[[str], str | None]

HAN = re.compile(r"[一-鿿]")
PLACE = re.compile(r"\{(\d+)\}")
LONGEST = 400
"""A longer text is nobody's message."""
REMEMBERED = 4096
SURE = 3
"""A sentence with so many characters of its own is ours, whoever's words are in it."""
SURE_WITHIN = 5
"""The same for a piece of a list, which may be somebody's sentence."""
SHORT = 20
"""A shorter text that begins with a word of ours needs but that: 派给王晓梅."""
ALONE = frozenset("是否有无我")
"""Words of one character. Any other that is shown alone is the beginning of somebody's name."""
DEEPEST = 4
"""Values within values: a reason within a step within a list."""

_FIGURES = (
    re.compile(r"(?P<words>.*\S)\s[^一-鿿]*", re.DOTALL),
    re.compile(r"[^一-鿿]*\s(?P<words>\S.*)", re.DOTALL),
)
_OWN = re.compile(r"[一-鿿、，；：。（）“”《》]")
_MARK = re.compile(r"[、，；：。（）]")
_MARKS = re.compile(r"(\s*[、，；：。（）·]\s*|\s+/\s+)")
_WESTERN = {
    "、": ", ",
    "，": ", ",
    "；": "; ",
    "：": ": ",
    "。": ". ",
    "（": " (",
    "）": ") ",
    "·": " · ",
    "/": " / ",
}


_ONE = re.compile(
    r"\b(1) (day|call|caller|ticket|case|place|minute|shift|item|row|point|number)s\b"
)


def singular(text: str) -> str:
    """Return a sentence with ``1 days`` as ``1 day``."""
    return _ONE.sub(r"\1 \2", text)


def western(text: str) -> str:
    """Return text without Chinese words without Chinese marks."""
    return _MARK.sub(lambda mark: _WESTERN[mark[0]], text)


@dataclass(frozen=True)
class _Sentence:
    """A message with values: what it looks like in Chinese and in the other language."""

    shape: re.Pattern[str]
    sure: str
    """Its longest run of plain text; a quick test before the shape."""
    places: tuple[int, ...]
    """Which value stands first, second …"""
    words: str
    own: int
    """Characters of its own. With few it could be somebody's words: its values must be ours too."""
    begins: bool
    """Whether it begins with a word of its own."""

    def is_ours(self, text: str, sure: int) -> bool:
        """Whether a text of this shape is ours though its values are not."""
        return self.own >= sure or (sure == SURE and self.begins and len(text) <= SHORT)


@dataclass
class Phrases:
    """What shown texts are in one other language."""

    find: Lookup
    sentences: list[_Sentence] = field(default_factory=list)

    @classmethod
    def of(cls, find: Lookup, messages: Iterable[tuple[str, str]]) -> Phrases:
        """Return the phrases of a catalogue, given as pairs of message and translation."""
        sentences = [_sentence(*pair) for pair in messages if PLACE.search(pair[0])]
        sentences.sort(key=lambda one: -len(one.sure))
        made = cls(find, sentences)
        made.shown = lru_cache(REMEMBERED)(made.shown)  # type: ignore[method-assign]
        return made

    def shown(self, text: str) -> str:
        """Return a text in the other language; somebody's own text as it is."""
        if len(text) > LONGEST:
            return text
        if not HAN.search(text):
            return western(text)
        if len(text) == 1 and text not in ALONE:
            return text
        found = self._found(text, DEEPEST)
        return text if found is None else singular(found)

    def _found(self, text: str, depth: int, sure: int = SURE) -> str | None:
        """Return the translation of a text, ``None`` where it is not one of ours."""
        if not HAN.search(text):
            return text
        core = text.strip()
        found = self.find(core)
        if found is None and depth:
            found = (
                self._sentence(core, depth, sure)
                or self._list(core, depth)
                or self._counted(core, depth, sure)
            )
        return None if found is None else text.replace(core, found)

    def _sentence(self, text: str, depth: int, sure: int) -> str | None:
        for one in self.sentences:
            if one.sure not in text:
                continue
            match = one.shape.fullmatch(text)
            if match is None:
                continue
            told = [self._found(value, depth - 1) for value in match.groups()]
            if None in told and not one.is_ours(text, sure):
                continue
            values = {
                place: value if words is None else words
                for place, value, words in zip(one.places, match.groups(), told, strict=True)
            }
            return PLACE.sub(lambda m: values.get(int(m[1]), ""), one.words)  # noqa: B023 - used at once
        return None

    def _counted(self, text: str, depth: int, sure: int) -> str | None:
        """Return words with a figure before or behind them."""
        for shape in _FIGURES:
            match = shape.fullmatch(text)
            words = self._found(match["words"], depth - 1, sure) if match else None
            if match and words is not None:
                return text.replace(match["words"], words)
        return None

    def _list(self, text: str, depth: int) -> str | None:
        parts = _MARKS.split(text)
        if len(parts) == 1:
            return None
        told = []
        for number, part in enumerate(parts):
            if number % 2:
                told.append(_WESTERN[part.strip()])
            else:
                found = self._found(part, depth - 1, SURE_WITHIN)
                if found is None:
                    return None
                told.append(found)
        return re.sub(r" +(?=[,;:.)])|\s+$", "", re.sub(r"  +", " ", "".join(told)))


def _sentence(message: str, words: str) -> _Sentence:
    parts = PLACE.split(message)
    plain, places = parts[0::2], tuple(int(n) for n in parts[1::2])
    shape = "(.*?)".join(re.escape(part) for part in plain)
    own = len(_OWN.findall("".join(plain)))
    return _Sentence(
        re.compile(shape, re.DOTALL),
        max(plain, key=len),
        places,
        words,
        own,
        len(HAN.findall(plain[0])) > 1,
    )
