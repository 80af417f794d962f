"""Reads the editor's form: flat fields of a page into the mapping of a card.

Lists are one entry a line. A point or a fact whose fields are all empty is one that the person did
not want; a new one gets the next free id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from knowledge_base.cards.model import VALUED, Duty, FactKind
from knowledge_base.editing.body import Body

MOST = 40
"""Points, facts, lines: a card that needs more is two cards."""
LONGEST = 2000
_WORDS = re.compile(r"[、，,\s]+")
_SUPPORT = "辅："
_POINT = ("text", "say", "articles")
_FACT = ("subject", "value", "cues", "quote", "article", "right", "wrong")


def read_form(data: Mapping[str, str]) -> Body:
    """Return the mapping; what is wrong with it is for :func:`~.body.read` to tell."""
    body: Body = {
        "topic": _text(data, "topic"),
        "title": _text(data, "title"),
        "questions": _lines(data, "questions"),
        "keywords": [word for word in _WORDS.split(_text(data, "keywords")) if word][:MOST],
        "points": _points(data),
        "facts": _facts(data),
        "articles": [_cited(line) for line in _lines(data, "articles")],
        "duties": [duty.value for duty in Duty if data.get(f"duty-{duty.value}")],
        "see_also": [word for word in _WORDS.split(_text(data, "see_also")) if word][:MOST],
        "sources": _lines(data, "sources"),
        "reviewed": _text(data, "reviewed"),
        "review_due": _text(data, "review_due"),
    }
    if note := _text(data, "note"):
        body["note"] = note
    if data.get("general"):
        body["general"] = True
    return body


def _points(data: Mapping[str, str]) -> list[Body]:
    found = []
    for place in _places(data, "point", _POINT):
        point: Body = {
            "id": _text(data, f"point-{place}-id"),
            "text": _text(data, f"point-{place}-text"),
        }
        if data.get(f"point-{place}-required"):
            point["required"] = True
        point["say"] = _lines(data, f"point-{place}-say")
        if articles := _lines(data, f"point-{place}-articles"):
            point["articles"] = articles
        found.append(point)
    return _numbered(found, "p")


def _facts(data: Mapping[str, str]) -> list[Body]:
    found = []
    for place in _places(data, "fact", _FACT):
        name = f"fact-{place}"
        kind = _text(data, f"{name}-kind")
        fact: Body = {
            "id": _text(data, f"{name}-id"),
            "subject": _text(data, f"{name}-subject"),
            "kind": kind,
        }
        # What does not belong to the kind is kept out, so that a kind can be changed freely.
        valued = kind in {each.value for each in VALUED}
        for field in ("value", "quote"):
            if (text := _text(data, f"{name}-{field}")) and valued == (field == "value"):
                fact[field] = text
        for field in ("also", "cues", "unless", "right", "wrong"):
            if lines := _lines(data, f"{name}-{field}"):
                fact[field] = lines
        fact["article"] = _text(data, f"{name}-article")
        if data.get(f"{name}-critical"):
            fact["critical"] = True
        confidence = _text(data, f"{name}-confidence")
        fact["confidence"] = int(confidence) if confidence in {"1", "2", "3"} else 3
        found.append(fact)
    return _numbered(found, "f")


def _places(data: Mapping[str, str], what: str, fields: Sequence[str]) -> list[int]:
    """Return the numbers of the rows in which something was written."""
    pattern = re.compile(rf"{what}-(\d{{1,3}})-\w+")
    numbers = {int(match[1]) for name in data if (match := pattern.fullmatch(name))}
    return [
        number
        for number in sorted(numbers)[: MOST + 2]
        if any(_text(data, f"{what}-{number}-{field}") for field in fields)
    ]


def _numbered(rows: list[Body], letter: str) -> list[Body]:
    taken = {row["id"] for row in rows}
    number = 1
    for row in rows:
        if row["id"]:
            continue
        while f"{letter}{number}" in taken:
            number += 1
        row["id"] = f"{letter}{number}"
        taken.add(row["id"])
    return rows


def _cited(line: str) -> Body:
    if line.startswith(_SUPPORT):
        return {"article": line.removeprefix(_SUPPORT).strip(), "role": "support"}
    return {"article": line}


def articles_text(body: Mapping[str, object]) -> str:
    """Write the articles of a card as the form shows them."""
    entries = body.get("articles") or []
    assert isinstance(entries, list)  # noqa: S101 - for the type checker; the form made it
    return "\n".join(
        (_SUPPORT if each.get("role") == "support" else "") + str(each.get("article", ""))
        for each in entries
    )


KINDS = tuple(FactKind)


def _text(data: Mapping[str, str], name: str) -> str:
    return str(data.get(name, "")).strip()[:LONGEST]


def _lines(data: Mapping[str, str], name: str) -> list[str]:
    lines = (line.strip() for line in _text(data, name).splitlines())
    return [line for line in lines if line][:MOST]
