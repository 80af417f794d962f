"""Figures that change (利率、工资、收入): one series each, with source and 数据截至.

Nothing of this kind is written into the program or a card. Who shows a figure shows with it since
when it applies, where it comes from, up to when it was checked, and that it may be out of date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

import config
from hotline.configfiles import load
from hotline.errors import NotFoundError


class UnknownParameterError(NotFoundError):
    """没有这项参数，请检查 config/parameters.yaml。"""

    error_id = "unknown-parameter"


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    since: date
    value: Decimal


class Parameter(BaseModel):
    """One series of a figure; see ``config/parameters.yaml`` for the meaning of each field."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str
    unit: str
    place: str
    source: str
    taken: date | None = None
    fresh_days: int = Field(default=380, ge=1)
    confidence: int = Field(default=2, ge=1, le=3)
    values: tuple[_Value, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        days = [value.since for value in self.values]
        if days != sorted(set(days)):
            raise ValueError("values 应按 since 从早到晚排列，且日期不重复")
        if self.values and self.taken is None:
            raise ValueError("填写了数值就要写 taken（数据截至）")
        return self


class _ParametersFile(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int
    parameters: list[Parameter]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it applies on a day.

    Attributes:
        since: the day from which it applies.
        taken: up to when it was checked (数据截至).
        outdated: that day lies so long before the one asked for that it may have changed.
        confidence: 3 read in the publication, 2 secondary, 1 from memory.
    """

    parameter: Parameter
    value: Decimal
    since: date
    taken: date
    outdated: bool
    confidence: int

    @property
    def words(self) -> str:
        """The figure as it is shown, with its source and 数据截至."""
        doubt = "，可能已更新，请核对" if self.outdated else ""
        return (
            f"{self.parameter.name}：{self.value}{self.parameter.unit}"
            f"（自 {self.since} 起；来源：{self.parameter.source}；数据截至 {self.taken}{doubt}）"
        )


class Parameters:
    """All figures, asked for by code and day."""

    def __init__(self, parameters: tuple[Parameter, ...]) -> None:
        self.all = parameters
        self._by_code = {parameter.code: parameter for parameter in parameters}

    def figure(self, code: str, on: date) -> Figure | None:
        """Return the figure that applies on that day; None where the bureau has entered none.

        Raises:
            UnknownParameterError: there is no such series.
        """
        parameter = self._by_code.get(code)
        if parameter is None:
            raise UnknownParameterError(f"没有“{code}”这项参数，请检查 config/parameters.yaml")
        applying = [value for value in parameter.values if value.since <= on]
        if not applying or parameter.taken is None:
            return None
        return Figure(
            parameter=parameter,
            value=applying[-1].value,
            since=applying[-1].since,
            taken=parameter.taken,
            # A later figure that we know closes the question whether this one still applies.
            outdated=applying[-1] == parameter.values[-1]
            and on > parameter.taken + timedelta(days=parameter.fresh_days),
            confidence=parameter.confidence,
        )


def load_parameters(file: Path | None = None) -> Parameters:
    """Read the figures.

    Raises:
        ConfigFileError: the file is wrong; each mistake with its line.
    """
    read = load(file or config.path("parameters.yaml"), _ParametersFile)
    return Parameters(tuple(read.parameters))
