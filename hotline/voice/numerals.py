"""How figures are read aloud: 12348 digit by digit, 30天 as a number, 50% as a share."""

from __future__ import annotations

import re

DIGITS = "零一二三四五六七八九"
_UNITS = ("", "十", "百", "千")
_LONG_NUMBER = 5
"""From so many digits without a measure behind it, a figure is a number to dial."""

_FIGURE = re.compile(
    r"(?P<sign>-)?(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<part>\d+))?(?P<percent>[%％])?"
    r"(?=(?P<after>.?))"
)
_DIAL = re.compile(
    r"(?<!\d)(?:1[12]0|119|1[0-9]{4}|1[3-9]\d{9}|0\d{2,3}-?\d{7,8})(?![\d.元块万亿年])"
)
_MEASURES = frozenset("元块万亿千百天日月年周岁条款项个人倍次位名分小套平公米斤")


def read_number(value: int) -> str:
    """Return how a whole number is said: 10500 is 一万零五百."""
    if value < 0:
        return "负" + read_number(-value)
    if value >= 10**8:
        return _compose(value, 10**8, "亿")
    if value >= 10**4:
        return _compose(value, 10**4, "万")
    return _below_ten_thousand(value)


def _compose(value: int, size: int, unit: str) -> str:
    high, low = divmod(value, size)
    if not low:
        return read_number(high) + unit
    gap = "零" if low < size // 10 else ""
    # 一十 is only said inside a number.
    rest = read_number(low)
    if 10 <= low < 20:
        rest = "一" + rest
    return read_number(high) + unit + gap + rest


def _below_ten_thousand(value: int) -> str:
    if value < 20:
        return DIGITS[value] if value < 10 else "十" + (DIGITS[value - 10] if value > 10 else "")
    said = ""
    gap = False
    for power in (3, 2, 1, 0):
        digit = value // 10**power % 10
        if digit:
            said += ("零" if gap else "") + DIGITS[digit] + _UNITS[power]
            gap = False
        elif said:
            gap = True
    return said


def read_digits(digits: str) -> str:
    """Return how a number to dial is said: 12348 is 幺二三四八."""
    return "".join("幺" if d == "1" else DIGITS[int(d)] for d in digits if d.isdigit())


def read_figures(text: str) -> str:
    """Replace every figure in ``text`` by the words for it."""
    text = _DIAL.sub(lambda match: read_digits(match[0]), text)
    return _FIGURE.sub(_read_figure, text)


def _read_figure(match: re.Match[str]) -> str:
    whole, part, after = match["whole"].replace(",", ""), match["part"], match["after"]
    sign = "负" if match["sign"] else ""
    if after == "年" and len(whole) == 4:
        return "".join(DIGITS[int(d)] for d in whole)
    looks_dialled = len(whole) >= _LONG_NUMBER and not part and not match["percent"]
    if (looks_dialled and after not in _MEASURES) or (len(whole) > 1 and whole[0] == "0"):
        return sign + read_digits(whole)
    said = read_number(int(whole))
    if part:
        said += "点" + "".join(DIGITS[int(d)] for d in part)
    if match["percent"]:
        said = "百分之" + said
    return sign + said
