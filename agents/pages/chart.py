"""The day's calls as a picture of bars, drawn on the server.

It needs no script, prints, follows light and dark, and changes in place like any other part of a
live page; a charting library would do none of these by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from agents.pages.wall import Slot
from hotline.clock import CHINA

WIDTH = 960
HEIGHT = 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 6, 10, 24


@dataclass(frozen=True)
class Bar:
    """One half-hour, in the picture's units."""

    x: float
    width: float
    answered_y: float
    answered_height: float
    lost_y: float
    lost_height: float
    other_y: float
    other_height: float
    words: str


@dataclass(frozen=True)
class Chart:
    """The picture's parts."""

    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, int], ...]
    """Height and value of each line across."""
    hours: tuple[tuple[float, str], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    base: float = HEIGHT - _BOTTOM


def draw(slots: Sequence[Slot]) -> Chart:
    """Draw the half-hours from the first to the last that has calls, at least a working day."""
    shown = _shown(slots)
    top = _ceiling(max((slot.total for slot in shown), default=0))
    room = HEIGHT - _TOP - _BOTTOM
    step = (WIDTH - _LEFT - _RIGHT) / max(1, len(shown))
    scale = room / top
    return Chart(
        bars=tuple(
            _bar(slot, _LEFT + step * place, step, scale) for place, slot in enumerate(shown)
        ),
        ticks=tuple(
            (HEIGHT - _BOTTOM - value * scale, value) for value in range(0, top + 1, top // 4)
        ),
        hours=tuple(
            (_LEFT + step * place, f"{slot.start.astimezone(CHINA).hour}:00")
            for place, slot in enumerate(shown)
            if slot.start.astimezone(CHINA).minute == 0
            and slot.start.astimezone(CHINA).hour % 2 == 0
        ),
    )


def _shown(slots: Sequence[Slot]) -> Sequence[Slot]:
    busy = [place for place, slot in enumerate(slots) if slot.total]
    first = min([*busy, 16])
    last = max([*busy, 36])
    return slots[first : last + 1]


def _ceiling(value: int) -> int:
    for unit in (1, 2, 5, 10, 20, 50, 100, 200, 500):
        if value <= unit * 4:
            return unit * 4
    return ceil(value / 4000) * 4000


def _bar(slot: Slot, x: float, step: float, scale: float) -> Bar:
    base = HEIGHT - _BOTTOM
    heights = [slot.answered * scale, slot.lost * scale, slot.other * scale]
    answered_y = base - heights[0]
    lost_y = answered_y - heights[1]
    start = slot.start.astimezone(CHINA)
    return Bar(
        x=round(x + step * 0.14, 1),
        width=round(step * 0.72, 1),
        answered_y=round(answered_y, 1),
        answered_height=round(heights[0], 1),
        lost_y=round(lost_y, 1),
        lost_height=round(heights[1], 1),
        other_y=round(lost_y - heights[2], 1),
        other_height=round(heights[2], 1),
        words=f"{start:%H:%M} 起半小时：接听 {slot.answered}，未接 {slot.lost}，其他 {slot.other}",
    )
