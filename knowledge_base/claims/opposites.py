"""Words of which a clause holds one or the other: 有效 and 无效, 书面 and 口头, 有偿 and 无偿."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

# A line is one choice; its sides are parted by a blank, words that mean the same by bars.
_CHOICES = """
有效 无效
合法 违法|非法
有偿 无偿
书面 口头
连带 按份
一般保证 连带责任保证|连带保证
动产 不动产
善意 恶意
故意 过失
有过错 无过错|没有过错
同意 拒绝|反对
增加 减少|降低
从重 从轻|减轻
全部 部分
共同 单独|各自
事前|事先|提前 事后
之前|以前|届满前 之后|以后|届满后
早于|先于 晚于|后于
优先 劣后|劣后于
以上 以下
成立 不成立
生效 失效|不生效|不发生效力
免除 加重
有期徒刑 无期徒刑
固定期限 无固定期限
共同财产|夫妻共同财产 个人财产
共同债务|夫妻共同债务 个人债务
完全民事行为能力 限制民事行为能力 无民事行为能力
过错责任 无过错责任
主债权 从债权
主合同 从合同
中止 中断
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """A word that has an opposite.

    Attributes:
        choice: which choice it belongs to; ``side``: which side of it.
    """

    choice: int
    side: int
    name: str
    start: int
    end: int


@cache
def _table() -> tuple[re.Pattern[str], dict[str, tuple[int, int]]]:
    sides: dict[str, tuple[int, int]] = {}
    for number, line in enumerate(_CHOICES.strip().splitlines()):
        for side, words in enumerate(line.split()):
            for name in words.split("|"):
                sides.setdefault(name, (number, side))
    longest_first = sorted(sides, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))), sides


def choices(text: str) -> list[Choice]:
    """Find the words of a text without punctuation that have an opposite."""
    pattern, sides = _table()
    return [
        Choice(*sides[match[0]], match[0], match.start(), match.end())
        for match in pattern.finditer(text)
    ]
