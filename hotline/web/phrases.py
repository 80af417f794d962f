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
DEEPEST = 4
"""Values within values: a reason within a step within a list."""

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


@dataclass(frozen=True)
class _Sentence:
    """A message with values: what it looks like in Chinese and in the other language."""

    shape: re.Pattern[str]
    sure: str
    """Its longest run of plain text; a quick test before the shape."""
    places: tuple[int, ...]
    """Which value stands first, second …"""
    words: str
    loose: bool
    """Too little text of its own to tell it from somebody's words: its values hold no Chinese."""


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
        if len(text) > LONGEST or not HAN.search(text):
            return text
        return self._found(text, DEEPEST) or text

    def _found(self, text: str, depth: int) -> str | None:
        """Return the translation of a text, ``None`` where it is not one of ours."""
        if not HAN.search(text):
            return text
        core = text.strip()
        exact = self.find(core)
        if exact is not None:
            return text.replace(core, exact)
        if not depth:
            return None
        return self._sentence(text, depth) or self._list(text, depth)

    def _sentence(self, text: str, depth: int) -> str | None:
        for one in self.sentences:
            if one.sure not in text:
                continue
            match = one.shape.fullmatch(text)
            if match is None:
                continue
            given = match.groups()
            if one.loose and any(HAN.search(value) for value in given):
                continue
            values = {
                place: self._found(value, depth - 1) or value
                for place, value in zip(one.places, given, strict=True)
            }
            return PLACE.sub(lambda m: values.get(int(m[1]), ""), one.words)  # noqa: B023 - used at once
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
                found = self._found(part, depth - 1)
                if found is None:
                    return None
                told.append(found)
        return re.sub(r" +(?=[,;:.)])|\s+$", "", re.sub(r"  +", " ", "".join(told)))


def _sentence(message: str, words: str) -> _Sentence:
    parts = PLACE.split(message)
    plain, places = parts[0::2], tuple(int(n) for n in parts[1::2])
    shape = "(.*?)".join(re.escape(part) for part in plain)
    own = len(HAN.findall("".join(plain)))
    return _Sentence(re.compile(shape, re.DOTALL), max(plain, key=len), places, words, own < 3)
