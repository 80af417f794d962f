"""The day's calls as a picture of bars, drawn on the server.

It needs no script, prints, follows light and dark, and changes in place like any other part of a
live page; a charting library would do none of these by itself. All places are percentages, so
that the bars stretch with the page while the letters keep their size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from agents.pages.wall import Slot
from hotline.clock import CHINA

TOP, BASE = 6.0, 84.0
"""Where the tallest bar may begin and all bars stand, in percent from above."""

WORKING_DAY = (16, 36)
"""Half-hours from 8:00 to 18:30: shown even where nobody calls, so that the picture keeps still."""


@dataclass(frozen=True)
class Part:
    """A piece of a bar: how it ended, where it begins, how tall it is."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True)
class Bar:
    """One half-hour."""

    x: float
    width: float
    parts: tuple[Part, ...]
    words: str


@dataclass(frozen=True)
class Chart:
    """The picture's parts."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, int], ...]
    """Height and value of each line across."""
    hours: tuple[tuple[float, str], ...]


def draw(slots: Sequence[Slot]) -> Chart:
    """Draw the half-hours of the working day, and those before and after it that have calls."""
    shown = _shown(slots)
    top = _ceiling(max((slot.total for slot in shown), default=0))
    step = 100 / max(1, len(shown))
    scale = (BASE - TOP) / top
    return Chart(
        bars=tuple(_bar(slot, step * place, step, scale) for place, slot in enumerate(shown)),
        ticks=tuple(
            (round(BASE - value * scale, 2), value) for value in range(0, top + 1, top // 4)
        ),
        hours=tuple(
            (round(step * place, 2), f"{start.hour}:00")
            for place, slot in enumerate(shown)
            if (start := slot.start.astimezone(CHINA)).minute == 0 and start.hour % 2 == 0
        ),
    )


def _shown(slots: Sequence[Slot]) -> Sequence[Slot]:
    busy = [place for place, slot in enumerate(slots) if slot.total]
    first, last = WORKING_DAY
    return slots[min([*busy, first]) : max([*busy, last]) + 1]


def _ceiling(value: int) -> int:
    for unit in (1, 2, 5, 10, 20, 50, 100, 200, 500):
        if value <= unit * 4:
            return unit * 4
    return ceil(value / 4000) * 4000


def _bar(slot: Slot, x: float, step: float, scale: float) -> Bar:
    parts, y = [], BASE
    for kind, count in (("answered", slot.answered), ("lost", slot.lost), ("other", slot.other)):
        y -= count * scale
        parts.append(Part(kind, round(y, 2), round(count * scale, 2)))
    start = slot.start.astimezone(CHINA)
    return Bar(
        x=round(x + step * 0.14, 2),
        width=round(step * 0.72, 2),
        parts=tuple(parts),
        words=f"{start:%H:%M} 起半小时：接听 {slot.answered}，等待后未接 {slot.lost}，"
        f"未转人工 {slot.other}",
    )
