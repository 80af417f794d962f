"""Numbers with their measure in Chinese text and speech: 一年, 30日, 两倍, 百分之五十, 3万元."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from knowledge_base.library.numerals import parse_numeral


class Dimension(enum.StrEnum):
    """What is measured; only quantities of one dimension contradict each other."""

    MONTHS = "months"
    DAYS = "days"
    WORKING_DAYS = "working days"
    HOURS = "hours"
    AGE = "age"
    MONEY = "money"
    MULTIPLE = "multiple"
    SHARE = "share"
    PERSONS = "persons"
    TIMES = "times"
    OTHER = "other"


class Kind(enum.StrEnum):
    """The kind of a fact, as cards and evaluations name it."""

    PERIOD = "period"
    AMOUNT = "amount"
    MULTIPLE = "multiple"
    SHARE = "share"
    NUMBER = "number"


_KINDS = {
    Dimension.MONTHS: Kind.PERIOD,
    Dimension.DAYS: Kind.PERIOD,
    Dimension.WORKING_DAYS: Kind.PERIOD,
    Dimension.HOURS: Kind.PERIOD,
    Dimension.MONEY: Kind.AMOUNT,
    Dimension.MULTIPLE: Kind.MULTIPLE,
    Dimension.SHARE: Kind.SHARE,
}
_YEAR = 12
_DAYS_OF = {Dimension.HOURS: Fraction(1, 24), Dimension.DAYS: Fraction(1)}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its measure, where it stands in the text.

    Attributes:
        value: in the dimension's own unit (years are 12 months, weeks 7 days).
        measure: what is counted, for :attr:`Dimension.OTHER` (平方米, 分).
        bound: -1 for at most (以下, 不超过), 1 for at least (以上, 不少于, 满), 0 where not said.
    """

    dimension: Dimension
    value: Fraction
    measure: str
    start: int
    end: int
    text: str
    bound: int = 0

    @property
    def kind(self) -> Kind:
        """Its kind of fact."""
        return _KINDS.get(self.dimension, Kind.NUMBER)

    def comparable(self, other: Quantity) -> bool:
        """Whether the two can agree or contradict: the same dimension, or both periods."""
        if self.dimension is Dimension.OTHER or other.dimension is Dimension.OTHER:
            return self.dimension is other.dimension and self.measure == other.measure
        return self.dimension is other.dimension or (
            self.kind is Kind.PERIOD and other.kind is Kind.PERIOD
        )

    def agrees(self, other: Quantity) -> bool:
        """Whether both say the same; a month counts as 28 to 31 days, as people speak."""
        if not self.comparable(other):
            return False
        if self.dimension is other.dimension:
            return self.value == other.value
        return self._about(other) or other._about(self)

    def _about(self, other: Quantity) -> bool:
        days = _DAYS_OF.get(other.dimension)
        if days is None:
            return False
        if self.dimension is Dimension.MONTHS:
            length = other.value * days
            return 28 * self.value <= length <= 31 * self.value or length == 365 * self.value / 12
        own = _DAYS_OF.get(self.dimension)
        return own is not None and self.value * own == other.value * days


