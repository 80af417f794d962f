"""Makes pairs of answers that differ in one legal fact, from reference answers.

The procedure, for every question with an answer and each of the five kinds: find all places of the
answer where such a fact stands, take one at random, change it, keep the rest.

- number, period, multiple: a quantity gets another value (twice, half, one more, one less, five
  more, ten times), written as it was (Arabic stays Arabic, 两年 becomes 三年).
- negation: a modal word or a negation is turned round (应当 ↔ 不应当, 可以 → 不可以, 不得 → 可以,
  有权 ↔ 无权, 有效 ↔ 无效 …).
- subject: a party is replaced by one that the law sets against it (用人单位 → 劳动者).

Nobody looks at what the scorer can decide, so most pairs can't be decided by the cited articles:
the coverage says how many can.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from knowledge_base.claims.quantities import Kind, Quantity, quantities, read_number
from knowledge_base.claims.roles import opponents_of, roles
from knowledge_base.library.numerals import write_numeral

_TURNED = {
    "不应当": "应当",
    "不得": "可以",
    "不可以": "可以",
    "无权": "有权",
    "不能": "能",
    "不需要": "需要",
    "无需": "需要",
    "不予支持": "予以支持",
    "无效": "有效",
    "不属于": "属于",
    "不构成": "构成",
    "不承担": "承担",
    "不享有": "享有",
    "应当": "不应当",
    "可以": "不可以",
    "有权": "无权",
    "需要": "不需要",
    "必须": "不必",
    "有效": "无效",
    "属于": "不属于",
    "构成": "不构成",
    "承担": "不承担",
    "享有": "不享有",
}
_TURNING = re.compile("|".join(sorted(_TURNED, key=len, reverse=True)))
_NEGATORS = ("不", "无", "未", "没")
_NUMBER = re.compile(r"^(\D*?)([\d.,]+|[零〇一二两三四五六七八九十百千万半]+)(.*)$")
_SPOKEN_TWO = "年个倍人次天"


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with its reference answer and the articles it rests on."""

    question: str
    answer: str
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two answers that differ in one fact."""

    kind: str
    question: str
    right: str
    wrong: str
    articles: tuple[str, ...]


def make_pairs(answered: Iterable[Answered], chance: random.Random) -> Iterator[Pair]:
    """Make at most one pair of each kind from each answer."""
    for one in answered:
        for kind, edits in _edits(one.answer, chance):
            start, end, words = chance.choice(edits)
            wrong = one.answer[:start] + words + one.answer[end:]
            if wrong != one.answer:
                yield Pair(kind, one.question, one.answer, wrong, one.articles)


_Edit = tuple[int, int, str]


def _edits(answer: str, chance: random.Random) -> Iterator[tuple[str, Sequence[_Edit]]]:
    by_kind: dict[str, list[_Edit]] = {"number": [], "period": [], "multiple": []}
    for quantity in quantities(answer):
        changed = _other_value(quantity, chance)
        if changed:
            kind = quantity.kind.value
            kind = kind if quantity.kind in (Kind.PERIOD, Kind.MULTIPLE) else "number"
            by_kind[kind].append((quantity.start, quantity.end, changed))
    by_kind["negation"] = [
        (match.start(), match.end(), _TURNED[match[0]])
        for match in _TURNING.finditer(answer)
        if not answer[: match.start()].endswith(_NEGATORS)
    ]
    by_kind["subject"] = [
        (role.start, role.end, chance.choice(others))
        for role in roles(answer)
        if (others := opponents_of(role.name))
    ]
    yield from ((kind, edits) for kind, edits in by_kind.items() if edits)


def _other_value(quantity: Quantity, chance: random.Random) -> str | None:
    match = _NUMBER.match(quantity.text)
    value = read_number(match[2]) if match else None
    if match is None or value is None or value < 1:
        return None
    near: list[Fraction] = [value * 2, value / 2, value + 1, value - 1, value + 5, value * 10]
    whole = [int(one) for one in near if one > 0 and one == int(one) and one != value]
    chosen = chance.choice(sorted(set(whole)))
    if match[2][0].isdecimal():
        return f"{match[1]}{chosen}{match[3]}"
    written = "两" if chosen == 2 and match[3][:1] in _SPOKEN_TWO else write_numeral(chosen)
    return match[1] + written + match[3]
