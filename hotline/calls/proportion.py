"""A share with what it is made of: a percentage alone hides how much it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt

Z_95 = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""


@dataclass(frozen=True)
class Proportion:
    """``numerator`` of ``denominator``; what was left out stands by its reason in ``excluded``."""

    numerator: int
    denominator: int
    excluded: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.numerator <= self.denominator:
            raise ValueError(f"{self.numerator} of {self.denominator} is no share")

    @property
    def value(self) -> float | None:
        """The share from 0 to 1; ``None`` where there is nothing to share."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval; None over nothing."""
        if not self.denominator:
            return None
        return wilson(self.numerator / self.denominator, self.denominator)


def wilson(share: float, count: float) -> tuple[float, float]:
    """Return Wilson's 95 % interval: honest for small numbers and near 0 and 1.

    E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference",
    JASA 22 (1927).

    Args:
        share: what was measured, 0 … 1.
        count: over how many; an effective number need not be whole.
    """
    z2 = Z_95**2
    centre = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = Z_95 * sqrt(share * (1 - share) / count + z2 / (4 * count * count)) / (1 + z2 / count)
    return max(0.0, centre - half), min(1.0, centre + half)
