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

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.id not in KNOWN_ITEMS:
            raise ValueError(f"不认识的评分项 {self.id}，可用：{'、'.join(sorted(KNOWN_ITEMS))}")
        return self


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
