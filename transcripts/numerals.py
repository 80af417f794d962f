"""Chinese numerals as values. Strict: what is not one well-formed numeral is none (两三, 五六)."""

from __future__ import annotations

import re

_DIGITS = {d: i for i, d in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0, "幺": 1}
_UNITS = {"十": 10, "百": 100, "千": 1_000}
_LARGE = {"万": 10_000, "亿": 100_000_000}

NUMERALS = "零〇一二三四五六七八九十百千万亿两"
DIALLED = "零〇一二三四五六七八九幺"

_WHOLE = re.compile(f"[{NUMERALS}]+")
_READ_OUT = re.compile(f"[{DIALLED}]+")


def whole(text: str) -> int | None:
    """Return the value of a whole number (一万零五百, 两万五, 三百二), ``None`` for others."""
    if not _WHOLE.fullmatch(text):
        return None
    for large in ("亿", "万"):
        head, mark, tail = text.rpartition(large)
        if mark:
            return _scaled(head, tail, _LARGE[large])
    return _below_ten_thousand(text)


def _scaled(head: str, tail: str, size: int) -> int | None:
    high = whole(head)
    if not high:
        return None
    if not tail:
        return high * size
    if len(tail) == 1 and tail in _DIGITS and tail not in "零〇":
        return high * size + _DIGITS[tail] * size // 10  # 两万五
    if tail[0] in "零〇" and tail[1:2] in {"零", "〇", ""}:
        return None
    low = whole(tail.lstrip("零〇"))
    return high * size + low if low is not None and low < size else None


def _below_ten_thousand(text: str) -> int | None:
    total, digit, last_unit, gap = 0, None, 10_000, False
    for character in text:
        if character in _UNITS:
            unit = _UNITS[character]
            if unit >= last_unit or digit == 0:
                return None
            if digit is None and (unit != 10 or (total and not gap)):
                return None  # only 十 may stand without a digit, and only in front
            total += (1 if digit is None else digit) * unit
            digit, last_unit, gap = None, unit, False
        elif digit is not None:
            return None  # two digits beside each other are read out, not counted
        elif character in "零〇":
            if gap or (len(text) > 1 and not total):
                return None
            gap, digit = True, 0 if len(text) == 1 else None
        else:
            digit = _DIGITS[character]
    if digit is None:
        return None if gap else total
    if total and not gap and last_unit >= 100:
        return total + digit * last_unit // 10  # 三百二
    if gap and last_unit == 10:
        return None
    return total + digit


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
