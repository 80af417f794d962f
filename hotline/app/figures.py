"""The rates that packages count, for whoever reports them without serving pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from agents.reports.commands import command

if TYPE_CHECKING:
    from agents.reports.building import Count


def rates() -> Mapping[str, Count]:
    """Return each rate's counter by its name."""
    from hotline.app.processes import SECTIONS  # noqa: PLC0415 - reads every package's pages

    return {one.name: one.count for section in SECTIONS for one in section.figures}


report = command(rates)
"""``hotline report`` with the rates of every package."""
