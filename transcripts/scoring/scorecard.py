"""The form that a call is scored by: items, weights, vetoes and the words to listen for (YAML)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

import config
from hotline import configfiles
from knowledge_base.claims.wording import Phrase

KNOWN_ITEMS = frozenset(
    {
        "opening",
        "listening",
        "matter",
        "basis",
        "complete",
        "guidance",
        "legal_aid",
        "manner",
        "ticket",
    }
)
"""Items that the machine knows how to look at, or leaves to people (manner, ticket)."""
KNOWN_VETOES = frozenset(
    {
        "critical_wrong_fact",
        "promised_outcome",
        "private_contact",
        "private_fee",
        "missing_police_110",
    }
)
LISTENED_FOR = frozenset(
    {
        "opening",
        "closing",
        "introducing",
        "restating",
        "asking",
        "guidance",
        "legal_aid",
        "police_110",
        "confidentiality",
        "promised_outcome",
        "private_contact",
        "private_fee",
        "danger",
        "limitation_risk",
        "complaint",
    }
)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ItemRule(_Part):
    """An item of the form; a ``legal`` one counts for legal accuracy."""

    id: str
    title: str
    weight: float = Field(gt=0)
    legal: bool = False
    not_applicable: str = ""
    """When the item does not apply; empty: it always does. Its weight then goes to the others."""

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.id not in KNOWN_ITEMS:
            raise ValueError(f"不认识的评分项 {self.id}，可用：{'、'.join(sorted(KNOWN_ITEMS))}")
        return self


class ConductRule(_Part):
    """What the sound of a talk is held against; each bureau's own measure, no standard's."""

    longest_silence: float = Field(gt=0)
    """Seconds in which nobody speaks."""
    longest_talk_over: float = Field(gt=0)
    """Seconds in all in which the lawyer speaks into the caller's words."""
    slowest: float = Field(gt=0)
    """Characters a minute; ``fastest`` likewise."""
    fastest: float = Field(gt=0)
    largest_share: float = Field(gt=0, le=1)
    """Of all the speaking, the lawyer's part."""


def _phrases(value: object) -> object:
    if isinstance(value, list) and all(isinstance(one, str) and one.strip() for one in value):
        return tuple(Phrase.read(one) for one in value)
    return value


class Scorecard(_Part):
    """A versioned form (评分表)."""

    id: str
    version: int = Field(ge=1)
    title: str
    items: tuple[ItemRule, ...] = Field(min_length=1)
    vetoes: frozenset[str]
    people_vetoes: dict[str, str] = Field(default_factory=dict)
    """Vetoes that only a person can see, with their words."""
    conduct: ConductRule
    no_citation_share: float = Field(ge=0, le=1)
    required_share: float = Field(ge=0, le=1)
    least_confidence: float = Field(ge=0, le=1)
    least_heard: float = Field(ge=0, le=1)
    words: dict[str, Annotated[tuple[Phrase, ...], BeforeValidator(_phrases)]]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        words = frozenset(self.words)
        for wrong, told in (
            (self.vetoes - KNOWN_VETOES, "不认识的一票否决项"),
            (LISTENED_FOR - words, "words 缺少"),
            (words - LISTENED_FOR, "words 中有不认识的项"),
        ):
            if wrong:
                raise ValueError(f"{told}：{'、'.join(sorted(wrong))}")
        return self


@lru_cache(maxsize=8)
def _read(file: Path, changed: float) -> Scorecard:
    del changed
    return configfiles.load(file, Scorecard)


def load_scorecard(name: str = "12348") -> Scorecard:
    """Read ``config/scorecards/NAME.yaml``.

    Raises:
        ConfigFileError: the file is missing or wrong; each mistake has its line.
    """
    file = config.path(f"scorecards/{name}.yaml")
    return _read(file, file.stat().st_mtime if file.exists() else 0.0)
