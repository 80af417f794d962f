"""Erlang B, C and A: how many servers a Poisson load needs.

Loads are in erlangs (mean calls in progress = arrivals per second × mean handling seconds).
Sources: A. K. Erlang (1917) for B and C; C. Palm (1943) and Garnett, Mandelbaum, Reiman (2002)
for A, where each waiting caller gives up after an exponential patience.

The formulas assume a steady half-hour, one skill and calls that arrive independently. Where
skills are split, overflow is used or callers call again, ask the simulator instead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from hotline.errors import InvalidInputError

MOST_SERVERS = 100_000
_TAIL = 1e-12
"""States rarer than this beside the commonest one do not change a figure that anybody reads."""


class StaffingInputError(InvalidInputError):
    """人力测算的参数有误：话务量、处理时长和耐心都要大于零，目标要在 0 到 1 之间。"""

    error_id = "staffing-input"


def erlang_b(load: float, servers: int) -> float:
    """Return the share of calls that find all ``servers`` busy and are lost.

    Raises:
        StaffingInputError: a negative load or number of servers.
    """
    if not (math.isfinite(load) and load >= 0 and servers >= 0):
        raise StaffingInputError
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked if load > 0 or servers == 0 else 0.0


def erlang_c(load: float, servers: int) -> float:
    """Return the share of calls that must wait, where all wait for ever; 1 when overloaded."""
    if load >= servers:
        erlang_b(load, servers)  # refuses what is no load
        return 1.0
    lost = erlang_b(load, servers)
    return servers * lost / (servers - load * (1 - lost))


def answered_within(load: float, servers: int, handling: float, seconds: float) -> float:
    """Return the share answered within ``seconds`` by Erlang C.

    Args:
        load: erlangs.
        servers: people on duty.
        handling: mean handling time in seconds, wrap-up included.
        seconds: the target, such as 15.
    """
    if handling <= 0 or seconds < 0:
        raise StaffingInputError
    if load >= servers:
        return 0.0
    return 1 - erlang_c(load, servers) * math.exp(-(servers - load) * seconds / handling)


@dataclass(frozen=True)
class Prospect:
    """What callers may expect with so many people on duty."""

    servers: int
    waits: float
    """Share that does not reach a person at once."""
    abandons: float
    """Share that gives up waiting."""
    within: float
    """Share of all callers answered within the target."""
    mean_wait: float
    """Seconds that a caller waits on average, those who give up included."""
    occupancy: float
    """Share of their time that people are on calls."""


def erlang_a(
    load: float, servers: int, handling: float, patience: float, seconds: float
) -> Prospect:
    """Return the prospect where callers give up (M/M/n+M).

    Args:
        load: erlangs.
        servers: people on duty.
        handling: mean handling time in seconds.
        patience: mean time in seconds after which a waiting caller gives up.
        seconds: the target for ``within``.

    Raises:
        StaffingInputError: a value that is not a load, a number of people or a time.
    """
    if not (load > 0 and handling > 0 and patience > 0 and seconds >= 0 and servers >= 0):
        raise StaffingInputError
    arrivals, service, leaving = load / handling, 1 / handling, 1 / patience
    busy, waiting = _states(arrivals, service, leaving, servers)
    total = sum(busy) + sum(waiting)
    # A caller behind j others is served when j + 1 of the people or callers before have gone:
    # exponential steps of rate c + i·θ (i = 0 … j), so that exp(-θ·V) is Beta(c/θ, j + 1).
    shape = servers * service / leaving
    reached = math.exp(-leaving * seconds)
    within = sum(busy)
    for ahead, weight in enumerate(waiting):
        served = shape / (shape + ahead + 1)
        within += weight * served * (1 - _beta(reached, shape + 1, ahead + 1))
    queue = sum(weight * ahead for ahead, weight in enumerate(waiting)) / total
    abandons = leaving * queue / arrivals
    return Prospect(
        servers=servers,
        waits=sum(waiting) / total,
        abandons=abandons,
        within=within / total,
        mean_wait=queue / arrivals,
        occupancy=load * (1 - abandons) / servers if servers else 0.0,
    )


def _states(
    arrivals: float, service: float, leaving: float, servers: int
) -> tuple[list[float], list[float]]:
    """Return weights of "k busy, nobody waits" for k < n, and of "j wait" for j ≥ 0.

    They are relative to the commonest state, so that no load overflows.
    """
    logs = [0.0]
    top = 0.0
    k = 0
    while k < servers or logs[-1] - top > math.log(_TAIL):
        k += 1
        departures = service * min(k, servers) + leaving * max(0, k - servers)
        logs.append(logs[-1] + math.log(arrivals) - math.log(departures))
        top = max(top, logs[-1])
    weights = [math.exp(value - top) for value in logs]
    return weights[:servers], weights[servers:]


def _beta(x: float, a: float, m: int) -> float:
    """Return the regularised incomplete beta function I_x(a, m) for a whole ``m`` ≥ 1."""
    if x >= 1:
        return 1.0
    if a <= 0:
        return 1.0
    term = math.exp(a * math.log(x)) if x > 0 else 0.0
    total = term
    for i in range(1, m):
        term *= (a + i - 1) * (1 - x) / i
        total += term
    return min(total, 1.0)


def people_needed(
    load: float,
    handling: float,
    *,
    target: float,
    seconds: float,
    patience: float | None = None,
) -> Prospect:
    """Return the smallest number of people who answer ``target`` of all calls in ``seconds``.

    Args:
        load: erlangs; 0 needs nobody.
        handling: mean handling time in seconds.
        target: share between 0 and 1, such as 0.8.
        seconds: within so many seconds, such as 15 (GB/T 33358-2016).
        patience: mean patience in seconds; without it nobody gives up (Erlang C).

    Raises:
        StaffingInputError: a value is out of range.
    """
    if not (0 < target < 1 and load >= 0 and math.isfinite(load)):
        raise StaffingInputError
    if load == 0:
        return Prospect(0, 0.0, 0.0, 1.0, 0.0, 0.0)
    servers = 1 if patience else math.floor(load) + 1
    while servers < MOST_SERVERS:
        if patience:
            found = erlang_a(load, servers, handling, patience, seconds)
        else:
            waits = erlang_c(load, servers)
            found = Prospect(
                servers,
                waits,
                0.0,
                answered_within(load, servers, handling, seconds),
                waits * handling / (servers - load),
                load / servers,
            )
        if found.within >= target:
            return found
        servers += 1
    raise StaffingInputError(f"{MOST_SERVERS} 人仍不够：请检查话务量 {load:.1f} 爱尔兰是否填错")
