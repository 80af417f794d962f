"""Dated texts packed into the arrays that a ``Library`` reads, and the lives of their versions."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from knowledge_base.library.container import Arrays
from knowledge_base.library.model import Level, Version
from knowledge_base.library.names import alias_table, fold, plain_name
from knowledge_base.library.sources import StatuteText


@dataclass(frozen=True, slots=True)
class _Shelf:
    """All texts of one law, the oldest first, and how long each counts."""

    name: str
    texts: tuple[StatuteText, ...]
    versions: tuple[Version, ...]


def pack(texts: Sequence[StatuteText]) -> tuple[dict[str, Any], Arrays]:
    """Return the meta values and arrays of a library of these texts."""
    shelves = _shelves(texts)
    newest = [(shelf, shelf.versions[-1]) for shelf in shelves]
    aliases = alias_table(
        (shelf.name, shelf.texts[-1].title if shelf.texts else shelf.name, not version.expired)
        for shelf, version in newest
    )
    names_of: dict[str, list[str]] = defaultdict(list)
    for alias, name in aliases.items():
        if alias != fold(name):
            names_of[name].append(alias)

    laws: list[dict[str, Any]] = []
    spans: list[list[tuple[int, int]]] = []
    headings: dict[tuple[str, ...], int] = {}
    columns: dict[str, list[int]] = {
        name: [] for name in ("law", "version", "number", "branch", "heading", "offset")
    }
    blob = bytearray()
    for index, shelf in enumerate(shelves):
        laws.append(_meta(shelf, sorted(names_of[shelf.name])))
        spans.append([])
        for position, text in enumerate(shelf.texts):
            begin = len(columns["law"])
            for article in text.articles:
                columns["law"].append(index)
                columns["version"].append(position)
                columns["number"].append(article.number.number)
                columns["branch"].append(article.number.branch)
                columns["heading"].append(headings.setdefault(article.headings, len(headings)))
                columns["offset"].append(len(blob))
                blob += article.text.encode()
            spans[-1].append((begin, len(columns["law"])))
    columns["offset"].append(len(blob))
    arrays: Arrays = {name: np.array(values, np.int64) for name, values in columns.items()}
    for name in ("law", "version", "number", "branch", "heading"):
        arrays[name] = arrays[name].astype(np.int32)
    arrays["text"] = np.frombuffer(bytes(blob), np.uint8)
    meta = {
        "laws": laws,
        "aliases": aliases,
        "headings": [list(path) for path in headings],
        "spans": spans,
    }
    meta["fingerprint"] = _fingerprint(meta, arrays)
    return meta, arrays


def _meta(shelf: _Shelf, aliases: list[str]) -> dict[str, Any]:
    last = shelf.texts[-1] if shelf.texts else None
    return {
        "name": shelf.name,
        "title": last.title if last else shelf.name,
        "level": (last.level if last else Level.OTHER).value,
        "category": last.category if last else "",
        "aliases": aliases,
        "versions": [
            [
                _ordinal(version.publish),
                _ordinal(version.valid_from),
                _ordinal(version.valid_to),
                version.expired,
                version.source,
                _ordinal(version.taken),
            ]
            for version in shelf.versions
        ],
    }


def _ordinal(day: date | None) -> int | None:
    return None if day is None else day.toordinal()


def _fingerprint(meta: dict[str, Any], arrays: Arrays) -> str:
    digest = hashlib.sha256(repr([meta["laws"], meta["headings"]]).encode())
    for name in sorted(arrays):
        digest.update(np.ascontiguousarray(arrays[name]).data)
    return digest.hexdigest()[:32]


def _shelves(texts: Iterable[StatuteText]) -> list[_Shelf]:
    by_name: dict[str, list[StatuteText]] = defaultdict(list)
    for text in texts:
        by_name[text.name].append(text)
    for each in by_name.values():
        each.sort(key=lambda text: text.publish or date.min)
    ended = _repealed(by_name)
    shelves = [
        _Shelf(name, tuple(of_law), _lives(of_law, ended.get(name)))
        for name, of_law in sorted(by_name.items())
    ]
    # Laws that the corpus knows only as repealed: a citation of the 合同法 is an error to explain,
    # not an unknown name.
    shelves += [
        _Shelf(name, (), (Version(valid_to=ended[name], expired=True),))
        for name in sorted(set(ended) - set(by_name))
    ]
    return shelves


def _lives(texts: Sequence[StatuteText], ended: date | None) -> tuple[Version, ...]:
    versions: list[Version] = []
    for position, text in enumerate(texts):
        is_last = position == len(texts) - 1
        valid_to = ended if is_last else texts[position + 1].valid_from
        versions.append(
            Version(
                publish=text.publish,
                valid_from=text.valid_from,
                valid_to=valid_to,
                expired=text.expired or not is_last or ended is not None,
                source=text.source,
                taken=text.taken,
            )
        )
    if versions and versions[-1].expired and versions[-1].valid_to is None and ended:
        versions[-1] = replace(versions[-1], valid_to=ended)
    return tuple(versions)


def _repealed(by_name: dict[str, list[StatuteText]]) -> dict[str, date]:
    """Tell from the last articles of laws which others ended with them, and when."""
    ended: dict[str, date] = {}
    for name, of_law in by_name.items():
        for text in of_law:
            if text.valid_from is None:
                continue
            for title in text.repeals:
                repealed = plain_name(title)
                newer = any(
                    other.publish and text.publish and other.publish >= text.publish
                    for other in by_name.get(repealed, ())
                )
                if repealed != name and not newer:
                    ended[repealed] = min(text.valid_from, ended.get(repealed, text.valid_from))
    return ended
