"""How long callers are ready to wait (耐心), from those who gave up and those who did not.

A caller who was answered after 10 s tells only that their patience was longer than 10 s: such
observations are censored, and leaving them out would make callers look far less patient than they
are. The Kaplan–Meier estimator (1958) takes both; beyond the longest wait that was given up, the
curve goes on as an exponential with the rate seen over all (Brown, Hollander, Korwar 1974).
"""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import neg

LEAST_ABANDONS = 20
"""With fewer, the estimate would be chance; nobody is then taken to give up (Erlang C)."""


@dataclass(frozen=True, slots=True)
class Wait:
    """An observed wait; ``gave_up`` is false where something else ended it."""

    seconds: float
    gave_up: bool
    callers: int = 1
    """How many waited so."""


@dataclass(frozen=True)
class Patience:
    """A distribution of patience: steps, then an exponential tail."""

    tail: float
    """Mean seconds that the most patient wait beyond the last step."""
    times: tuple[float, ...] = ()
    """When somebody gave up, ascending."""
    survival: tuple[float, ...] = ()
    """The share still waiting just after each of ``times``."""
    abandons: int = 0
    """Abandons that it rests on; 0 where it was assumed."""

    @property
    def mean(self) -> float:
        """Mean patience in seconds."""
        area, since, share = 0.0, 0.0, 1.0
        for time, left in zip(self.times, self.survival, strict=True):
            area += share * (time - since)
            since, share = time, left
        return area + share * self.tail

    def survives(self, seconds: float) -> float:
        """Return the share of callers who would wait longer than ``seconds``."""
        step = bisect_right(self.times, seconds) - 1
        share = self.survival[step] if step >= 0 else 1.0
        if step == len(self.times) - 1:
            last = self.times[step] if step >= 0 else 0.0
            share *= math.exp(-(seconds - last) / self.tail)
        return share

    def draw(self, chance: random.Random, after: float = 0.0) -> float:
        """Draw the patience of a caller of whom it is known that they waited ``after`` seconds."""
        left = self.survives(after) * (1.0 - chance.random())
        step = bisect_right(self.survival, -left, key=neg)
        if step < len(self.times):
            return max(self.times[step], after)
        last, share = (self.times[-1], self.survival[-1]) if self.times else (0.0, 1.0)
        if share <= 0 or left <= 0:
            return max(last, after)
        return max(last + self.tail * math.log(share / left), after)


def estimate(waits: Iterable[Wait], least: int = LEAST_ABANDONS) -> Patience | None:
    """Estimate the patience; ``None`` where too few gave up to know it."""
    observed = sorted(waits, key=lambda wait: wait.seconds)
    abandons = sum(wait.callers for wait in observed if wait.gave_up)
    exposure = sum(wait.seconds * wait.callers for wait in observed)
    if abandons < max(1, least) or exposure <= 0:
        return None
    at_risk, share = sum(wait.callers for wait in observed), 1.0
    times, survival = [], []
    for seconds, together in groupby(observed, key=lambda wait: wait.seconds):
        if at_risk < least:
            # Of the last few a single one would bend the whole curve; the tail knows better.
            break
        group = list(together)
        gone = sum(wait.callers for wait in group if wait.gave_up)
        if gone:
            share *= 1 - gone / at_risk
            times.append(seconds)
            survival.append(share)
        at_risk -= sum(wait.callers for wait in group)
    return Patience(exposure / abandons, tuple(times), tuple(survival), abandons)
