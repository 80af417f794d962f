"""Chinese numerals as statutes write them, and the numbers of articles."""

from __future__ import annotations

import re
from typing import NamedTuple

_DIGITS = {
    "零": 0, "〇": 0, "○": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5,
    "六": 6, "七": 7, "八": 8, "九": 9, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5,
    "陆": 6, "柒": 7, "捌": 8, "玖": 9, "幺": 1,
}  # fmt: skip
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_BIG_UNITS = {"万": 10_000, "亿": 100_000_000}
_WRITTEN = "零一二三四五六七八九"

NUMERAL = r"[零〇○一二两三四五六七八九十百千\d０-９]+"
"""A numeral as it stands in an article's number."""

_ARTICLE = re.compile(
    rf"^第?\s*(?P<number>{NUMERAL})\s*条?(?:\s*(?:之|-|－|_)\s*(?P<branch>{NUMERAL}))?$"
)


def parse_numeral(words: str) -> int | None:
    """Read ``一千零四十条``'s numeral, ``133``, ``二〇二一`` or ``一百万``; None if it is none."""
    words = words.strip()
    if not words:
        return None
    if words.isdecimal():
        return int(words)
    if all(character in _DIGITS for character in words):
        return int("".join(str(_DIGITS[character]) for character in words))
    total = section = digit = 0
    for character in words:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character.isdecimal():
            digit = digit * 10 + int(character)
        elif character in _UNITS:
            section += (digit or 1) * _UNITS[character]
            digit = 0
        elif character in _BIG_UNITS:
            total += (section + digit) * _BIG_UNITS[character]
            section = digit = 0
        else:
            return None
    return total + section + digit


def write_numeral(number: int) -> str:
    """Write 1 … 99,999,999 as statutes do: 1040 is 一千零四十, 12 is 十二."""
    if number < 0:
        raise ValueError(f"no numeral for {number}")
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        gap = "零" if 0 < low < 1000 else ""
        return f"{write_numeral(high)}万" + (gap + _below_ten_thousand(low) if low else "")
    words = _below_ten_thousand(number) or "零"
    return words.removeprefix("一") if words.startswith("一十") else words


def _below_ten_thousand(number: int) -> str:
    words = ""
    pending_zero = False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            words += ("零" if pending_zero else "") + _WRITTEN[digit] + name
            pending_zero = False
        elif words:
            pending_zero = True
    return words


class ArticleNumber(NamedTuple):
    """The number of an article (条): 第一百三十三条之一 is ``(133, 1)``. Sorts as the law does."""

    number: int
    branch: int = 0

    @classmethod
    def parse(cls, value: ArticleNumber | int | str) -> ArticleNumber | None:
        """Read ``133``, ``"133"``, ``"第133条"``, ``"第一百三十三条之一"`` or ``"133-1"``."""
        if isinstance(value, ArticleNumber):
            return value
        if isinstance(value, int):
            return cls(value)
        match = _ARTICLE.match(value.strip())
        if match is None:
            return None
        number = parse_numeral(match["number"])
        branch = parse_numeral(match["branch"]) if match["branch"] else 0
        if number is None or branch is None:
            return None
        return cls(number, branch)

    @property
    def label(self) -> str:
        """The number as the statute writes it: 第一百三十三条之一; 全文 for an undivided text."""
        if not self.number:
            return "全文"
        branch = f"之{write_numeral(self.branch)}" if self.branch else ""
        return f"第{write_numeral(self.number)}条{branch}"

    def __str__(self) -> str:
        return f"{self.number}-{self.branch}" if self.branch else str(self.number)
