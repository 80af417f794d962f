"""How far two graders agree beyond chance.

J. Cohen, "A Coefficient of Agreement for Nominal Scales", EPM 20 (1960); the same, "Weighted
Kappa", Psychological Bulletin 70 (1968), here with quadratic weights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence


def cohen(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Return κ of pairs of judgements, -1 … 1; None without pairs.

    Where both always say the same one thing, chance explains everything and κ is not defined;
    nobody disagreed, so it is told as 1.
    """
    if not pairs:
        return None
    count = len(pairs)
    agreed = sum(one == other for one, other in pairs) / count
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    by_chance = sum(first[value] * second[value] for value in first) / count**2
    return 1.0 if by_chance == 1 else (agreed - by_chance) / (1 - by_chance)


def weighted(pairs: Sequence[tuple[int, int]], levels: int) -> float | None:
    """Return κ of ordinal grades (0 … ``levels`` - 1), weighted by the square of the distance.

    None without pairs; 1 where both always gave the same one grade (see :func:`cohen`).
    """
    if not pairs:
        return None
    if any(not 0 <= grade < levels for pair in pairs for grade in pair):
        raise ValueError(f"grades must lie from 0 to {levels - 1}")
    count = len(pairs)
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    apart = sum((one - other) ** 2 for one, other in pairs) / count
    by_chance = (
        sum(
            first[one] * second[other] * (one - other) ** 2
            for one in range(levels)
            for other in range(levels)
        )
        / count**2
    )
    return 1.0 if by_chance == 0 else 1 - apart / by_chance


def words(kappa: float | None) -> str:
    """Return the usual name of a κ (Landis and Koch, Biometrics 33, 1977)."""
    if kappa is None:
        return "尚无数据"
    for least, name in ((0.8, "几乎一致"), (0.6, "高度一致"), (0.4, "中等"), (0.2, "一般")):
        if kappa >= least:
            return name
    return "很低"
