"""Which words in a text name a law: its full, short and colloquial names, and their sound."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from knowledge_base.citations.sound import syllables
from knowledge_base.library.names import alias_table, colloquial_names, fold

_SHORTEST = 2
_SHORTEST_BY_SOUND = 3
_MARKED = re.compile(
    r"[《〈<]([^《》〈〉<>]{2,60}(?:[《〈<][^《》〈〉<>]{2,30}[》〉>][^《》〈〉<>]{0,40})?)[》〉>]"
)
# 民法 alone is a field of study as well as a law, and so are these.
_TOO_COMMON = frozenset({"总则", "民诉", "刑诉", "行诉"})


@dataclass(frozen=True, slots=True)
class Mention:
    """A law named in a text.

    Attributes:
        law: the name of the law in the library; None where a law of this name is unknown.
        words: the words as they stand there.
        by_sound: it was told from its sound alone.
    """

    law: str | None
    words: str
    start: int
    end: int
    by_sound: bool = False


@dataclass(frozen=True)
class LawNames:
    """A gazetteer of laws; build it from the imported library, or from :func:`default_names`."""

    table: Mapping[str, str]
    """Folded name → the law's name."""
    _longest: int = field(init=False)
    _sounds: dict[tuple[str, ...], str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_longest", max(map(len, self.table), default=0))
        sounds: dict[tuple[str, ...], str] = {}
        for name, law in self.table.items():
            if len(name) >= _SHORTEST_BY_SOUND:
                sounds.setdefault(syllables(name), law)
        object.__setattr__(self, "_sounds", sounds)

    @classmethod
    def of(cls, laws: Iterable[tuple[str, str, bool]]) -> LawNames:
        """Build from (name, title, in force) of each law, as the library tells them."""
        return cls(alias_table([*laws]))

    def resolve(self, words: str) -> str | None:
        """Return the law of this name, or None."""
        return self.table.get(fold(words))

    def mentions(self, text: str) -> list[Mention]:
        """Find the laws named in ``text``, longest names first, in order and without overlap."""
        found: list[Mention] = []
        taken: list[tuple[int, int]] = []
        for match in _MARKED.finditer(text):
            found.append(Mention(self.resolve(match[1]), match[1], match.start(), match.end()))
            taken.append(match.span())
        position = 0
        while position < len(text):
            inside = next((span for span in taken if span[0] <= position < span[1]), None)
            if inside:
                position = inside[1]
                continue
            mention = self._mention_at(text, position)
            if mention:
                found.append(mention)
                position = mention.end
            else:
                position += 1
        # 《民法典》 within the full name of an interpretation of it is no mention of its own.
        outer = [
            mention
            for mention in found
            if not any(
                other is not mention and other.start <= mention.start and mention.end <= other.end
                for other in found
            )
        ]
        return sorted(outer, key=lambda mention: mention.start)

    def _mention_at(self, text: str, start: int) -> Mention | None:
        # The folded name skips marks that may stand in the text, so the end is searched for.
        best: Mention | None = None
        folded = ""
        for end in range(start + 1, min(len(text), start + self._longest * 2) + 1):
            character = text[end - 1]
            kept = fold(character)
            if not kept and not folded:
                return None
            folded += kept
            if folded.startswith("中华人民共和国"):
                folded = folded.removeprefix("中华人民共和国")
            if len(folded) > self._longest + 7:
                break
            if len(folded) >= _SHORTEST and folded in self.table and folded not in _TOO_COMMON:
                best = Mention(self.table[folded], text[start:end], start, end)
        return best

    def by_sound_before(self, text: str, end: int) -> Mention | None:
        """Find the law whose name sounds like the words that end at ``end``: 劳动和同法."""
        heard = syllables(text[max(0, end - self._longest) : end])
        for length in range(len(heard), _SHORTEST_BY_SOUND - 1, -1):
            law = self._sounds.get(heard[len(heard) - length :])
            if law is not None:
                start = end - length
                return Mention(law, text[start:end], start, end, by_sound=True)
        return None


# Named often on the telephone, though nobody needs a second name for them.
_COMMON_LAWS = (
    "专利法", "商标法", "继承法", "婚姻法", "合同法", "物权法", "侵权责任法", "担保法", "收养法",
    "公证法", "仲裁法", "律师法", "行政许可法", "行政强制法", "监察法", "公务员法", "教育法",
    "义务教育法", "教师法", "安全生产法", "职业病防治法", "环境保护法", "噪声污染防治法", "建筑法",
    "招标投标法", "票据法", "证券法", "广告法", "价格法", "反垄断法", "药品管理法", "信访工作条例",
    "军人地位和权益保障法", "退役军人保障法", "英雄烈士保护法", "禁毒法", "居民身份证法",
    "户口登记条例", "婚姻登记条例", "诉讼费用交纳办法", "住房公积金管理条例", "城市房地产管理法",
    "种子法", "农业法", "森林法", "草原法", "渔业法", "动物防疫法", "海商法", "民用航空法",
    "铁路法", "公路法", "邮政法", "电信条例", "民办教育促进法", "工会法", "劳动合同法实施条例",
    "劳动保障监察条例", "工伤认定办法", "最低工资规定", "工资支付暂行规定", "法律援助法实施办法",
    "机动车交通事故责任强制保险条例", "学生伤害事故处理办法", "精神卫生法", "献血法",
)  # fmt: skip


@cache
def default_names() -> LawNames:
    """Return the names that need no imported library: the laws people ask a hotline about."""
    laws = [*colloquial_names(), *_COMMON_LAWS]
    return LawNames.of((law, law, True) for law in dict.fromkeys(laws))
