"""Whether a number that was heard may be another number misheard: a lost or blurred syllable.

Recognisers drop syllables (二十 becomes 十) without lowering their confidence. A number that one
slip would turn into the right one is left to a person.
"""

from __future__ import annotations

from fractions import Fraction

from knowledge_base.library.numerals import write_numeral

_BLURRED = (frozenset("四十"), frozenset("一七"), frozenset("六九"), frozenset("二八"))
_LARGEST = 10**8


def maybe_misheard(heard: int | Fraction, meant: int | Fraction) -> bool:
    """Whether one lost, added or blurred syllable makes ``meant`` sound like ``heard``."""
    said, right = _spoken(heard), _spoken(meant)
    if said is None or right is None or said == right:
        return False
    if len(said) == len(right):
        different = [{a, b} for a, b in zip(said, right, strict=True) if a != b]
        return len(different) == 1 and any(different[0] <= pair for pair in _BLURRED)
    shorter, longer = sorted((said, right), key=len)
    return len(longer) - len(shorter) == 1 and any(
        longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer))
    )


def _spoken(number: int | Fraction) -> str | None:
    whole = int(number)
    if whole != number or not 0 < whole < _LARGEST:
        return None
    words = write_numeral(whole)
    return words.replace("零", "")
