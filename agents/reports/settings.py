"""``config/reports.yaml``: what the figures are held against, and what counts as a surge."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

import config
from agents.reports.surge import Rule
from hotline import configfiles

Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Norm(_Part):
    """What a figure is held to, and by which document."""

    at_least: float | None = Field(None, ge=0)
    at_most: float | None = Field(None, ge=0)
    source: Words

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("at_least 与 at_most 只写一个")
        return self

    def met(self, value: float) -> bool:
        """Whether ``value`` is good enough."""
        if self.at_least is not None:
            return value >= self.at_least
        return self.at_most is None or value <= self.at_most


class SurgeRule(_Part):
    """See :class:`agents.reports.surge.Rule`; ``earlier`` periods are compared with."""

    earlier: int = Field(4, ge=1, le=52)
    chance: float = Field(0.001, gt=0, lt=1)
    times: float = Field(1.5, ge=1)
    least: int = Field(5, ge=1)

    @property
    def rule(self) -> Rule:
        """The rule as a value."""
        return Rule(self.chance, self.times, self.least)


class ReportSettings(_Part):
    """The whole file."""

    version: Literal[1]
    norms: Mapping[str, Norm] = Field(default_factory=dict)
    surge: SurgeRule = SurgeRule()


def load(file: Path | None = None) -> ReportSettings:
    """Read the file.

    Raises:
        ConfigFileError: every mistake, each with its line.
    """
    return configfiles.load(file or config.path("reports.yaml"), ReportSettings)
