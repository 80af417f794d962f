"""What was said, ready to be searched: in comparable form, with the second of each character."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from knowledge_base.claims.wording import Wording, comparable

AGENT, CALLER = "agent", "caller"
_ASKED = re.compile(
    r"您是说.{0,60}?(?:对吗|是吗|对吧|对不对|吗)|您的意思.{0,60}?(?:对吗|是吗|对吧|吗)"
    r"|请问[^|]{0,40}|(?:有没有|是不是|是否|多长时间|多久|什么时候)[^|]{0,12}"
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word as recognised; ``confidence`` is None where the engine gives none."""

    text: str
    start: float
    end: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What one leg said in one go. Times are seconds from the recording's start."""

    leg: str
    start: float
    end: float
    text: str
    confidence: float | None = None
    words: tuple[Word, ...] = ()


SENTENCE_PAUSE = 0.45
"""Seconds of silence between two words that part two sentences."""


def split_at_pauses(turn: Turn, pause: float = SENTENCE_PAUSE) -> list[Turn]:
    """Cut a turn into sentences where the speaker paused; words without times are left whole."""
    if not turn.words or sum(len(word.text) for word in turn.words) != len(turn.text):
        return [turn]
    groups: list[list[Word]] = [[turn.words[0]]]
    for word in turn.words[1:]:
        if word.start - groups[-1][-1].end >= pause:
            groups.append([])
        groups[-1].append(word)
    return [
        Turn(
            turn.leg,
            group[0].start,
            group[-1].end,
            "".join(word.text for word in group),
            _mean_of(group, turn.confidence),
            tuple(group),
        )
        for group in groups
    ]


def _mean_of(words: Sequence[Word], otherwise: float | None) -> float | None:
    known = [(word.confidence, len(word.text)) for word in words if word.confidence is not None]
    length = sum(size for _, size in known)
    return sum(heard * size for heard, size in known) / length if length else otherwise


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where something was said, and how well it was heard."""

    at: float
    until: float
    sentence: str
    confidence: float


@dataclass(frozen=True)
class Speech:
    """All that one leg said, in order; a turn's end is a sentence's end."""

    turns: tuple[Turn, ...]
    wording: Wording = field(init=False)
    raw: str = field(init=False)
    _starts: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        starts, raw = [], ""
        for turn in self.turns:
            starts.append(len(raw))
            raw += turn.text + "。"
        object.__setattr__(self, "raw", raw)
        object.__setattr__(self, "_starts", tuple(starts))
        object.__setattr__(self, "wording", comparable(raw))

    @classmethod
    def of(cls, turns: Sequence[Turn], leg: str) -> Speech:
        """Take one leg out of a conversation."""
        said = (turn for turn in turns if turn.leg == leg and turn.text.strip())
        return cls(tuple(sorted(said, key=lambda turn: turn.start)))

    @property
    def text(self) -> str:
        """The comparable text."""
        return self.wording.text

    @cached_property
    def asked(self) -> tuple[tuple[int, int], ...]:
        """Spans of the comparable text in which the speaker asks or repeats, and claims nothing."""
        return tuple(match.span() for match in _ASKED.finditer(self.text))

    def is_asked(self, start: int, end: int) -> bool:
        """Whether a span of the comparable text lies in a question."""
        return any(begin < end and start < stop for begin, stop in self.asked)

    def evidence(self, start: int, end: int) -> Evidence:
        """Return when and how a span of the comparable text was said."""
        return self.evidence_raw(*self.wording.span(start, end))

    def evidence_raw(self, start: int, end: int) -> Evidence:
        """The same for a span of the raw text."""
        first = max(0, bisect_right(self._starts, start) - 1)
        last = max(first, bisect_right(self._starts, max(start, end - 1)) - 1)
        turns = self.turns[first : last + 1]
        begin = self._second(first, start - self._starts[first], after=False)
        until = self._second(last, end - self._starts[last], after=True)
        return Evidence(
            begin,
            max(until, begin),
            "。".join(turn.text for turn in turns),
            self._heard(first, start, end) if first == last else _mean(turns),
        )

    def _second(self, index: int, offset: int, *, after: bool) -> float:
        turn = self.turns[index]
        word = _word_at(turn, offset - 1 if after else offset)
        if word is not None:
            return word.end if after else word.start
        share = min(1.0, max(0.0, offset / max(1, len(turn.text))))
        return turn.start + share * (turn.end - turn.start)

    def _heard(self, index: int, start: int, end: int) -> float:
        turn = self.turns[index]
        base = self._starts[index]
        heard = [
            word.confidence
            for offset in range(start - base, end - base)
            if (word := _word_at(turn, offset)) is not None and word.confidence is not None
        ]
        return min(heard) if heard else (turn.confidence if turn.confidence is not None else 1.0)

    @property
    def recognised(self) -> bool:
        """Whether an engine wrote it; typed text is taken at its word."""
        return any(turn.confidence is not None for turn in self.turns)

    @property
    def confidence(self) -> float:
        """How well this leg was heard on the whole; 1 where the engine does not say."""
        return _mean(self.turns)


def _word_at(turn: Turn, offset: int) -> Word | None:
    # Numerals may have been normalised after recognition (四十七 → 47); then words no longer
    # lie letter by letter and their times are taken in proportion.
    if not turn.words:
        return None
    spelled = sum(len(word.text) for word in turn.words)
    place = offset if spelled == len(turn.text) else int(offset * spelled / max(1, len(turn.text)))
    for word in turn.words:
        if place < len(word.text):
            return word
        place -= len(word.text)
    return turn.words[-1]


def _mean(turns: Sequence[Turn]) -> float:
    known = [(turn.confidence, len(turn.text)) for turn in turns if turn.confidence is not None]
    weight = sum(length for _, length in known)
    return sum(heard * length for heard, length in known) / weight if weight else 1.0
