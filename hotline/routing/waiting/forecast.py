"""How long a caller will wait yet (预计等待), as an honest range. Pure.

Who is the n-th in line is served when n talks have ended. With ``people`` who all talk, talks end
at ``people / pace`` a second, so the wait is Gamma-distributed with shape n; the range holds four
waits of five. Callers ahead who give up make it shorter, so it errs on the long side.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

STEPS = (0, 1, 2, 3, 5, 8, 10, 15, 20, 30)
"""Minutes that are said; finer ones would pretend to know."""
LONG = 31
"""Stands for more than half an hour: said in words, without a figure."""

_SPREAD = 1.2816
"""Standard deviations between the middle and the tenth of the quickest or slowest."""


@dataclass(frozen=True, slots=True)
class Range:
    """Whole minutes; ``least`` 0 is "within"; ``most`` :data:`LONG` has no figure."""

    least: int
    most: int


def expected(ahead: int, people: int, pace: float) -> float:
    """Return the mean seconds for somebody with ``ahead`` callers before them."""
    return (ahead + 1) * pace / people if people else math.inf


def within(ahead: int, people: int, pace: float) -> Range:
    """Return the rounded range in which four waits of five end."""
    if not people:
        return Range(LONG, LONG)
    unit = pace / people / 60.0
    return rounded(_quantile(ahead + 1, -_SPREAD) * unit, _quantile(ahead + 1, _SPREAD) * unit)


def rounded(least: float, most: float) -> Range:
    """Round minutes outwards to what is said."""
    upper = bisect_left(STEPS, most)
    high = STEPS[upper] if upper < len(STEPS) else LONG
    low = STEPS[bisect_right(STEPS, min(least, STEPS[-1])) - 1]
    return Range(low, high)


def _quantile(shape: int, deviations: float) -> float:
    """Return a quantile of the Gamma distribution (Wilson, Hilferty 1931)."""
    root = 1 - 1 / (9 * shape) + deviations / (3 * math.sqrt(shape))
    return shape * max(0.0, root) ** 3
