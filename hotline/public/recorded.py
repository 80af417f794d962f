"""Recorded advice (录音解答): what callers hear at night, made from the answer cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import yaml

from hotline.errors import NotFoundError

if TYPE_CHECKING:
    from knowledge_base.cards.model import Card

MOST_POINTS = 6
"""More than this nobody keeps in mind who only hears it."""

_NUMBERS = "一二三四五六七八九十"
_HEAD = """\
# 夜间录音解答的文字，由知识库的要点卡生成：改卡以后运行 hotline ivr advice --write，看过再编译。
# 也可以在 prompts/zh.yaml 里自己写 advice/卡片编号，或放录音 zh/advice/卡片编号.wav，它们优先。
"""


class UnknownCardError(NotFoundError):
    """菜单里写的要点卡不存在，请检查编号。"""

    error_id = "unknown-card"


def spoken(card: Card) -> str:
    """Return what is told of a card: its points, those that must be said first."""
    points = sorted(card.points, key=lambda point: not point.required)[:MOST_POINTS]
    told = "".join(f"第{_NUMBERS[n]}，{point.text}。" for n, point in enumerate(points))
    said = f"{card.reviewed.year}年{card.reviewed.month}月"
    return f"{card.title}。{told}以上内容{said}核对，各人情况不同，只供参考。"


def advice(cards: Sequence[Card], wanted: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """Return the advice of the cards that the menu tells.

    Raises:
        UnknownCardError: there is no such card.
    """
    by_id = {card.id: card for card in cards}
    if missing := [one for one in wanted if one not in by_id]:
        raise UnknownCardError(f"没有这些要点卡：{'、'.join(missing)}。请检查 ivr/12348.yaml。")
    return {
        one: {
            "text": spoken(by_id[one]),
            "reviewed": by_id[one].reviewed,
            "review_due": by_id[one].review_due,
        }
        for one in wanted
    }


def written(found: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the file."""
    values = {"version": 1, "cards": {card: dict(one) for card, one in found.items()}}
    return _HEAD + yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=1000)
