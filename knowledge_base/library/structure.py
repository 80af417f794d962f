"""From the lines of a statute to its articles: 编, 分编, 章, 节, 条, 之一."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from knowledge_base.library.numerals import NUMERAL, ArticleNumber, parse_numeral

BLANKS = " \t\u3000\xa0\u2002\u2003"
"""The blanks of statute files: ideographic, non-breaking, en and em spaces among them."""

_RANKS = {"编": 1, "分编": 2, "章": 3, "节": 4}
_HEADING = re.compile(rf"^第{NUMERAL}(?P<kind>分编|编|章|节)(?![第之])[{BLANKS}]*(?P<words>.*)$")
_ARTICLE = re.compile(rf"^第(?P<number>{NUMERAL})条(?:之(?P<branch>{NUMERAL}))?")
_CONTINUES = "的规、，,和至及或之第中所与》”)）。；"
"""What follows 第…条 in the middle of a sentence that happens to begin a line."""
_ENUMERATED = re.compile(r"^(?P<number>[一二三四五六七八九十百零]{1,5})、")
_COUNTED = re.compile(r"^(?P<number>\d{1,3})\s*[.．、]\s*(?!\d)")
_ANNEX = re.compile(rf"^附[{BLANKS}]*(?:件|录|表|图|：|:|\d|[一二三四五六七八九十]|$)")
_YEAR = r"(\d{4}|[〇○零一二三四五六七八九]{4})"
_MONTH_OR_DAY = r"(\d{1,2}|[一二三四五六七八九十]{1,3})"
_NUMERIC_DATE = rf"{_YEAR}年{_MONTH_OR_DAY}月{_MONTH_OR_DAY}日"
_DATE = re.compile(_NUMERIC_DATE)
_EFFECTIVE = re.compile(rf"自{_NUMERIC_DATE}起[\u4e00-\u9fff]{{0,4}}?(?:施行|实施|生效|执行|试行)")
_IN_FORCE_LINE = re.compile(rf"{_NUMERIC_DATE}[起{BLANKS}]*(?:施行|实施)$")
_ON_PUBLICATION = re.compile(r"自(?:公布|发布)之日起(?:施行|实施|生效)")
_HEADING_RANK_OF_MARK = 2
_WHOLE_TITLE = re.compile(
    r"(?:法|法典|条例|规定|办法|细则|规则|解释|决定|意见|批复|答复|通知|方案|通则|总则|纪要|编)"
    r"(?:[（(][^（）()]{1,12}[）)])?$"
)
_GOES_ON = re.compile(r"(?!第[^条章编]{1,6}[条章编]|目录|法释|[（(]?\d{4}年|[（(])[^。；]{2,40}$")
_LONGEST_TITLE = 6
"""Lines, blank ones counted, within which a title must have come to its end."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a source; ``mark`` is the depth of a Markdown or HTML heading, else 0."""

    text: str
    mark: int = 0


@dataclass(frozen=True, slots=True)
class ParsedArticle:
    """An article as read; ``text`` holds one paragraph or item a line."""

    number: ArticleNumber
    text: str
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedText:
    """A statute, or one part (编) of it, as read from one source.

    Attributes:
        title: the words of its head.
        part: the part's own head where a law is spread over several files, else empty.
        passed: the last date of the lines that tell who passed it and when.
        effective: the date from which it says that it counts.
        on_publication: it says that it counts from the day it is published.
        repeals: the titles that its last articles say are repealed with it.
    """

    title: str
    part: str
    articles: tuple[ParsedArticle, ...]
    passed: date | None = None
    effective: date | None = None
    on_publication: bool = False
    repeals: tuple[str, ...] = ()


def parse_lines(lines: Sequence[Line]) -> ParsedText:
    """Read a statute from its lines.

    A text with no 第…条 is cut at ``1.`` or ``一、`` where it counts so; failing that, it is one
    article with the number 0 (全文), so that replies and notices can be found as well.
    """
    titles, start = _titles(lines)
    body = lines[start:]
    articles = _articles(body, _article_start)
    if not articles:
        articles = _articles(body, _counted_start)
        if len(articles) < 3 or not _counts_up(articles):
            articles = _articles(body, _enumerated_start)
    if not articles:
        articles = _whole(body)
    head = _head(body)
    ending = "\n".join(article.text for article in articles[-3:])
    return ParsedText(
        title=titles[0] if titles else "",
        part=titles[1] if len(titles) > 1 else "",
        articles=tuple(articles),
        passed=_last_date(line.text for line in head if "施行" not in line.text),
        effective=_effective(ending, head),
        on_publication=_ON_PUBLICATION.search(ending) is not None,
        repeals=_repeals(ending),
    )


def read_date(words: str) -> date | None:
    """Read the first ``2020年12月29日`` or ``2020-12-29`` of some words."""
    match = _DATE.search(words) or re.search(r"(\d{4})-(\d{1,2})-(\d{1,2})", words)
    return _date(match.groups()) if match else None


def _date(groups: Sequence[str]) -> date | None:
    values = [parse_numeral(group) for group in groups]
    if None in values:
        return None
    try:
        return date(*(value for value in values if value is not None))
    except ValueError:
        return None


