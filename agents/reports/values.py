"""A report as values: measures, tables and charts, which page, workbook, PDF and JSON all show."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from agents.reports.period import Period
from agents.reports.settings import Norm
from hotline.calls.proportion import Proportion
from hotline.documents.content import Cell, ChartKind, Form, told

Value = str | int | float | Proportion | None


@dataclass(frozen=True)
class Measure:
    """One figure with what it means, what it was before and what it is held to."""

    code: str
    name: str
    form: Form
    value: Value
    before: Value
    """The same figure of the period before."""
    definition: str
    """The formula in words, with what is left out."""
    norm: Norm | None = None

    @property
    def met(self) -> bool | None:
        """Whether the norm is kept; ``None`` where there is none or nothing to judge."""
        number = as_number(self.value)
        return None if self.norm is None or number is None else self.norm.met(number)

    @property
    def change(self) -> float | None:
        """The difference to the period before: of shares in points, of others in the unit."""
        now, then = as_number(self.value), as_number(self.before)
        return None if now is None or then is None else now - then


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    name: str
    form: Form = Form.COUNT
    hint: str = ""
    """What it means, where the name does not say it."""


@dataclass(frozen=True)
class Table:
    """A table with the words that it needs to be read alone."""

    code: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    note: str = ""
    empty: str = "这一时期没有。"


@dataclass(frozen=True)
class Chart:
    """A picture of some columns of a table, so that picture and numbers can't differ."""

    table: str
    title: str
    kind: ChartKind
    columns: tuple[int, ...]
    """Which columns are drawn; the first column names the places along the axis."""
    most: int = 31
    """Only so many rows, from the first."""


@dataclass(frozen=True)
class Report:
    """All of one period."""

    period: Period
    made_at: datetime
    running: bool
    """Whether the period is not over yet: the figures still grow."""
    measures: tuple[Measure, ...]
    tables: tuple[Table, ...]
    charts: tuple[Chart, ...] = field(default=())
    scope: str = ""
    """Whose figures: the whole bureau's or a place's."""

    def table(self, code: str) -> Table:
        """Return the table called ``code``."""
        return next(table for table in self.tables if table.code == code)


def as_number(value: Value) -> float | None:
    """Return what can be compared and drawn."""
    if isinstance(value, Proportion):
        return value.value
    return float(value) if isinstance(value, int | float) else None


def cell(value: Value) -> Cell:
    """Return a value as a file's table holds it: a share as a number."""
    return as_number(value) if isinstance(value, Proportion) else value


def in_words(value: Value, form: Form) -> str:
    """Return a value as people read it; a dash where there is none."""
    return told(cell(value), form)


def change_in_words(measure: Measure) -> str:
    """Return the change since the period before: ``+1.2 个百分点``; empty where unknown."""
    change = measure.change
    if change is None:
        return ""
    sign, size = "+" if change >= 0 else "−", abs(change)
    if measure.form is Form.PERCENT:
        return f"{sign}{size * 100:.1f} 个百分点"
    return f"{sign}{told(size, measure.form)}"


def fraction_in_words(value: Value) -> str:
    """Return what a share is made of: ``231 / 245；不计：菜单中挂断 12``; else nothing."""
    if not isinstance(value, Proportion):
        return ""
    left_out = "、".join(f"{reason} {count:,}" for reason, count in value.excluded.items())
    words = f"{value.numerator:,} / {value.denominator:,}"
    return f"{words}；不计：{left_out}" if left_out else words
