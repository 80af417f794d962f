"""Whether a number that was heard may be another number misheard: a lost or blurred syllable.

Recognisers drop syllables (二十 becomes 十) without lowering their confidence. A number that one
slip would turn into the right one is left to a person.
"""

from __future__ import annotations

from fractions import Fraction

from knowledge_base.library.numerals import write_numeral

_BLURRED = (frozenset("四十"), frozenset("一七"), frozenset("六九"), frozenset("二八"))
_LARGEST = 10**8
_LOST_OF_A_NAME = 2


def maybe_misheard(heard: int | Fraction, meant: int | Fraction) -> bool:
    """Whether one lost, added or blurred syllable makes ``meant`` sound like ``heard``."""
    said, right = _spoken(heard), _spoken(meant)
    return said is not None and right is not None and _one_slip(said, right)


def article_maybe_misheard(heard: int, meant: int) -> bool:
    """The same for an article's number; 七十三 heard as 七四三 was written down as 743."""
    read_out = "".join(write_numeral(int(digit)) for digit in str(heard) if digit != "0")
    right = _spoken(meant)
    return maybe_misheard(heard, meant) or (
        right is not None and (_one_slip(read_out, right) or _lost_a_place(heard, right))
    )


def _lost_a_place(heard: int, right: str) -> bool:
    """Whether a digit and its unit are lost of the right number: (一百)八十八, (二十)五."""
    said = _spoken(heard)
    return any(
        right[at + 1] in "十百千" and right[:at] + right[at + 2 :] == said
        for at in range(len(right) - 1)
    )


def law_maybe_misheard(heard: str, meant: str) -> bool:
    """Whether up to two lost syllables make of one law's name the other: 劳动(合同)法."""
    lost = len(meant) - len(heard)
    if not 0 < lost <= _LOST_OF_A_NAME:
        return False
    return any(
        meant[:place] + meant[place + lost :] == heard for place in range(len(meant) - lost + 1)
    )


def _one_slip(said: str, right: str) -> bool:
    if said == right:
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