_DIGIT = "零〇一二两三四五六七八九十百千万亿半几壹贰叁肆伍陆柒捌玖拾佰仟幺"
_FIGURE = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_NUMBER = rf"(?:(?:{_FIGURE})[十百千万亿]{{0,2}}|[{_DIGIT}]+(?:点[零一二三四五六七八九]+)?)"
_PERIODS: dict[str, tuple[Dimension, Fraction]] = {
    "个工作日": (Dimension.WORKING_DAYS, Fraction(1)),
    "工作日": (Dimension.WORKING_DAYS, Fraction(1)),
    "个交易日": (Dimension.WORKING_DAYS, Fraction(1)),
    "个小时": (Dimension.HOURS, Fraction(1)),
    "小时": (Dimension.HOURS, Fraction(1)),
    "分钟": (Dimension.HOURS, Fraction(1, 60)),
    "周岁": (Dimension.AGE, Fraction(1)),
    "岁": (Dimension.AGE, Fraction(1)),
    "个自然月": (Dimension.MONTHS, Fraction(1)),
    "个月": (Dimension.MONTHS, Fraction(1)),
    "年": (Dimension.MONTHS, Fraction(12)),
    "个季度": (Dimension.MONTHS, Fraction(3)),
    "个星期": (Dimension.DAYS, Fraction(7)),
    "星期": (Dimension.DAYS, Fraction(7)),
    "周": (Dimension.DAYS, Fraction(7)),
    "日": (Dimension.DAYS, Fraction(1)),
    "天": (Dimension.DAYS, Fraction(1)),
    "万元": (Dimension.MONEY, Fraction(10_000)),
    "亿元": (Dimension.MONEY, Fraction(100_000_000)),
    "元": (Dimension.MONEY, Fraction(1)),
    "块钱": (Dimension.MONEY, Fraction(1)),
    "块": (Dimension.MONEY, Fraction(1)),
    "倍": (Dimension.MULTIPLE, Fraction(1)),
    "成": (Dimension.SHARE, Fraction(1, 10)),
    "%": (Dimension.SHARE, Fraction(1, 100)),
    "％": (Dimension.SHARE, Fraction(1, 100)),
    "‰": (Dimension.SHARE, Fraction(1, 1000)),
    "个人": (Dimension.PERSONS, Fraction(1)),
    "人": (Dimension.PERSONS, Fraction(1)),
    "名": (Dimension.PERSONS, Fraction(1)),
    "次": (Dimension.TIMES, Fraction(1)),
}
_OTHERS = (
    "平方公里|平方米|公顷|公里|千米|毫米|厘米|米|公斤|千克|毫克|毫升|克|吨|升|分贝|分|亩|级|"
    "个百分点|类|辆|件|票|份|票|股|处|套|户|期|节|课时|学时|句|页|项|种|个"
)
_UNIT = "|".join(sorted(map(re.escape, _PERIODS), key=len, reverse=True))
_QUANTITY = re.compile(
    rf"(?P<share>百分之|千分之|万分之)\s*(?P<per>{_NUMBER})"
    rf"|(?P<below>[{_DIGIT}\d]{{1,3}})分之(?P<above>[{_DIGIT}\d]{{1,3}})"
    r"|(?P<halves>[一二两三四五六七八九十\d]{1,2})个半月"
    rf"|(?P<number>{_NUMBER})\s*(?P<unit>{_UNIT}|{_OTHERS})(?P<half>半)?"
    r"|(?P<word>双倍|加倍|一半|半数)"
)
_LOOSE = re.compile(r"^[一二两三四五六七八九][一二两三四五六七八九]")
"""一两天, 三四年: nobody's fact."""
_WORDS = {
    "双倍": (Dimension.MULTIPLE, Fraction(2)),
    "加倍": (Dimension.MULTIPLE, Fraction(2)),
    "一半": (Dimension.SHARE, Fraction(1, 2)),
    "半数": (Dimension.SHARE, Fraction(1, 2)),
}
_PARTS = {"百分之": 100, "千分之": 1000, "万分之": 10_000}
_ORDINAL = "第统唯任另某"
_CALENDAR = re.compile(r"^\d{4}年|^[〇○零一二三四五六七八九]{4}年")
_MONTH = re.compile(r"\d{1,2}月|[一二三四五六七八九十]{1,2}月")
_AT_LEAST = re.compile(r"^(?:以上|及以上)|^的?以上")
_AT_MOST = re.compile(r"^(?:以下|以内|之内|内|及以下)")
_BEFORE_LEAST = re.compile(r"(?:不少于|不低于|至少|最低|最少|超过|满|逾|多于|高于|大于)$")
_BEFORE_MOST = re.compile(
    r"(?:不超过|不得超过|不能超过|最多|最长|至多|不高于|不多于|不满|少于|低于|未满)$"
)
# 一个 counts nothing in most sentences; 一次性 and 一人 are words, not numbers.
_VAGUE = re.compile(
    r"^(?:一(?:个人|个|种|项|类|份|件|处|套|户|次|人|名|级|期|日|天|分|成|节|股|票|米)|万(?:元|人)|"
    r"几.*|两(?:个|种|项|类|份)|千(?:元|米)|十分|万分|半个|三分|百分)$"
)
_NAMES = re.compile(r"(?:一年期|一日游|一人公司|三人行|一次性|一分钱|十分)")


