"""Chinese numerals as values. Strict: what is not one well-formed numeral is none (两三, 五六)."""

from __future__ import annotations

import re

from hotline.voice.numerals import read_number

_DIGITS = {d: i for i, d in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0, "幺": 1}
_UNITS = {"十": 10, "百": 100, "千": 1_000}
_MYRIAD, _HUNDRED_MILLION = 10_000, 100_000_000

NUMERALS = "零〇一二三四五六七八九十百千万亿两"
DIALLED = "零〇一二三四五六七八九幺"

_WHOLE = re.compile(f"[{NUMERALS}]+")
_READ_OUT = re.compile(f"[{DIALLED}]+")
_CURT = re.compile("[百千万亿][一二三四五六七八九]$")
_NEXT_UNIT = {"百": "十", "千": "百", "万": "千", "亿": "千万"}


def whole(text: str) -> int | None:
    """Return the value of a whole number (一万零五百, 两万五, 三百二), ``None`` for others."""
    if not _WHOLE.fullmatch(text):
        return None
    if _CURT.search(text):  # 三千五 is three thousand five hundred
        text += _NEXT_UNIT[text[-2]]
    value = _sum(text)
    # Whatever is not a numeral gives a sum that is said in another way.
    return value if _plain(read_number(value)) == _plain(text) else None


def _sum(text: str) -> int:
    total = section = digit = 0
    for character in text:
        if character in _UNITS:
            section += (digit or 1) * _UNITS[character]
            digit = 0
        elif character == "万":
            total += (section + digit) * _MYRIAD
            section = digit = 0
        elif character == "亿":
            total = (total + section + digit) * _HUNDRED_MILLION
            section = digit = 0
        else:
            digit = _DIGITS[character]
    return total + section + digit


def _plain(text: str) -> str:
    return text.replace("两", "二").replace("〇", "零").replace("一十", "十")


def decimal(text: str) -> float | None:
    """Return the value of a whole or decimal number (一点五, 零点二五)."""
    head, mark, tail = text.partition("点")
    value = whole(head)
    if value is None or not mark:
        return value
    if not tail or not _READ_OUT.fullmatch(tail):
        return None
    return float(f"{value}.{read_out(tail)}")


def read_out(text: str) -> str:
    """Return the digits of a number that was read digit by digit (幺二三四八)."""
    return "".join(str(_DIGITS[character]) for character in text)
