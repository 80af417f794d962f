"""Whether a clause allows, demands, forbids or denies: modal words, negations, their reach."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


class Force(enum.StrEnum):
    """What a modal word does."""

    MUST = "must"
    MAY = "may"
    BARE = "bare"


_NEGATIVE = (
    "不应当|不应该|不可以|不能够|不需要|不必须|不得不|不能|不得|不可|不应|不予|不准|不许|不必|不须|不用|"
    "不再|不会|不要|不属于|不构成|不是|不享有|不具有|不具备|不适用|不影响|不符合|不成立|不承担|不负|"
    "无须|无需|无法|无权|没有权利|没有权|没有|禁止|严禁|并非|并不|未经|未|没|不|无"
)
_MUST = "应当|应该|必须|需要|须|应|需|要"
_MAY = "有权利|有权|可以|能够|允许|准许|可|能|得以"
_POSITIVE = "属于|构成|享有|具有|具备|适用|影响|符合|成立|承担|负有|支持|是"
_FILLERS = "也|都|就|还|均|依法|当然|一律|仍然|仍|并|则|亦|一般|通常|原则上|同样|直接|随时"
_TOKEN = re.compile(
    rf"(?P<double>不得不|不能不|不可不|没有不|并非不|无不)"
    rf"|(?P<neg>{_NEGATIVE})|(?P<must>{_MUST})|(?P<may>{_MAY})"
)
# Words that hold a modal's or a negation's character and are none.
_WORDS = re.compile(
    r"不动产|不可抗力|不当得利|不定期|不特定|不良|不同|不足|不满|不明|不久|不断|不仅|不论|不管|不法|不正当|"
    r"不利|不合理|不在|不到|不及|不少|不符|不服|不公|不便|不慎|不低于|不高于|不超过|不少于|不多于|不单|"
    r"可能|可行|认可|许可|可靠|可见|功能|性能|职能|可撤销|可分|"
    r"无限|无力|无记名|无独立|无证|无照|无障碍|无争议|无行为|无劳动|应诉|应聘|应邀|应届|应约|"
    r"要式|要物|要旨|纪要|概要|要挟|扼要|可谓|可知|可观|可分割|可预见|不作为|不起诉|不善|不当|不实|不安抗辩|"
    r"无偿|无息|无因|无人|无民事|无形|无论|无因管理|无主|无过错|无过失|无关|无期|无故|无正当|无固定|"
    r"未来|未必|未成年|未成|未婚|未遂|未满|尚未|要求|主要|重要|要件|要约|需求|必要|只要|要么|首要|次要|要素|摘要|"
    r"应付|应收|适应|相应|反应|供应|效应|应对|应急|没收|有没有|能否|可否|是否(?:应当|应该|可以|需要|有权|能够|构成|属于|有效|应|要|能)?|应否|要不要|能不能|可不可以|是不是|"
    r"非法|非婚|非机动|非营利|能力|可得|不得已|应有|应税|沉没|没落|对应|响应|除非"
)
_NEAR = 16
"""Characters that a modal reaches over."""


_BARE = re.compile(r"承担|享有|属于|构成|具有|具备|适用|影响|符合|成立|支持|负有|(?<=有)效")


def bare_predicates(text: str, runs: Sequence[Modal]) -> Iterator[Modal]:
    """Find predicates without a modal: 由侵权人承担, 合同有效 (无效 is 效 negated)."""
    for match in _BARE.finditer(text):
        place = match.start()
        if not any(run.end <= place and place - run.end <= _NEAR for run in runs):
            yield Modal(Force.BARE, negative=False, start=place, end=place)


@dataclass(frozen=True, slots=True)
class Modal:
    """A run of modal words and negations before a predicate.

    Attributes:
        negative: an odd number of negations.
        start: where the run begins; ``end``: where what it governs begins.
    """

    force: Force
    negative: bool
    start: int
    end: int


def modals(text: str) -> list[Modal]:
    """Find the runs of modal words and negations of a text without punctuation."""
    return list(_modals(text))


def _modals(text: str) -> Iterator[Modal]:
    hidden = [match.span() for match in _WORDS.finditer(text)]
    run: list[tuple[int, int, str, str]] = []
    for match in _TOKEN.finditer(text):
        if any(begin < match.end() and match.start() < end for begin, end in hidden):
            continue
        kind = match.lastgroup or ""
        if run and not _joined(text[run[-1][1] : match.start()]):
            yield _modal(run)
            run = []
        run.append((match.start(), match.end(), kind, match[0]))
    if run:
        yield _modal(run)


def _joined(between: str) -> bool:
    return re.fullmatch(rf"(?:{_FILLERS})*", between) is not None


def _modal(run: list[tuple[int, int, str, str]]) -> Modal:
    negations = sum(kind == "neg" for _, _, kind, _ in run)
    force = Force.BARE
    for _, _, kind, word in run:
        if kind == "must" or (
            kind == "neg" and re.match(r"不应|不必|不需|不须|不用|无须|无需", word)
        ):
            force = Force.MUST
        elif kind == "may" or (
            kind == "neg" and re.match(r"不可|不能|不得|不准|不许|无权|没有权|禁止|严禁", word)
        ):
            force = Force.MAY
    start, end = run[0][0], run[-1][1]
    last = run[-1][3]
    # 不属于 and 不承担 are found with their verb, which is what they govern.
    verb = re.match(rf"不(?:再)?({_POSITIVE})$", last)
    if verb and run[-1][2] == "neg":
        end -= len(verb[1])
    return Modal(force, negations % 2 == 1, start, end)
