"""Tariffs (补贴标准): dated tables of amounts and factors, and what a case comes to by them.

No amount stands in code or in a service: what a bureau pays is its own decision, with its own
document and date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator

from hotline import configfiles
from hotline.casework.conditions import Condition, Part
from hotline.casework.definition import Service
from hotline.casework.fields import Name, Words
from hotline.configfiles import ConfigFileError, Document, Problem
from hotline.errors import ConfigurationError

CENT = Decimal("0.01")


class TariffGapError(ConfigurationError):
    """补贴标准没有涵盖这个办件，请核对 config/tariffs 中的标准。"""

    error_id = "tariff-gap"


class Amount(Part):
    """A sum of yuan, where ``when`` holds."""

    yuan: Decimal = Field(ge=0, decimal_places=2)
    when: Condition | None = None
    name: str = ""


class Factor(Part):
    """A number that the sum is multiplied by, where ``when`` holds."""

    times: Decimal = Field(ge=0, le=10)
    when: Condition | None = None
    name: str = ""


class TariffVersion(Part):
    """What was in force from one day to another, both included."""

    first: date = Field(alias="from")
    last: date | None = Field(default=None, alias="until")
    source: Words
    """The document that sets it."""
    amounts: tuple[Amount, ...] = Field(min_length=1)
    factors: Mapping[Name, tuple[Factor, ...]] = Field(default_factory=dict)

    def covers(self, day: date) -> bool:
        """Whether it is in force on ``day``."""
        return self.first <= day and (self.last is None or day <= self.last)


class Tariff(Part):
    """One tariff with all its versions."""

    code: Name
    name: Words
    unit: Words
    example: bool = False
    """Shipped for trying out only: a bureau must put its own figures here."""
    versions: tuple[TariffVersion, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _no_overlap(self) -> Self:
        ordered = sorted(self.versions, key=lambda version: version.first)
        for earlier, later in pairwise(ordered):
            if earlier.last is None or earlier.last >= later.first:
                raise ValueError(
                    f"自 {earlier.first} 起的标准与自 {later.first} 起的标准重叠，请补上 until"
                )
        return self

    def version(self, day: date) -> TariffVersion:
        """Return what was in force on ``day``.

        Raises:
            TariffGapError: nothing was.
        """
        found = next((version for version in self.versions if version.covers(day)), None)
        if found is None:
            raise TariffGapError(f"“{self.name}”没有 {day} 有效的标准，请补充")
        return found


@dataclass(frozen=True)
class Payment:
    """What a case comes to, and how it was reckoned."""

    amount: Decimal
    """Yuan, rounded to the cent."""
    reckoning: tuple[str, ...]
    source: str
    example: bool
    """By example figures: must not be paid out."""


def payment(
    service: Service, tariff: Tariff, values: Mapping[str, Any], closed_on: date
) -> Payment | None:
    """Return what is to be paid for a case; ``None`` where nothing is.

    Raises:
        TariffGapError: the tariff has no amount or factor for it.
    """
    subsidy = service.subsidy
    if subsidy is None or (subsidy.unless is not None and subsidy.unless.holds(values)):
        return None
    dated = values.get(subsidy.dated_by) if subsidy.dated_by else None
    day = date.fromisoformat(str(dated)[:10]) if dated else closed_on
    return reckon(tariff, values, day, subsidy.factors)


def reckon(
    tariff: Tariff, values: Mapping[str, Any], day: date, factors: Sequence[str] = ()
) -> Payment:
    """Return what ``values`` come to by what was in force on ``day``.

    Raises:
        TariffGapError: the tariff has no amount or factor for them.
    """
    version = tariff.version(day)
    base = next((a for a in version.amounts if _fits(a.when, values)), None)
    if base is None:
        raise TariffGapError(f"“{tariff.name}”没有适用的金额，请补充")
    amount, reckoning = base.yuan, [f"{base.name or tariff.name} {base.yuan} 元"]
    for name in factors:
        factor = next((f for f in version.factors.get(name, ()) if _fits(f.when, values)), None)
        if factor is None:
            raise TariffGapError(f"“{tariff.name}”的系数 {name} 都不适用，请补充")
        amount *= factor.times
        reckoning.append(f"× {factor.name or name} {factor.times}")
    rounded = amount.quantize(CENT, ROUND_HALF_UP)
    return Payment(rounded, tuple(reckoning), version.source, tariff.example)


def load(folder: Path) -> dict[str, tuple[Tariff, Document]]:
    """Read every tariff of a folder by its code.

    Raises:
        ConfigFileError: every mistake in every file.
    """
    found: dict[str, tuple[Tariff, Document]] = {}
    problems: list[Problem] = []
    for file in sorted(folder.glob("*.yaml")):
        try:
            document = configfiles.read(file)
            tariff = document.parse(Tariff)
        except ConfigFileError as error:
            problems += error.problems
            continue
        if tariff.code != file.stem:
            problems.append(document.problem(("code",), f"code 应与文件名一致：{file.stem}"))
        found[tariff.code] = (tariff, document)
    if problems:
        raise ConfigFileError(problems)
    return found


def _fits(when: Condition | None, values: Mapping[str, Any]) -> bool:
    return when is None or when.holds(values)
