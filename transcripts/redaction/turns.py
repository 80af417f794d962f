"""Redacts turns of a transcript, and tells which seconds of the audio to silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from knowledge_base.citations.sound import syllables
from transcripts.redaction.finder import Kind, Personal, find_broken_numbers, find_personal

_MARGIN = 0.15
"""Seconds silenced on both sides: recognised times are a little off."""


_LEAST_BY_SOUND = 3
_SAME_NUMBER = 8.0
"""Seconds after which digits of one side are no longer taken for one number."""


class Timed(Protocol):
    """A word with its time."""

    @property
    def text(self) -> str:
        """The word."""
        ...

    @property
    def start(self) -> float:
        """Seconds."""
        ...

    @property
    def end(self) -> float:
        """Seconds."""
        ...


class Spoken(Protocol):
    """A turn of a transcript."""

    @property
    def leg(self) -> str:
        """Whose."""
        ...

    @property
    def start(self) -> float:
        """Seconds."""
        ...

    @property
    def end(self) -> float:
        """Seconds."""
        ...

    @property
    def text(self) -> str:
        """What was said."""
        ...

    @property
    def words(self) -> Sequence[Timed]:
        """Its words; their texts joined are ``text``, or there are none."""
        ...


@dataclass(frozen=True, slots=True)
class RedactedTurn:
    """A turn without personal data; ``kinds`` tells what was taken out."""

    leg: str
    start: float
    end: float
    text: str
    kinds: tuple[Kind, ...]


def redact(text: str) -> str:
    """Put 【电话】 and the like in the place of personal data."""
    return _replaced(text, find_personal(text))


def _replaced(text: str, found: Iterable[Personal]) -> str:
    parts = []
    position = 0
    for one in found:
        parts += [text[position : one.start], f"【{one.kind}】"]
        position = one.end
    return "".join([*parts, text[position:]])


def redact_turns(turns: Iterable[Spoken]) -> list[RedactedTurn]:
    """Redact a transcript; the words' own texts and times are not handed on."""
    every = list(turns)
    return [
        RedactedTurn(
            turn.leg,
            turn.start,
            turn.end,
            _replaced(turn.text, found),
            tuple(dict.fromkeys(one.kind for one in found)),
        )
        for turn, found in zip(every, find_in_turns(every), strict=True)
    ]


def find_in_turns(turns: Sequence[Spoken]) -> list[list[Personal]]:
    """Find personal data in each turn, and numbers that one side said over several turns."""
    found = [find_personal(turn.text) for turn in turns]
    for place, one in _named_again(turns, found):
        kept = [old for old in found[place] if old.end <= one.start or one.end <= old.start]
        found[place] = sorted([*kept, one], key=lambda each: each.start)
    for leg in {turn.leg for turn in turns}:
        for place, one in _across(turns, leg):
            kept = [old for old in found[place] if old.end <= one.start or one.end <= old.start]
            found[place] = sorted([*kept, one], key=lambda each: each.start)
    return found


def _named_again(
    turns: Sequence[Spoken], found: Sequence[Sequence[Personal]]
) -> Iterator[tuple[int, Personal]]:
    """Yield each place where a name that was told sounds again, however it was written there.

    Names of two characters sound like too much else.
    """
    names = {one.text for each in found for one in each if one.kind is Kind.NAME}
    sounds = {syllables(name) for name in names if len(name) >= _LEAST_BY_SOUND}
    if not sounds:
        return
    for place, turn in enumerate(turns):
        heard = syllables(turn.text)
        for start in range(len(heard)):
            for name in sounds:
                end = start + len(name)
                if heard[start:end] == name:
                    yield place, Personal(Kind.NAME, start, end, turn.text[start:end])


def _across(turns: Sequence[Spoken], leg: str) -> Iterator[tuple[int, Personal]]:
    """Yield the pieces of numbers that run over the ends of turns, each in its own turn."""
    text, pieces, until = "", [], float("-inf")
    for place, turn in enumerate(turns):
        if turn.leg != leg:
            continue
        text += " " if turn.start - until <= _SAME_NUMBER else "\n"
        pieces.append((place, len(text), len(text) + len(turn.text)))
        text, until = text + turn.text, turn.end
    for number in find_broken_numbers(text):
        parts = [
            (place, max(begin, number.start) - begin, min(end, number.end) - begin)
            for place, begin, end in pieces
            if begin < number.end and number.start < end
        ]
        if len(parts) > 1:
            for place, begin, end in parts:
                yield place, Personal(number.kind, begin, end, turns[place].text[begin:end])


def spans_to_silence(turns: Iterable[Spoken], leg: str) -> list[tuple[float, float]]:
    """Return the seconds of one leg in which personal data is said, joined where they touch."""
    every = list(turns)
    spans: list[tuple[float, float]] = []
    for turn, found in zip(every, find_in_turns(every), strict=True):
        if turn.leg != leg:
            continue
        for one in found:
            begin, end = _seconds(turn, one)
            begin, end = max(0.0, begin - _MARGIN), end + _MARGIN
            if spans and begin <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(spans[-1][1], end))
            else:
                spans.append((begin, end))
    return spans


def _seconds(turn: Spoken, found: Personal) -> tuple[float, float]:
    if not turn.words or sum(len(word.text) for word in turn.words) != len(turn.text):
        # Without the words' times, more is silenced rather than less.
        return turn.start, turn.end
    position = 0
    said = []
    for word in turn.words:
        if position < found.end and found.start < position + len(word.text):
            said.append(word)
        position += len(word.text)
    return said[0].start, said[-1].end