def quantities(text: str) -> list[Quantity]:
    """Find the quantities in ``text``, in order.

    Ordinals (第三十条), dates (2020年5月1日), vague words (一个, 几天) and names
    (一年期) are left out.
    """
    found: list[Quantity] = []
    for quantity in _quantities(text):
        last = found[-1] if found else None
        if last and _continues(text, last, quantity):
            found[-1] = replace(
                last,
                value=last.value + quantity.value,
                end=quantity.end,
                text=text[last.start : quantity.end],
                bound=quantity.bound,
            )
        else:
            found.append(quantity)
    return found


def _continues(text: str, first: Quantity, second: Quantity) -> bool:
    """Whether 三个月 goes on from 两年, as in 两年零三个月."""
    return (
        first.dimension is second.dimension is Dimension.MONTHS
        and first.text.endswith("年")
        and second.text.endswith("个月")
        and text[first.end : second.start] in ("", "零", "又")
        and second.value < _YEAR
    )


def _quantities(text: str) -> Iterator[Quantity]:
    for match in _QUANTITY.finditer(text):
        before = text[match.start() - 1 : match.start()]
        if (before and before in _ORDINAL) or _LOOSE.match(match[0]):
            continue
        if _VAGUE.match(match[0]) or _NAMES.match(text, match.start()) or _is_date(text, match):
            continue
        read = _read(match)
        if read is not None:
            yield Quantity(
                *read,
                match.start(),
                match.end(),
                match[0],
                _bound(text, match.start(), match.end()),
            )


def _bound(text: str, start: int, end: int) -> int:
    before, after = text[max(0, start - 5) : start], text[end : end + 4]
    if _BEFORE_MOST.search(before) or _AT_MOST.match(after):
        return -1
    if _BEFORE_LEAST.search(before) or _AT_LEAST.match(after):
        return 1
    return 0


def _is_date(text: str, match: re.Match[str]) -> bool:
    if match["unit"] == "年" and _CALENDAR.match(match[0]):
        return True
    if match["unit"] not in ("日", "年"):
        return False
    before = text[max(0, match.start() - 4) : match.start()]
    if match["unit"] == "日" and re.search(r"[\d一二三四五六七八九十]月$", before):
        return True
    after = text[match.end() : match.end() + 3]
    return (
        match["unit"] == "年"
        and re.match(r"\d{1,2}月|[一二三四五六七八九十]{1,2}月", after) is not None
    )


def _read(  # noqa: PLR0911 - one return a way of writing
    match: re.Match[str],
) -> tuple[Dimension, Fraction, str] | None:
    if match["word"]:
        return (*_WORDS[match["word"]], "")
    if match["below"]:
        below, above = read_number(match["below"]), read_number(match["above"])
        return (Dimension.SHARE, above / below, "") if below and above is not None else None
    value = read_number(match["halves"] or match["per"] or match["number"])
    if value is None:
        return None
    if match["halves"]:
        return Dimension.MONTHS, value + Fraction(1, 2), ""
    if match["share"]:
        return Dimension.SHARE, value / _PARTS[match["share"]], ""
    if match["half"]:
        value += Fraction(1, 2)
    if match["unit"] in _PERIODS:
        dimension, size = _PERIODS[match["unit"]]
        return dimension, value * size, ""
    return Dimension.OTHER, value, match["unit"]


def read_number(words: str) -> Fraction | None:
    """Read ``3.5``, ``3万``, ``一千二百``, ``三点五``, ``半``, ``一万五``; None if it is none."""
    words = words.replace(",", "")
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([十百千万亿]*)", words)
    if match:
        value = Fraction(match[1])
        for unit in match[2]:
            value *= {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}[unit]
        return value
    if words == "半":
        return Fraction(1, 2)
    if words.startswith("半") or "几" in words:
        return None
    half = words.endswith("半")
    whole, _, part = words.removesuffix("半").partition("点")
    value_read = parse_numeral(whole)
    if value_read is None or re.fullmatch(r"[百千万亿]+", whole):
        return None
    value = Fraction(value_read)
    tail = re.fullmatch(r".*([百千万])([一二三四五六七八九])", whole)
    if tail:
        # 一万五 is 15,000 and 三百五 is 350, as people say them.
        size = {"百": 10, "千": 100, "万": 1000}[tail[1]]
        value += (size - 1) * Fraction(parse_numeral(tail[2]) or 0)
    if part:
        value += Fraction(int("".join(str(parse_numeral(c) or 0) for c in part)), 10 ** len(part))
    return value + Fraction(1, 2) if half else value
