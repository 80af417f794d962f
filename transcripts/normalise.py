"""Recognised text for people and for the scorer: figures as figures, each with its time.

一万五千块钱 becomes 15000元, 第八十二条 第82条, 三十天 30天, 百分之三十 30%. Words that only look
like figures (一起, 万一, 百分之百) stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from transcripts.numerals import DIALLED, NUMERALS, decimal, read_out, whole
from transcripts.recognisers.base import Word


class FigureKind(StrEnum):
    """What a figure says."""

    AMOUNT = "amount"
    DATE = "date"
    PERIOD = "period"
    ARTICLE = "article"
    SHARE = "share"
    MULTIPLE = "multiple"
    CODE = "code"
    """A number to dial or to look up: read digit by digit."""
    COUNT = "count"


@dataclass(frozen=True)
class Figure:
    """A figure in a text: characters ``start`` to ``end`` of what was said."""

    kind: FigureKind
    start: int
    end: int
    text: str
    """As it is written now: ``15000元``."""


@dataclass(frozen=True)
class Piece:
    """A word, or the words of one figure together, with its time."""

    text: str
    start: float
    end: float
    confidence: float | None
    """The lowest of its words: a figure is as sure as its weakest digit."""
    said: str
    """The words as they were recognised."""
    kind: FigureKind | None = None


_N = f"[{NUMERALS}]+"
_D = f"{_N}(?:点[{DIALLED}]+)?"
_PERIODS = "个工作日|个小时|个星期|个月|工作日|小时|分钟|周岁|周年|周|天|年|岁|日内|日"
_MONTH = "(?:十[一二]?|[一二三四五六七八九])月"
_DAY = "(?:三十一?|二十[一二三四五六七八九]?|十[一二三四五六七八九]?|[一二三四五六七八九])[号日]"

_Write = Callable[[re.Match[str]], str | None]
"""Writes a figure anew; ``None`` where it turns out to be none."""


def _articles(match: re.Match[str]) -> str | None:
    return _every_numeral(match[0])


def _every_numeral(text: str) -> str | None:
    values = {found: whole(found) for found in re.findall(_N, text.replace("之一", ""))}
    if None in values.values():
        return None
    return re.sub(f"第({_N})", lambda m: f"第{values.get(m[1], m[1])}", text)


def _date(match: re.Match[str]) -> str | None:
    text = ""
    if match["year"]:
        text = read_out(match["year"]) + "年"
    if match["month"]:
        text += f"{whole(match['month'][:-1])}月"
    if match["day"]:
        text += f"{whole(match['day'][:-1])}日"
    return text + (match["rest"] or "")


def _share(match: re.Match[str]) -> str | None:
    if match[1] == "百":
        return None  # 百分之百 is a way of speaking, and one that the scorer listens for
    value = decimal(match[1])
    return None if value is None else f"{value:g}%"


def _amount(match: re.Match[str]) -> str | None:
    value = decimal(match["value"])
    if value is None:
        return None
    return _money(value, match["more"] or "") + "元"


def _money(value: float, more: str) -> str:
    if value >= 10_000 and value % 10_000 == 0:
        return f"{int(value) // 10_000}{more}万" if more else f"{int(value) // 10_000}万"
    return f"{value:.15g}{more}"


def _measured(match: re.Match[str]) -> str | None:
    value = decimal(match["value"])
    if value is None:
        return None
    return f"{value:.15g}{match['more'] or ''}{match['unit']}"


def _large_count(match: re.Match[str]) -> str | None:
    value = whole(match["value"])
    if value is None or value < 10:
        return None
    return f"{_money(value, match['more'] or '')}{match['unit'] or ''}"


def _code(match: re.Match[str]) -> str | None:
    digits = match[0]
    if len(digits) < 5 and not ("幺" in digits or "零" in digits[1:]):
        return None
    return read_out(digits)


_RULES: tuple[tuple[FigureKind, re.Pattern[str], _Write], ...] = (
    (
        FigureKind.ARTICLE,
        re.compile(f"第{_N}[条款项章节编](?:之一|之二)?(?:第{_N}[款项])*"),
        _articles,
    ),
    (
        FigureKind.DATE,
        re.compile(
            f"(?P<year>[{DIALLED}]{{4}})年(?P<month>{_MONTH})?(?P<day>(?<=月){_DAY})?(?P<rest>份|底|初)?"
        ),
        _date,
    ),
    (
        FigureKind.DATE,
        re.compile(
            f"(?P<year>)(?<![个{NUMERALS}])(?P<month>{_MONTH})(?P<day>{_DAY})?(?P<rest>份|底|初)?"
        ),
        _date,
    ),
    (FigureKind.SHARE, re.compile(f"百分之({_D})"), _share),
    (
        FigureKind.CODE,
        re.compile(f"(?<![{NUMERALS}点])[{DIALLED}]{{3,}}(?![{NUMERALS}点年])"),
        _code,
    ),
    (
        FigureKind.AMOUNT,
        re.compile(f"(?P<value>{_D})(?P<more>[多余几])?(?P<large>)(?:元钱|块钱|元|块)"),
        _amount,
    ),
    (FigureKind.MULTIPLE, re.compile(f"(?P<value>{_D})(?P<more>)(?P<unit>倍)"), _measured),
    (
        FigureKind.PERIOD,
        re.compile(f"(?P<value>{_D})(?P<more>[多余])?(?P<unit>{_PERIODS})"),
        _measured,
    ),
    (
        FigureKind.COUNT,
        re.compile(
            f"(?P<value>{_N})(?P<more>[多余])?(?P<unit>人|名|次|套|份|级|分|平方米|公里|米)?"
        ),
        _large_count,
    ),
)
"""In the order in which they are tried at each place; the first that fits wins."""

_IDIOMS = re.compile(
    "一起|一直|一样|一般|一定|一些|一下|一共|一旦|一切|一点儿?(?![零一二三四五六七八九])|万一|十分|千万|"
    "(?<=[有这那每哪同某])一[天年]|一天天|百分之百|一年到头|一天到晚|三天两头|一分为二|千方百计|乱七八糟|一五一十|四面八方|七上八下|"
    "五一(?=劳动节|假期|前|后|放假)|第一时间|一一|二手|三轮|万元户"
)


def figures(text: str) -> tuple[Figure, ...]:
    """Find the figures of ``text`` from left to right; they do not overlap."""
    found: list[Figure] = []
    position = 0
    while position < len(text):
        if text[position] not in _BEGINNINGS:
            position += 1
            continue
        idiom = _IDIOMS.match(text, position)
        if idiom:
            position = idiom.end()
            continue
        figure = _figure_at(text, position)
        if figure is None:
            # Nothing may begin inside of a numeral that is none: 两三年 is not 3年.
            rest = _NUMERAL_RUN.match(text, position)
            position = rest.end() if rest else position + 1
            continue
        found.append(figure)
        position = figure.end
    return tuple(found)


_BEGINNINGS = frozenset(NUMERALS + DIALLED + "第")
_NUMERAL_RUN = re.compile(f"[{NUMERALS}幺]+")


def _figure_at(text: str, position: int) -> Figure | None:
    for kind, pattern, write in _RULES:
        match = pattern.match(text, position)
        written = write(match) if match else None
        if match and written:
            return Figure(kind, match.start(), match.end(), written)
    return None


def normalise(text: str) -> str:
    """Return ``text`` without spaces and with figures as figures."""
    joined = "".join(text.split())
    parts, position = [], 0
    for figure in figures(joined):
        parts += [joined[position : figure.start], figure.text]
        position = figure.end
    return "".join([*parts, joined[position:]])


def pieces(words: Sequence[Word]) -> tuple[Piece, ...]:
    """Return recognised words with the words of each figure put together.

    The pieces' texts, joined, are the normalised text; each knows when it was said.
    """
    text = "".join(word.text for word in words)
    found = figures(text)
    made: list[Piece] = []
    position, index = 0, 0
    while index < len(words):
        start = position
        taken = [words[index]]
        position += len(words[index].text)
        index += 1
        inside = [f for f in found if f.start < position and f.end > start]
        # A figure may go over several words, and the last of them may begin another figure.
        while inside and inside[-1].end > position and index < len(words):
            taken.append(words[index])
            position += len(words[index].text)
            index += 1
            inside = [f for f in found if f.start < position and f.end > start]
        made.append(_piece(text, start, position, inside, taken))
    return tuple(made)


def _piece(
    text: str, start: int, end: int, inside: Sequence[Figure], words: Sequence[Word]
) -> Piece:
    parts, position = [], start
    for figure in inside:
        parts += [text[position : figure.start], figure.text]
        position = figure.end
    parts.append(text[position:end])
    return Piece(
        text="".join(parts),
        start=words[0].start,
        end=words[-1].end,
        confidence=_lowest(word.confidence for word in words),
        said=text[start:end],
        kind=inside[0].kind if inside else None,
    )


def _lowest(confidences: Iterable[float | None]) -> float | None:
    known = [confidence for confidence in confidences if confidence is not None]
    return min(known) if known else None
