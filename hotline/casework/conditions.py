"""Conditions in service files: a small language over a case's values, read without any code.

``{field: kind, is: civil}``, ``in``, ``filled``, ``at_least``, ``below``, and ``all``, ``any``,
``not`` over others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Scalar = bool | int | float | str


class Part(BaseModel):
    """A part of a service file: unknown keys are refused, values don't change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Condition(Part):
    """One condition; exactly one way of asking is given."""

    field: str | None = None
    is_: Scalar | None = Field(default=None, alias="is")
    in_: tuple[Scalar, ...] | None = Field(default=None, alias="in", min_length=1)
    filled: bool | None = None
    at_least: float | None = None
    below: float | None = None
    all_: tuple[Condition, ...] | None = Field(default=None, alias="all", min_length=1)
    any_: tuple[Condition, ...] | None = Field(default=None, alias="any", min_length=1)
    not_: Condition | None = Field(default=None, alias="not")

    @model_validator(mode="after")
    def _one_question(self) -> Self:
        about = (self.is_, self.in_, self.filled, self.at_least, self.below)
        joined = (self.all_, self.any_, self.not_)
        asked = sum(part is not None for part in about)
        if self.field is not None and asked == 1 and not any(joined):
            return self
        if self.field is None and asked == 0 and sum(p is not None for p in joined) == 1:
            return self
        raise ValueError(
            "条件应写成 {field: 字段, is: 值}（或 in、filled、at_least、below 之一），"
            "或单独的 all、any、not"
        )

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether it holds for ``values``; a field that isn't there is not filled."""
        if self.field is not None:
            return self._asks(values.get(self.field))
        if self.all_ is not None:
            return all(part.holds(values) for part in self.all_)
        if self.any_ is not None:
            return any(part.holds(values) for part in self.any_)
        return self.not_ is None or not self.not_.holds(values)

    def fields(self) -> Iterator[str]:
        """Yield every field that it asks about."""
        if self.field is not None:
            yield self.field
        for part in (*(self.all_ or ()), *(self.any_ or ()), *((self.not_,) if self.not_ else ())):
            yield from part.fields()

    def _asks(self, value: Any) -> bool:
        if self.filled is not None:
            return is_filled(value) is self.filled
        if self.is_ is not None:
            return _same(value, self.is_)
        if self.in_ is not None:
            given = value if isinstance(value, list | tuple) else (value,)
            return any(_same(one, wanted) for one in given for wanted in self.in_)
        number = _number(value)
        if number is None:
            return False
        if self.at_least is not None:
            return number >= Decimal(str(self.at_least))
        return self.below is not None and number < Decimal(str(self.below))


def is_filled(value: Any) -> bool:
    """Whether a form's value says anything; ``False`` and 0 do."""
    return value is not None and value not in ("", [], ())


def _same(value: Any, wanted: Scalar) -> bool:
    # True == 1 in Python, but a box that is ticked is not the number one.
    return isinstance(value, bool) == isinstance(wanted, bool) and bool(value == wanted)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
