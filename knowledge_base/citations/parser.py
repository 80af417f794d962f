"""Reads citations: names, Arabic and Chinese numerals, 之一, 款, 项, lists, ranges, 该法."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from knowledge_base.citations.names import LawNames, Mention, default_names
from knowledge_base.library.numerals import ArticleNumber, parse_numeral, write_numeral

_FULL_WIDTH = str.maketrans("０１２３４５６７８９（）－", "0123456789()-")

_N = r"[零〇○一二两三四五六七八九十百千幺\d]+"
# What recognisers write for 第, 条 and the numerals; used only between a 第 and a 条.
_DI, _TIAO = "第弟递帝", "条调跳挑"
_SOUNDS_LIKE = str.maketrans(
    "衣医依而儿尔山伞事寺死市时石食实午武舞无吾流刘留妻期其旗齐吧爸巴扒酒久就救白摆拜签前钱钳林灵铃",
    "一一一二二二三三四四四四十十十十五五五五五六六六七七七七七八八八八九九九九百百百千千千千零零零",
)
_HEARD = "[" + "".join(map(chr, _SOUNDS_LIKE)) + "]"
_NH = rf"(?:{_N}|{_HEARD})+"
_JOIN = r"\s*(?:、|，|,|和|与|及|或者|或|以及|至|到|-|—|~|～)\s*"
_RANGE = re.compile(r"至|到|-|—|~|～")

_ARTICLE = re.compile(
    rf"(?P<first>第\s*)?(?P<numbers>{_N}(?:{_JOIN}(?:第\s*)?{_N})*)\s*条"
    rf"(?!(?:件|款|例|约|文|目|理|腿|路|鱼|狗|命))(?:\s*之\s*(?P<branch>{_N}))?"
)
_ARTICLE_HEARD = re.compile(
    rf"(?P<first>[{_DI}]\s*)(?P<numbers>{_NH})[{_TIAO}](?!件|款|例|约|文)(?:\s*之\s*(?P<branch>{_N}))?"
)
_PARAGRAPH = re.compile(rf"\s*(?:的)?\s*第\s*(?P<number>{_N})\s*款")
_ITEM = re.compile(rf"\s*(?:的)?\s*第?\s*[(]?(?P<number>{_N})[)]?\s*项")
_MORE = re.compile(r"\s*(?:、|，|,|和|与|及|或者|或|以及)\s*")
_FILLER = re.compile(
    r"^(?:[》〉>\s]|\([^()]*\)|的|规定|里面|里|中|当中|上面|上|有关|相关|这个|呢|啊|嘛|吧|它|就是|"
    r"以下简称[^,，。]{0,12}|[“”\"'：:，,])*$"
)
_BACK = re.compile(
    r"(?:该|本|这部|这个|同|前述|上述|同一部)(?P<kind>法律|法典|法|条例|规定|解释|办法|规则)(?!院|定|官)"
)
_HOME = re.compile(r"本(?:法|条例|规定|解释|办法|规则)")
_UNKNOWN = re.compile(r"(?:根据|依据|按照|依照|适用|违反)?([\u4e00-\u9fff]{2,20}(?:法典|法|条例))$")
_NO_NAME = re.compile(r"[的了是在不]|办法|方法|看法|说法|做法|合法|违法|非法|司法|执法|依法|无法")
_BASED_ON = re.compile(r"(?:根据|依据|按照|依照)[^，。,]{1,20}$")
_MAX_RANGE = 60
_NEIGHBOURS = 20
_CARRY = 80
"""How many characters after a law's name a bare 第…条 is still taken to be of that law."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A provision cited in a text.

    Attributes:
        law: the law's name in the library; None where no law is named or none of that name known.
        said: the words by which the law was named; empty where it is carried over or not named.
        number: the article (条).
        paragraph: 款, from 1.
        item: 项, from 1.
        start: where the citation begins in the text, the law's name included.
        carried: the law was named earlier, not here.
        by_sound: a part of it was told from its sound, or its numeral is malformed.
    """

    law: str | None
    said: str
    number: ArticleNumber
    paragraph: int | None = None
    item: int | None = None
    start: int = 0
    end: int = 0
    carried: bool = False
    by_sound: bool = False

    @property
    def key(self) -> tuple[str | None, ArticleNumber]:
        """The law and the article, without 款 and 项."""
        return self.law, self.number

    @property
    def words(self) -> str:
        """How a lawyer writes it: 《劳动合同法》第三十八条, without 款 and 项."""
        name = self.law or self.said
        return (f"《{name}》" if name else "") + self.number.label


@dataclass(frozen=True, slots=True)
class _Reference:
    """One 第…条 with what follows it, before its law is known."""

    numbers: tuple[ArticleNumber, ...]
    parts: tuple[tuple[int | None, int | None], ...]
    start: int
    end: int
    with_di: bool
    by_sound: bool


def parse(
    text: str,
    names: LawNames | None = None,
    *,
    speech: bool = False,
    home: str | None = None,
) -> list[Citation]:
    """Return the citations in ``text``, in order.

    Args:
        text: written text or recognised speech.
        names: the laws known by name; by default those a hotline hears of.
        speech: also accept what sounds like a law's name or a numeral.
        home: the law that 本法 means, in a statute's own text.
    """
    names = names or default_names()
    plain = text.translate(_FULL_WIDTH)
    mentions = names.mentions(plain)
    found: list[Citation] = []
    last_end, last_law = -1, None
    for reference in _references(plain, speech=speech):
        law = _law_of(plain, reference, mentions, names, speech=speech, home=home)
        chained = re.fullmatch(_JOIN, plain[last_end : reference.start]) if last_end >= 0 else None
        if law is None and chained:
            law = last_law
        if law is None and not reference.with_di:
            continue  # "三条建议" is no citation
        in_range = chained and _RANGE.search(chained[0])
        found += _citations(_filled(found[-1], reference) if in_range else reference, law)
        last_end, last_law = reference.end, law
    return found


def parse_one(text: str, names: LawNames | None = None) -> Citation | None:
    """Return the only citation that ``text`` is made of (a label such as 民法典第1077条)."""
    found = parse(text, names)
    return found[0] if found else None


def _references(text: str, *, speech: bool) -> Iterator[_Reference]:
    matches = [(match, False) for match in _ARTICLE.finditer(text)]
    if speech:
        known = [match.span() for match, _ in matches]
        matches += [
            (match, True)
            for match in _ARTICLE_HEARD.finditer(text)
            if not any(begin < match.end() and match.start() < end for begin, end in known)
        ]
    for match, heard in sorted(matches, key=lambda pair: pair[0].start()):
        words = match["numbers"].translate(_SOUNDS_LIKE) if heard else match["numbers"]
        numbers = _numbers(words, match["branch"])
        if numbers:
            parts, end = _parts(text, match.end())
            doubtful = heard or not _proper(words)
            with_di = match["first"] is not None
            yield _Reference(numbers, parts, match.start(), end, with_di, doubtful)


def _filled(before: Citation, reference: _Reference) -> _Reference:
    """Add what lies between, for 第三十五条至第三十七条."""
    first = reference.numbers[0].number
    if not 1 < first - before.number.number <= _MAX_RANGE:
        return reference
    between = tuple(ArticleNumber(n) for n in range(before.number.number + 1, first))
    return replace(reference, numbers=between + reference.numbers)


def _numbers(words: str, branch: str | None) -> tuple[ArticleNumber, ...]:
    pieces = re.split(f"({_JOIN})", words)
    numbers: list[int] = []
    for position, piece in enumerate(pieces):
        if position % 2:
            continue
        values = _run(piece.strip().removeprefix("第").strip().replace("幺", "一"))
        if not values:
            return ()
        joint = pieces[position - 1] if position else ""
        if joint and _RANGE.search(joint) and 0 < values[0] - numbers[-1] <= _MAX_RANGE:
            numbers += range(numbers[-1] + 1, values[0])
        numbers += values
    suffix = parse_numeral(branch) if branch else 0
    articles = [ArticleNumber(number) for number in numbers]
    articles[-1] = ArticleNumber(numbers[-1], suffix or 0)
    return tuple(articles)


def _run(words: str) -> list[int]:
    """Read one numeral, or several said in one breath: 四十六四十七."""
    value = parse_numeral(words)
    if not value or words.isdecimal() or not re.search("[十百千]", words):
        return [value] if value else []
    if write_numeral(value) == _usual(words):
        return [value]
    return _in_one_breath(words) or [value]


def _in_one_breath(words: str) -> list[int]:
    """Part 四十六四十七 into two neighbouring articles; empty where it is something else."""
    for cut in range(len(words) - 2, 1, -1):
        first, second = parse_numeral(words[:cut]), parse_numeral(words[cut:])
        if (
            first
            and second
            and write_numeral(first) == _usual(words[:cut])
            and write_numeral(second) == _usual(words[cut:])
            and 0 < second - first <= _NEIGHBOURS
        ):
            return [first, second]
    return []


def _proper(words: str) -> bool:
    """Whether every numeral of the words is one that people say: 一千零八四 is none."""
    pieces = re.split(_JOIN, words)
    return all(_is_proper(re.sub("[第\\s]", "", piece)) for piece in pieces)


def _is_proper(words: str) -> bool:
    if words.isdecimal() or not re.search("[十百千]", words):
        return True
    return bool(_in_one_breath(words)) or write_numeral(parse_numeral(words) or 0) == _usual(words)


def _usual(words: str) -> str:
    words = re.sub("[〇○]", "零", words.replace("两", "二"))
    return words.removeprefix("一") if words.startswith("一十") else words


def _parts(text: str, position: int) -> tuple[tuple[tuple[int | None, int | None], ...], int]:
    """Read 第一款第（二）项、第（三）项 after an article; ``(None, None)`` where there is none."""
    parts: list[tuple[int | None, int | None]] = []
    paragraph: int | None = None
    while True:
        begin = position
        if parts:
            joint = _MORE.match(text, position)
            if joint is None:
                break
            begin = joint.end()
        match = _PARAGRAPH.match(text, begin)
        if match:
            paragraph = parse_numeral(match["number"])
            item = _ITEM.match(text, match.end())
            position = item.end() if item else match.end()
            parts.append((paragraph, parse_numeral(item["number"]) if item else None))
            continue
        item = _ITEM.match(text, begin)
        if item is None:
            break
        parts.append((paragraph, parse_numeral(item["number"])))
        position = item.end()
    return tuple(parts) or ((None, None),), position


def _law_of(  # noqa: PLR0911 - one return a way of naming a law
    text: str,
    reference: _Reference,
    mentions: Sequence[Mention],
    names: LawNames,
    *,
    speech: bool,
    home: str | None,
) -> Mention | None:
    before = [mention for mention in mentions if mention.end <= reference.start]
    last = before[-1] if before else None
    gap_start = last.end if last else 0
    gap = text[gap_start : reference.start]
    if last and _FILLER.match(gap):
        longer = names.by_sound_before(text, last.end) if speech else None
        # 老动合同法 is 劳动合同法, though 合同法 stands in it letter by letter.
        return longer if longer and longer.start < last.start else last
    if home and _HOME.search(gap[-8:]):
        return Mention(home, "", reference.start, reference.start)
    if speech:
        heard = names.by_sound_before(text, gap_start + len(gap.rstrip("的里中 ，,")))
        if heard and (last is None or heard.start >= gap_start or heard.start <= last.start):
            return heard
    back = list(_BACK.finditer(gap))
    if back and _FILLER.match(gap[back[-1].end() :]):
        return _referred_to(back[-1]["kind"], before)
    unknown = _UNKNOWN.search(gap.rstrip())
    if unknown and not speech and not _NO_NAME.search(unknown[1]):
        return Mention(None, unknown[1], gap_start + unknown.start(1), reference.start)
    if speech and _BASED_ON.search(gap):
        return None  # a law was named here, and not understood
    if last and reference.with_di and len(gap) <= _CARRY:
        return Mention(last.law, "", reference.start, reference.start)
    return None


def _referred_to(kind: str, before: Sequence[Mention]) -> Mention | None:
    ending = {"法律": "法", "法": "法", "法典": "典"}.get(kind, kind)
    for mention in reversed(before):
        name = mention.law or mention.words
        if ending in name[-6:] or (ending == "法" and name.endswith("典")):
            return Mention(mention.law, "", mention.start, mention.end)
    return Mention(before[-1].law, "", before[-1].start, before[-1].end) if before else None


def _citations(reference: _Reference, law: Mention | None) -> list[Citation]:
    named_here = law is not None and bool(law.words) and law.end <= reference.start
    start = law.start if law is not None and named_here else reference.start
    last = len(reference.numbers) - 1
    return [
        Citation(
            law=law.law if law else None,
            said=law.words.strip("《》") if law and named_here else "",
            number=number,
            paragraph=paragraph,
            item=item,
            start=start,
            end=reference.end,
            carried=law is not None and not named_here,
            by_sound=reference.by_sound or (law is not None and law.by_sound),
        )
        for position, number in enumerate(reference.numbers)
        for paragraph, item in (reference.parts if position == last else ((None, None),))
    ]
