"""Finds what was said, as written or by its sound, unless it was negated."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from knowledge_base.citations.sound import syllables
from knowledge_base.claims.wording import Phrase
from transcripts.scoring.speech import Speech

_NEGATED = re.compile(
    r"(?:不|没|别|非|谁|任何|勿|切勿|无法|哪有|未必|不要相信|如果有人|有人说|声称|承诺)[^|]{0,7}$"
)
_BY_SOUND = 0.8
_LEAST_BY_SOUND = 3


@dataclass(frozen=True, slots=True)
class Heard:
    """A phrase found in the comparable text."""

    start: int
    end: int
    certainty: float
    phrase: Phrase


def hear(
    speech: Speech, phrases: Iterable[Phrase], *, reach: int = 40, unless_negated: bool = False
) -> Heard | None:
    """Return the first phrase that was said; its sound counts a little less than its letters."""
    for phrase in phrases:
        for start, end in phrase.find_all(speech.text, reach):
            if not (unless_negated and is_negated(speech.text, start)):
                return Heard(start, end, 1.0, phrase)
    for phrase in phrases:
        found = _by_sound(speech, phrase)
        if found and not (unless_negated and is_negated(speech.text, found.start)):
            return found
    return None


def is_negated(text: str, start: int) -> bool:
    """Whether the words just before turn what follows into its opposite, or into a quotation."""
    return _NEGATED.search(text[max(0, start - 9) : start]) is not None


def _by_sound(speech: Speech, phrase: Phrase) -> Heard | None:
    # Only one plain term of three syllables or more: two syllables sound like too much else.
    if len(phrase.terms) != 1:
        return None
    for term in phrase.terms[0]:
        if len(term) < _LEAST_BY_SOUND or not re.fullmatch(r"[\u4e00-\u9fff]+", term):
            continue
        wanted = syllables(term)
        heard = sounds_of(speech)
        for start in range(len(heard) - len(wanted) + 1):
            if heard[start : start + len(wanted)] == wanted:
                return Heard(start, start + len(wanted), _BY_SOUND, phrase)
    return None


_KEPT: dict[int, tuple[str, tuple[str, ...]]] = {}


def sounds_of(speech: Speech) -> tuple[str, ...]:
    """Return the syllables of the comparable text, one a character."""
    kept = _KEPT.get(id(speech))
    if kept is None or kept[0] != speech.text:
        _KEPT.clear()
        kept = (speech.text, syllables(speech.text))
        _KEPT[id(speech)] = kept
    return kept[1]
