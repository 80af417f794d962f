"""How the staff's pages look at a service: calendars, sums, coverage, headings (``pages``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from hotline.casework.conditions import Part
from hotline.casework.fields import Name, Words


class Totals(Part):
    """Sums over the records of a service: hours a month, people reached."""

    sums: tuple[Name, ...] = Field(min_length=1)
    by: tuple[Name, ...] = Field(min_length=1)
    """Fields that the sums are divided by, each with a table of its own."""
    dated: Name
    """The date field that tells the month."""
    states: tuple[Name, ...] = Field(min_length=1)


class Coverage(Part):
    """Which places have a record of this service, and which are gaps."""

    level: Literal["township", "village"]
    states: tuple[Name, ...] = Field(min_length=1)
    """States in which a record counts."""
    who: Name | None = None
    """The field with the person, shown beside the place."""
    advises: bool = False
    """Whether this person is the place's legal adviser, whom the overview of places shows."""


class Reckoned(Part):
    """A figure that the house counts itself, for targets and assessments (年度目标考核).

    What the figures' codes mean is told in :mod:`agents.reports.standing`; a code that it does not
    know is a figure that people give, with its source.
    """

    indicator: Name
    """The choice field whose options are codes of figures."""
    place: Name
    """The field with the place that is judged, with all below it."""
    since: Name
    until: Name
    """Date fields: the first and the last day that count."""
    target: Name
    """The field with what is to be reached; of shares in percent."""
    keeps: Name
    """The field that keeps the figure as it was when one of ``when`` was done."""
    when: tuple[Name, ...] = Field(min_length=1)


class Pages(Part):
    """How the staff's pages show the service beside its list; all of it may be left out."""

    group: str = ""
    """The heading under which services stand together."""
    is_register: bool = Field(default=False, alias="register")
    """Records that are kept (登记簿) rather than matters that are dealt with."""
    columns: tuple[Name, ...] = ()
    """Fields that the list shows."""
    calendar: Name | None = None
    """A date field by which cases stand in a month."""
    lanes: Name | None = None
    """A choice field that the calendar can be narrowed by."""
    hot: bool = False
    """Whether the hotline's most asked topics stand beside the calendar."""
    totals: Totals | None = None
    coverage: Coverage | None = None
    reckoned: Reckoned | None = None
    sections: Mapping[Words, tuple[Name, ...]] = Field(default_factory=dict)
    """Headings of the form and the fields below each; others are placed by what they are."""
