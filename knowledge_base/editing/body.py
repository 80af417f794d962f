"""A card as the editor handles it: the mapping of its YAML file, complete or not."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from pydantic import ValidationError

from hotline.configfiles import message_of
from knowledge_base.cards.files import SHIPPED
from knowledge_base.cards.model import Card, Duty, FactKind
from knowledge_base.topics.taxonomy import load_taxonomy

Body = dict[str, Any]

_ID = re.compile(r"[a-z0-9-]{2,60}")

DUTY_WORDS = {
    Duty.LEGAL_AID_NOTICE: "告知可以申请法律援助",
    Duty.POLICE_110: "提示拨打 110",
    Duty.CONFIDENTIALITY: "说明保密，问是否方便说话",
}
KIND_WORDS = {
    FactKind.PERIOD: "期限",
    FactKind.AMOUNT: "金额",
    FactKind.MULTIPLE: "倍数",
    FactKind.SHARE: "比例",
    FactKind.NUMBER: "数量",
    FactKind.POLARITY: "是与否",
    FactKind.SUBJECT: "由谁",
}
_PLACES = {
    "title": "标题",
    "topic": "分类",
    "questions": "群众怎么问",
    "keywords": "关键词",
    "points": "要点",
    "facts": "法律事实",
    "articles": "法条",
    "sources": "资料来源",
    "review_due": "复审日期",
    "reviewed": "审核日期",
    "text": "内容",
    "say": "说法",
    "article": "依据法条",
    "value": "数值",
    "cues": "出现在哪些说法旁",
    "quote": "条文原文",
    "subject": "说的是什么",
    "kind": "类别",
    "see_also": "相关要点卡",
    "id": "编号",
}


@dataclass(frozen=True)
class Mistake:
    """What keeps a draft from being sent to review."""

    place: str
    words: str

    def __str__(self) -> str:
        return f"{self.place}：{self.words}" if self.place else self.words


def shipped_body(card_id: str) -> Body | None:
    """Return the shipped card's mapping; None where the program ships no such card."""
    file = SHIPPED / f"{card_id}.yaml"
    if not _ID.fullmatch(card_id) or not file.exists():
        return None
    body: Body = plain(yaml.safe_load(file.read_text(encoding="utf-8")))
    return body


def plain(value: Any) -> Any:
    """Return the mapping with days as text, so that it can be kept as JSON."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


_POINT: Body = {"id": "", "text": "", "required": False, "say": [], "articles": []}
_FACT: Body = {
    **dict.fromkeys(("id", "subject", "kind", "value", "quote", "article"), ""),
    **{name: [] for name in ("also", "cues", "unless", "right", "wrong")},
    "critical": False,
    "confidence": 3,
}
_CARD: Body = {
    **dict.fromkeys(("id", "topic", "title", "note", "reviewed", "review_due"), ""),
    **{name: [] for name in ("questions", "keywords", "duties", "see_also", "sources")},
    "general": False,
}


def whole(body: Mapping[str, Any], more_points: int = 0, more_facts: int = 0) -> Body:
    """Return a body in which nothing is left out, for pages; with blank rows where asked for."""
    points = [*body.get("points", []), *[{}] * more_points]
    facts = [*body.get("facts", []), *[{}] * more_facts]
    return {
        **_CARD,
        **body,
        "points": [{**_POINT, **point} for point in points],
        "facts": [{**_FACT, **fact} for fact in facts],
        "articles": [{"role": "key", **each} for each in body.get("articles", [])],
    }


def read(body: Mapping[str, Any]) -> tuple[Card | None, tuple[Mistake, ...]]:
    """Read a body as a card; where it is not one yet, tell every mistake in words."""
    try:
        return Card.model_validate(body), ()
    except ValidationError as error:
        found = [
            Mistake(_place(each["loc"]), message_of(each))
            for each in error.errors(include_url=False)
        ]
        return None, tuple(dict.fromkeys(found))


def _place(loc: Sequence[str | int]) -> str:
    words: list[str] = []
    for step in loc:
        if isinstance(step, int):
            words.append(f"第 {step + 1} 条" if words else "")
        elif step in _PLACES:
            words.append(_PLACES[step])
    return "".join(words)


def lines_of(body: Mapping[str, Any]) -> list[str]:
    """Write a body as lines that people compare."""
    topic = load_taxonomy().find(str(body.get("topic", "")))
    lines = [f"标题：{body.get('title', '')}", f"分类：{topic.name if topic else ''}"]
    lines += [f"问法：{each}" for each in body.get("questions", ())]
    lines.append("关键词：" + "、".join(body.get("keywords", ())))
    for point in body.get("points", ()):
        lines.append(f"要点{'（必说）' if point.get('required') else ''}：{point.get('text', '')}")
        lines += [f"　说法：{each}" for each in point.get("say", ())]
        lines += [f"　依据：{each}" for each in point.get("articles", ())]
    for fact in body.get("facts", ()):
        kind = KIND_WORDS.get(fact.get("kind"), fact.get("kind", ""))
        value = fact.get("value") or fact.get("quote", "")
        critical = "，错了可能丧失权利" if fact.get("critical") else ""
        lines.append(f"事实：{fact.get('subject', '')}（{kind}）{value}{critical}")
        lines.append(f"　依据：{fact.get('article', '')}")
        for name, words in (
            ("also", "也可说"),
            ("cues", "旁边的话"),
            ("unless", "除非"),
            ("right", "对的说法"),
            ("wrong", "错的说法"),
        ):
            lines += [f"　{words}：{each}" for each in fact.get(name, ())]
    for each in body.get("articles", ()):
        support = each.get("role") == "support"
        lines.append(f"法条：{each.get('article', '')}{'（辅助）' if support else ''}")
    lines += [f"须告知：{DUTY_WORDS.get(each, each)}" for each in body.get("duties", ())]
    lines += [f"相关：{each}" for each in body.get("see_also", ())]
    if body.get("note"):
        lines.append(f"备注：{body['note']}")
    lines += [f"来源：{each}" for each in body.get("sources", ())]
    lines.append(f"复审日期：{body.get('review_due', '')}")
    return lines


@dataclass(frozen=True)
class DiffLine:
    """A line of a comparison; ``kind``: same, gone, new."""

    kind: str
    text: str


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[DiffLine]:
    """Compare two bodies line by line."""
    old, new = lines_of(before), lines_of(after)
    found: list[DiffLine] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [DiffLine("same", line) for line in old[a:b]]
            continue
        found += [DiffLine("gone", line) for line in old[a:b]]
        found += [DiffLine("new", line) for line in new[c:d]]
    return found
