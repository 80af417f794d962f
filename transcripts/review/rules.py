"""The bureau's rules of review (``config/review.yaml``)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

import config
from hotline import configfiles


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Level(_Part):
    """One step of the scale that people grade on: which share of an item's points it gives."""

    share: float = Field(ge=0, le=1)
    words: str = Field(min_length=1)


class ReviewRules(_Part):
    """How calls are drawn, graded and appealed against."""

    random_share: float = Field(ge=0.05, le=1)
    """At least 5 % of the answered calls (domain §5)."""
    least_each: int = Field(ge=1)
    period_days: int = Field(ge=1, le=31)
    double_blind_share: float = Field(ge=0, le=1)
    new_lawyer_calls: int = Field(ge=0)
    low_confidence: float = Field(ge=0, le=1)
    appeal_workdays: int = Field(ge=1)
    hint_below_kappa: float = Field(ge=0, le=1)
    hint_least_pairs: int = Field(ge=2)
    levels: tuple[Level, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _falling(self) -> Self:
        shares = [level.share for level in self.levels]
        if shares != sorted(set(shares), reverse=True) or shares[0] != 1 or shares[-1] != 0:
            raise ValueError("levels 应从 1 到 0 由高到低，不能重复")
        return self

    def level_of(self, share: float) -> int:
        """Return the position of the level nearest to a share (0: the best)."""
        return min(
            range(len(self.levels)),
            key=lambda place: (abs(self.levels[place].share - share), place),
        )


@lru_cache(maxsize=4)
def _read(file: Path, changed: float) -> ReviewRules:
    del changed
    return configfiles.load(file, ReviewRules)


def load_rules() -> ReviewRules:
    """Read ``config/review.yaml``.

    Raises:
        ConfigFileError: the file is missing or wrong; each mistake has its line.
    """
    file = config.path("review.yaml")
    return _read(file, file.stat().st_mtime if file.exists() else 0.0)
