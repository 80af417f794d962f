"""Surges (突增): a theme or a place with clearly more calls than it usually has.

A count is held against what the weeks before lead one to expect. Counts of calls scatter like
Poisson's distribution, so "clearly" is a probability and not a percentage: 3 instead of 1 is
chance, 60 instead of 30 is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, lgamma, log


@dataclass(frozen=True)
class Rule:
    """When a count stands out."""

    chance: float = 0.001
    """So seldom would it happen by chance if nothing had changed."""
    times: float = 1.5
    """And at least so many times what was expected."""
    least: int = 5
    """And at least so many calls: below, nobody needs telling."""


@dataclass(frozen=True)
class Surge:
    """What stands out."""

    key: str
    count: int
    expected: float
    chance: float
    """How probable so many would be if nothing had changed."""

    @property
    def times(self) -> float:
        """How many times what was expected."""
        return self.count / self.expected if self.expected else float(self.count)


def surges(
    counts: Mapping[str, int], earlier: Sequence[Mapping[str, int]], rule: Rule
) -> list[Surge]:
    """Return what stands out among ``counts``, the strongest first.

    ``earlier`` are counts of earlier periods of equal length; without any there is nothing to
    compare with and nothing stands out. Half a call is added to each expectation: what never
    occurred before is rare, not impossible.
    """
    if not earlier:
        return []
    found = []
    for key, count in counts.items():
        expected = (sum(before.get(key, 0) for before in earlier) + 0.5) / len(earlier)
        chance = at_least(count, expected)
        if count >= rule.least and count >= rule.times * expected and chance <= rule.chance:
            found.append(Surge(key, count, expected, chance))
    return sorted(found, key=lambda surge: (surge.chance, -surge.count, surge.key))


def at_least(count: int, expected: float) -> float:
    """Return the probability of ``count`` or more where ``expected`` are (Poisson's upper tail)."""
    if count <= 0:
        return 1.0
    if expected <= 0:
        return 0.0
    if count > expected:
        # Summed upwards from the count: the differences 1 − CDF would cancel to nothing.
        term = exp(count * log(expected) - expected - lgamma(count + 1))
        total, number = 0.0, count
        while term > total * 1e-12 and number < count + 10_000:
            total += term
            number += 1
            term *= expected / number
        return min(1.0, total)
    below = sum(exp(n * log(expected) - expected - lgamma(n + 1)) for n in range(count))
    return max(0.0, 1.0 - below)
