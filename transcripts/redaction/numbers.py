"""Numbers that identify a person: which digits they may be, and their check digits."""

from __future__ import annotations

from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_SPOKEN = str.maketrans(
    "零〇○一幺二两三四五六七八九０１２３４５６７８９ｘＸx", "00011223456789" + "0123456789XXX"
)

SPOKEN_DIGITS = "零〇○一幺二两三四五六七八九"


def as_digits(words: str) -> str:
    """Read 幺三八零零… and １３８ as digits; anything between them is dropped."""
    return "".join(c for c in words.translate(_SPOKEN) if c.isdecimal() or c == "X")


def is_identity_number(digits: str) -> bool:
    """Whether 18 digits are a resident identity number (GB 11643: date and check digit)."""
    if len(digits) != 18 or not digits[:17].isdecimal():
        return False
    if not _is_day(digits[6:14]):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False))
    return _CHECKS[total % 11] == digits[17]


def looks_like_identity_number(digits: str) -> bool:
    """Whether 18 digits have the form of one, though the check digit was misheard or mistyped."""
    return len(digits) == 18 and digits[:17].isdecimal() and _is_day(digits[6:14])


def is_old_identity_number(digits: str) -> bool:
    """Whether 15 digits are an identity number of before 1999."""
    return len(digits) == 15 and digits.isdecimal() and _is_day("19" + digits[6:12])


def _is_day(digits: str) -> bool:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return 1880 < day.year < 2100


def is_card_number(digits: str) -> bool:
    """Whether 15 to 19 digits pass the Luhn check of bank cards."""
    if not digits.isdecimal() or not 15 <= len(digits) <= 19:
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_mobile_number(digits: str) -> bool:
    """Whether 11 digits are a mainland mobile number."""
    return len(digits) == 11 and digits.isdecimal() and digits[0] == "1" and digits[1] in "3456789"


def is_landline_number(digits: str) -> bool:
    """Whether the digits are an area code and a subscriber's number."""
    return digits.isdecimal() and digits[:1] == "0" and 10 <= len(digits) <= 12
