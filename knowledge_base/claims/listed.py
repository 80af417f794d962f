"""Counts that announce a list: 有下列三种情形：……, 一是……二是……三是……, 折价、拍卖、变卖三种方式."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge_base.claims.quantities import read_number

_COUNT = re.compile(
    r"(?<![第\d零一二三四五六七八九十百千])(?P<number>\d{1,2}|[两二三四五六七八九十]{1,2})"
    r"(?:种|类|项|大类|大|点(?=[，：:。])|个?方面|"
    r"个(?=情形|情况|条件|要件|要素|因素|阶段|步骤|部分|问题|特征|特点|原则|层次|标准|要求|构成))"
)
_MARKERS: tuple[tuple[re.Pattern[str], ...], ...] = tuple(
    tuple(re.compile(pattern) for pattern in patterns)
    for patterns in (
        [rf"[（(]{n}[）)]" for n in "一二三四五六七八九"],
        [rf"[（(]{n}[）)]" for n in range(1, 13)],
        [rf"(?<![\d.]){n}[.、．](?!\d)" for n in range(1, 13)],
        [re.escape(mark) for mark in "①②③④⑤⑥⑦⑧⑨⑩"],
        [rf"第{n}(?=[，,、是：:]|种|类|个)" for n in "一二三四五六七八九"],
        [rf"(?<![第之\d]){n}(?:是|则|为)(?!否)" for n in "一二三四五六七八九"],
        [rf"(?<![第之\d一二三四五六七八九十（(]){n}[、，]" for n in "一二三四五六七八九"],
        [rf"其{n}[，,、是]?" for n in "一二三四五六七八九"],
    )
)
_SOON = 40
"""A list begins within so many characters of its count."""
_OTHER_LIST = re.compile(r"[。；;]|理由|认为|区别|不同|比如|例如")
"""What stands between a count and a list that is not the one counted."""
_INLINE = re.compile(
    r"((?:[^，。；：、\s“”和与及或]{1,14}、)+[^，。；：、\s“”]{1,16}?)(?:等|这|共|的)*$"
)
_AND = re.compile(r"(?:以及|和|与|及|或者|或)[^，。；：、]{2,}$")
"""Only before the last item: 乡镇企业、公共设施和公益事业、住宅 may be three or four."""
_ITEM = re.compile(r"^\s*[（(][一二三四五六七八九十]{1,3}[）)]")
_MIN_ITEMS = 2


@dataclass(frozen=True, slots=True)
class Announced:
    """A count that announces a list.

    Attributes:
        listed: how many items the same text then lists; None where it lists none.
    """

    number: int
    listed: int | None
    start: int
    end: int


def announced(text: str) -> Iterator[Announced]:
    """Find the counts of ``text`` that announce a list, each with what it lists itself."""
    for match in _COUNT.finditer(text):
        number = read_number(match["number"])
        if number is None or number < _MIN_ITEMS:
            continue
        listed = _after(text, match.end()) or _before(text, match)
        yield Announced(int(number), listed, match.start(), match.end())


def _after(text: str, begin: int) -> int | None:
    """Count the items after a count: the series whose first mark comes soonest."""
    first: list[tuple[int, int]] = []
    for series in _MARKERS:
        match = series[0].search(text, begin, begin + _SOON)
        if match and not _OTHER_LIST.search(text, begin, match.start()):
            first.append((match.start(), _run(text, series, match.end())))
    counts = [count for _, count in sorted(first) if count >= _MIN_ITEMS]
    return counts[0] if counts else None


def _run(text: str, series: Sequence[re.Pattern[str]], position: int) -> int:
    count = 1
    for mark in series[1:]:
        match = mark.search(text, position)
        if match is None:
            break
        position, count = match.end(), count + 1
    return count


def _before(text: str, match: re.Match[str]) -> int | None:
    """Count items named right before: 折价、拍卖、变卖三种方式."""
    named = _INLINE.search(text[max(0, match.start() - 80) : match.start()])
    if not named:
        return None
    return named[1].count("、") + 1 + bool(_AND.search(named[1]))


def items_of(article: str) -> tuple[str, int] | None:
    """Return the head of an article's list and how many items it has; None where it has no one.

    An article with two lists decides nothing about a count.
    """
    lines = [line.strip() for line in article.split("\n") if line.strip()]
    heads: list[tuple[str, int]] = []
    inside = False
    for line in lines:
        if _ITEM.match(line) and heads and inside:
            heads[-1] = (heads[-1][0], heads[-1][1] + 1)
        elif line.endswith(("：", ":")):
            heads.append((line, 0))
            inside = True
        else:
            inside = False
    lists = [head for head in heads if head[1] >= _MIN_ITEMS]
    return lists[0] if len(lists) == 1 else None
