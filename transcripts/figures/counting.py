"""Counts the figures of quality; pure.

Three figures apart (domain §5): critical-error-free, mean score, legal accuracy. They are told from
the random sample of graded calls alone; the risk sample stands beside them and is never added. The
random sample is stratified (lawyer and category, at least one each), so small strata are heard more
often than large ones: each graded call counts for as many calls as it stands for in its stratum.
The machine's pre-screen covers all calls and is told as what it is. Satisfaction is the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from hotline.calls.proportion import Proportion, wilson


class Call(NamedTuple):
    """An answered call as the figures need it; what was not judged is None."""

    agent_id: str
    topic: str
    month: str
    """Such as ``2026-11``, in China."""
    satisfaction: int | None
    machine_ok: bool | None
    sample: str | None
    """``random`` or ``risk`` where people graded it."""
    total: float | None
    legal_ok: bool | None
    veto: bool | None
    weight: float | None = None
    """How many calls of its stratum one graded call stands for; None counts for itself."""


@dataclass(frozen=True, slots=True)
class WeightedShare:
    """A share of a stratified sample, weighted by stratum.

    Attributes:
        numerator, denominator: the graded calls as they are, unweighted.
        value: the weighted share (ratio of weighted sums); None over nothing.
        effective: Kish's effective number, (Σw)² ÷ Σw²: an equal sample of so many calls would tell
            as much.
    """

    numerator: int
    denominator: int
    value: float | None
    effective: float

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval over the effective number."""
        return None if self.value is None else wilson(self.value, self.effective)


@dataclass(frozen=True, slots=True)
class Sampled:
    """The three figures of one sample of graded calls."""

    critical_free: WeightedShare
    """Calls without a veto ÷ graded calls."""
    mean: float | None
    legal: WeightedShare
    """Calls with all three legal items in full ÷ graded calls."""


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of a group of calls."""

    calls: int
    random: Sampled
    risk: Sampled
    machine: Proportion
    satisfaction: Proportion
    """满意 and 基本满意 ÷ rated."""
    response: Proportion
    """Rated ÷ answered."""


class _Sum:
    """Adds up one sample."""

    __slots__ = ("free", "graded", "legal", "points", "squares", "weighted", "weights")

    def __init__(self) -> None:
        self.graded = self.free = self.legal = 0
        self.points = self.weights = self.squares = 0.0
        self.weighted = {"free": 0.0, "legal": 0.0}

    def add(self, call: Call, times: int) -> None:
        weight = 1.0 if call.weight is None else call.weight
        free, legal = not call.veto, bool(call.legal_ok)
        self.graded += times
        self.free += times * free
        self.legal += times * legal
        self.weights += times * weight
        self.squares += times * weight * weight
        self.weighted["free"] += times * weight * free
        self.weighted["legal"] += times * weight * legal
        self.points += times * weight * (call.total or 0.0)

    def done(self) -> Sampled:
        return Sampled(
            self._share(self.free, self.weighted["free"]),
            self.points / self.weights if self.graded else None,
            self._share(self.legal, self.weighted["legal"]),
        )

    def _share(self, count: int, weighted: float) -> WeightedShare:
        if not self.graded:
            return WeightedShare(0, 0, None, 0.0)
        # Sums of many floats may end a hair above the whole.
        value = min(1.0, weighted / self.weights)
        return WeightedShare(count, self.graded, value, self.weights**2 / self.squares)


class _Group:
    """Adds up one group of calls."""

    __slots__ = ("calls", "judged", "machine", "rated", "samples", "satisfied")

    def __init__(self) -> None:
        self.calls = self.judged = self.machine = self.rated = self.satisfied = 0
        self.samples = {"random": _Sum(), "risk": _Sum()}

    def add(self, call: Call, times: int) -> None:
        self.calls += times
        if call.machine_ok is not None:
            self.judged += times
            self.machine += times * call.machine_ok
        if call.satisfaction is not None:
            self.rated += times
            self.satisfied += times * (call.satisfaction < 3)
        if call.sample is not None:
            self.samples[call.sample].add(call, times)

    def done(self) -> Figures:
        return Figures(
            calls=self.calls,
            random=self.samples["random"].done(),
            risk=self.samples["risk"].done(),
            machine=Proportion(
                self.machine, self.judged, {"机器无法判断": self.calls - self.judged}
            ),
            satisfaction=Proportion(self.satisfied, self.rated),
            response=Proportion(self.rated, self.calls),
        )


@dataclass(frozen=True)
class Table:
    """Figures of all calls, and in groups: most calls first, months in their order."""

    whole: Figures
    by_agent: Mapping[str, Figures]
    by_topic: Mapping[str, Figures]
    by_station: Mapping[str, Figures]
    by_month: Mapping[str, Figures]


def count(calls: Iterable[tuple[Call, int]], homes: Mapping[str, str]) -> Table:
    """Count in one pass.

    Args:
        calls: answered calls, each kind with how many there are.
        homes: each person's place.
    """
    whole = _Group()
    agents, topics, stations, months = (_Groups() for _ in range(4))
    for call, times in calls:
        whole.add(call, times)
        agents.of(call.agent_id).add(call, times)
        topics.of(call.topic).add(call, times)
        stations.of(homes.get(call.agent_id, "")).add(call, times)
        months.of(call.month).add(call, times)
    return Table(
        whole=whole.done(),
        by_agent=_largest(agents.done()),
        by_topic=_largest(topics.done()),
        by_station=_largest(stations.done()),
        by_month=dict(sorted(months.done().items())),
    )


class _Groups:
    """Groups by name."""

    def __init__(self) -> None:
        self._groups: dict[str, _Group] = {}

    def of(self, name: str) -> _Group:
        return self._groups.setdefault(name, _Group())

    def done(self) -> dict[str, Figures]:
        return {name: group.done() for name, group in self._groups.items()}


def _largest(groups: Mapping[str, Figures]) -> dict[str, Figures]:
    return dict(sorted(groups.items(), key=lambda item: (-item[1].calls, item[0])))
