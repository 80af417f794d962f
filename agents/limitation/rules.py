"""Which periods there are: ``config/limitation.yaml``, each with its statute."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

import config
from hotline import configfiles


class Kind(StrEnum):
    """What a period is for."""

    LAST = "last"
    """Something must be done within it."""
    WAIT = "wait"
    """Something may be done only after it."""


class Rule(BaseModel):
    """One period."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(pattern=r"^[a-z_]{1,40}$")
    name: str = Field(min_length=1, max_length=60)
    years: int = Field(default=0, ge=0, le=20)
    months: int = Field(default=0, ge=0, le=24)
    days: int = Field(default=0, ge=0, le=365)
    roll: bool = False
    """A last day that is off moves to the next working day (民法典 203)."""
    kind: Kind = Kind.LAST
    topics: tuple[str, ...] = ()
    since: str = Field(min_length=1)
    law: str = Field(min_length=1)
    articles: str = Field(min_length=1)
    note: str = ""

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if sum(map(bool, (self.years, self.months, self.days))) != 1:
            raise ValueError("years、months、days 要写一个，且只写一个")
        return self

    @property
    def citation(self) -> str:
        """How a lawyer cites it."""
        return f"{self.law} {self.articles}"

    @property
    def length(self) -> str:
        """``三年`` as ``3 年``."""
        for count, unit in ((self.years, "年"), (self.months, "个月"), (self.days, "日")):
            if count:
                return f"{count} {unit}"
        raise AssertionError  # the model refuses it


class Rules(BaseModel):
    """All periods."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1]
    rules: tuple[Rule, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _unique(self) -> Self:
        codes = [rule.code for rule in self.rules]
        if len(set(codes)) != len(codes):
            raise ValueError("code 有重复")
        return self

    def rule(self, code: str) -> Rule | None:
        """Return a period by its code."""
        return next((rule for rule in self.rules if rule.code == code), None)

    def for_topic(self, topic: str) -> list[Rule]:
        """Return all periods, those of a topic first, then those of every topic."""
        return sorted(self.rules, key=lambda rule: (topic not in rule.topics, bool(rule.topics)))


def load(file: Path | None = None) -> Rules:
    """Read the file.

    Raises:
        ConfigFileError: each problem with its line.
    """
    return configfiles.load(file or config.path("limitation.yaml"), Rules)
