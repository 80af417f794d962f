"""What a report holds: parts, each with words, a table, and charts drawn from that table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from hotline.clock import CHINA

Cell = str | int | float | date | datetime | None
"""One value of a table; ``None`` is told as a dash, never as 0."""

NONE = "—"


class Form(StrEnum):
    """How a column's values read."""

    TEXT = "text"
    COUNT = "count"
    """12,345"""
    DECIMAL = "decimal"
    """87.5"""
    MONEY = "money"
    """Yuan, told as 1,234.50."""
    PERCENT = "percent"
    """0.985 is told as 98.5%."""
    DURATION = "duration"
    """Seconds, told as 4:07."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``width`` in characters, found from the contents where not given."""

    title: str
    form: Form = Form.TEXT
    width: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; ``total`` is one more row that stands out."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] | None = None

    def __post_init__(self) -> None:
        wide = len(self.columns)
        for row in (*self.rows, *([self.total] if self.total is not None else [])):
            if len(row) != wide:
                raise ValueError(f"a row of {len(row)} values in a table of {wide} columns")


class ChartKind(StrEnum):
    """How a chart is drawn."""

    BARS = "bars"
    """Upright bars, beside each other."""
    STACKED = "stacked"
    """Upright bars, on top of each other."""
    ROWS = "rows"
    """Lying bars: for long names."""
    LINES = "lines"
    """Over time."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of the part's own table, so that picture and numbers can't differ.

    Attributes:
        labels: the column (from 0) that names the places along the axis.
        values: the columns that are drawn.
        most: only this many rows, from the first.
    """

    kind: ChartKind
    title: str
    labels: int
    values: Sequence[int]
    most: int = 24


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a report: a worksheet of the workbook, a heading of the document."""

    title: str
    words: Sequence[str] = ()
    """Sentences above the table: definitions, what the numbers rest on."""
    table: Table | None = None
    charts: Sequence[Chart] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report."""

    title: str
    subtitle: str
    """The period and whose it is."""
    parts: Sequence[Part]
    made: str
    """When and by whom, for the foot of every page."""


def told(value: Cell, form: Form) -> str:
    """Return a value as it is read."""
    if value is None:
        return NONE
    if isinstance(value, datetime):
        return f"{value.astimezone(CHINA):%Y-%m-%d %H:%M}"
    if isinstance(value, (int, float)) and form is not Form.TEXT:
        return _figure(value, form)
    return value.isoformat() if isinstance(value, date) else str(value)


def _figure(value: float, form: Form) -> str:
    if form is Form.PERCENT:
        return f"{value * 100:.1f}%"
    if form is Form.DURATION:
        minutes, seconds = divmod(round(value), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f"{value:,.{_DIGITS.get(form, 0)}f}"


_DIGITS = {Form.DECIMAL: 1, Form.MONEY: 2}


def breadth(text: str) -> int:
    """Return how broad a text is in halves of a Chinese character."""
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)
