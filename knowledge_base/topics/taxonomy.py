"""The taxonomy of legal topics (工单二级分类), read from ``config/topics.yaml``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator

import config
from hotline.configfiles import load
from knowledge_base.library import Library

_USUAL_LAW = re.compile(r"^(?P<law>.+?)(?:\s+(?P<first>\d+)-(?P<last>\d+))?$")


@dataclass(frozen=True, slots=True)
class UsualLaw:
    """A law, or a range of its articles, that questions of a topic are mostly answered from."""

    law: str
    first: int = 0
    last: int = 1 << 30


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: its code, Chinese name and first-level area, and what speaks for it."""

    code: str
    name: str
    area: str
    also: tuple[str, ...]
    laws: tuple[UsualLaw, ...]
    words: tuple[str, ...]


class _TopicEntry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: str = Field(pattern=r"^[a-z][a-z_]*$")
    name: str
    area: str
    also: list[str] = []
    laws: list[str] = []
    words: list[str] = []

    @field_validator("laws")
    @classmethod
    def _readable(cls, laws: list[str]) -> list[str]:
        for law in laws:
            match = _USUAL_LAW.match(law)
            if match is None or (match["first"] and int(match["first"]) > int(match["last"])):
                raise ValueError(f"“{law}”应写作“法律名”或“法律名 起-止”")
        return laws


class _TaxonomyFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int
    topics: list[_TopicEntry] = Field(min_length=1)


class Taxonomy:
    """The topics in their order, found by code, name or another label."""

    def __init__(self, topics: tuple[Topic, ...]) -> None:
        self.topics = topics
        self._by_label: dict[str, Topic] = {}
        for topic in topics:
            for label in (topic.code, topic.name):
                self._by_label[_fold(label)] = topic
        for topic in topics:
            for label in topic.also:
                self._by_label.setdefault(_fold(label), topic)

    def __iter__(self) -> Iterator[Topic]:
        return iter(self.topics)

    def __len__(self) -> int:
        """Count the topics."""
        return len(self.topics)

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The codes in order."""
        return tuple(topic.code for topic in self.topics)

    def find(self, label: str) -> Topic | None:
        """Find a topic by its code, its Chinese name, another label, or ``民事/劳动报酬``."""
        found = self._by_label.get(_fold(label))
        if found is None:
            for part in reversed(re.split(r"[/>\-—·|、]", label)):
                found = found or self._by_label.get(_fold(part))
        return found

    def hints(self, text: str) -> Mapping[str, float]:
        """Return how much each topic's own words speak for it in a text; no learning needed."""
        weights = {
            topic.code: float(sum(len(word) for word in topic.words if word in text))
            for topic in self.topics
        }
        return {code: weight for code, weight in weights.items() if weight}

    def rows(self, library: Library) -> dict[str, NDArray[np.intp]]:
        """Return the rows of the articles that each topic's questions are usually answered from."""
        found: dict[str, NDArray[np.intp]] = {}
        for topic in self.topics:
            laws = [(library.find_law(usual.law), usual) for usual in topic.laws]
            rows = [
                library.rows_between(law, usual.first, usual.last)
                for law, usual in laws
                if law is not None
            ]
            found[topic.code] = np.unique(np.concatenate(rows)) if rows else np.zeros(0, np.intp)
        return found


def load_taxonomy(file: Path | None = None) -> Taxonomy:
    """Read the taxonomy.

    Raises:
        ConfigFileError: the file is wrong; each mistake with its line.
    """
    read = load(file or config.path("topics.yaml"), _TaxonomyFile)
    return Taxonomy(
        tuple(
            Topic(
                code=entry.code,
                name=entry.name,
                area=entry.area,
                also=tuple(entry.also),
                laws=tuple(_usual_law(law) for law in entry.laws),
                words=tuple(dict.fromkeys(entry.words)),
            )
            for entry in read.topics
        )
    )


def _usual_law(text: str) -> UsualLaw:
    match = _USUAL_LAW.match(text)
    if match is None or not match["first"]:
        return UsualLaw(text)
    return UsualLaw(match["law"], int(match["first"]), int(match["last"]))


def _fold(label: str) -> str:
    return re.sub(r"[\s/／、（）()]|纠纷|类$|问题$", "", label).lower()