def _titles(lines: Sequence[Line]) -> tuple[list[str], int]:
    """Return the head's words (and the part's) and where the body begins."""
    titles: list[str] = []
    start = 0
    for position, line in enumerate(lines):
        if not line.text:
            continue
        if line.mark == 1 and len(titles) < 2:
            titles.append(_tight(line.text))
            start = position + 1
        elif titles:
            break
        else:
            printed = _printed_title(lines, position)
            titles.append(_tight("".join(lines[at].text for at in printed)))
            start = printed[-1] + 1
            break
    return titles, start


def _printed_title(lines: Sequence[Line], position: int) -> list[int]:
    """Return the lines that an unmarked title stands on; official downloads part a long one."""
    taken = [position]
    for at in range(position + 1, min(len(lines), position + _LONGEST_TITLE)):
        words = _tight(lines[at].text)
        if not words:
            continue
        so_far = _tight("".join(lines[each].text for each in taken))
        if _WHOLE_TITLE.search(so_far) or lines[at].mark or not _GOES_ON.match(words):
            break
        taken.append(at)
        if _WHOLE_TITLE.search(so_far + words):
            return taken
    return [position]


def _tight(words: str) -> str:
    return re.sub(rf"[{BLANKS}]+", "", words)


def _head(body: Sequence[Line]) -> list[Line]:
    head = []
    for line in body:
        if _article_start(line.text) or (line.mark and line.text):
            break
        head.append(line)
    return head


_Start = Callable[[str], tuple[ArticleNumber, str] | None]


def _article_start(text: str) -> tuple[ArticleNumber, str] | None:
    match = _ARTICLE.match(text)
    if match is None:
        return None
    rest = text[match.end() :]
    if rest and rest[0] not in BLANKS and rest[0] in _CONTINUES:
        return None
    number = parse_numeral(match["number"])
    branch = parse_numeral(match["branch"]) if match["branch"] else 0
    if not number or branch is None:
        return None
    return ArticleNumber(number, branch), rest.strip(BLANKS)


def _enumerated_start(text: str) -> tuple[ArticleNumber, str] | None:
    match = _ENUMERATED.match(text)
    number = parse_numeral(match["number"]) if match else None
    return (ArticleNumber(number), text[match.end() :].strip()) if match and number else None


def _counted_start(text: str) -> tuple[ArticleNumber, str] | None:
    match = _COUNTED.match(text)
    return (ArticleNumber(int(match["number"])), text[match.end() :].strip()) if match else None


def _counts_up(articles: Sequence[ParsedArticle]) -> bool:
    return [article.number.number for article in articles] == list(range(1, len(articles) + 1))


def _articles(body: Sequence[Line], start_of: _Start) -> list[ParsedArticle]:
    found: list[ParsedArticle] = []
    seen: set[ArticleNumber] = set()
    headings: dict[int, str] = {}
    number: ArticleNumber | None = None
    text: list[str] = []

    def close() -> None:
        nonlocal number
        if number is not None and number not in seen:
            seen.add(number)
            path = tuple(headings_then[rank] for rank in sorted(headings_then))
            found.append(ParsedArticle(number, "\n".join(filter(None, text)), path))
        number = None
        text.clear()

    headings_then: dict[int, str] = {}
    for line in body:
        start = start_of(line.text)
        if start is not None:
            close()
            number = start[0]
            text.append(start[1])
            headings_then = dict(headings)
        elif (rank := _heading_rank(line)) is not None:
            close()
            headings = {kept: words for kept, words in headings.items() if kept < rank}
            if line.text:
                headings[rank] = re.sub(rf"[{BLANKS}]+", " ", line.text)
        elif _ANNEX.match(line.text):
            close()
        elif number is not None and line.text:
            text.append(line.text)
    close()
    return found


def _heading_rank(line: Line) -> int | None:
    match = _HEADING.match(line.text)
    if match is not None and len(line.text) <= 60:
        return _RANKS[match["kind"]]
    if line.mark >= _HEADING_RANK_OF_MARK:
        return line.mark + 1
    if re.fullmatch(rf"附[{BLANKS}]*则", line.text):
        return _RANKS["章"]
    return None


def _whole(body: Sequence[Line]) -> list[ParsedArticle]:
    text = "\n".join(line.text for line in body if line.text)
    return [ParsedArticle(ArticleNumber(0), text)] if text else []


def _last_date(texts: Iterable[str]) -> date | None:
    dates = [found for text in texts if (found := read_date(text)) is not None]
    return max(dates, default=None)


def _effective(ending: str, head: Sequence[Line]) -> date | None:
    matches = list(_EFFECTIVE.finditer(ending))
    if matches:
        return _date(matches[-1].groups()[:3])
    for line in head:
        match = _IN_FORCE_LINE.search(line.text)
        if match:
            return _date(match.groups()[:3])
    return None


def _repeals(ending: str) -> tuple[str, ...]:
    titles: list[str] = []
    for sentence in re.split(r"[。\n]", ending):
        if "同时废止" in sentence or "即行废止" in sentence:
            titles += re.findall(r"《([^《》]+)》", sentence)
    return tuple(dict.fromkeys(titles))
