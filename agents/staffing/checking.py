"""Needs of half-hours held against a simulation of the real policy.

The formulas know one skill, exponential talks and a steady half-hour. The simulation has skills
as the traffic asks for them, talks as long as they were, and queues that go on into the next
half-hour.
"""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from agents.staffing.lawyers import deal
from agents.staffing.needs import HALF_HOUR, History, Need, Target, prospect_of, rostered
from agents.staffing.simulation import Conduct, Duty, End, Spans, simulate
from agents.staffing.traffic import DAY, Offered, Traffic
from hotline.calls.patience import Patience
from hotline.routing.policy import Policy

WEEK = 7 * DAY

SURE = 2.0
"""Standard errors below the target from which a simulated share is short not by chance."""
MORE = 0.03
"""Share by which people are raised at a time, at least one."""


def checked(
    found: Sequence[Need],
    history: History,
    target: Target,
    policy: Policy,
    *,
    chance: random.Random,
    calls: int = 20_000,
    rounds: int = 4,
) -> list[Need]:
    """Hold needs against a simulation; add somebody where it shows too few, and look again.

    Each round plays about ``calls`` calls: like those of the same half-hour, with dealt skills,
    the bureau's policy and patience. People pick up at once, as the formulas have it.
    """
    week = sum(need.calls for need in found)
    weeks = max(1, round(calls / week)) if week else 0
    current = list(found)
    for last in (*[False] * (rounds - 1), True):
        shares = _shares(current, history, target, policy, chance=chance, weeks=weeks)
        current = [
            replace(need, simulated=shares.get((need.weekday, need.half_hour), (None, 0))[0])
            for need in current
        ]
        short = [need for need in current if _is_short(need, target, shares)]
        if last or not short:
            break
        current = [_with_more(n, target, history.patience) if n in short else n for n in current]
    return current


Shares = dict[tuple[int, int], tuple[float, int]]


def _is_short(need: Need, target: Target, shares: Shares) -> bool:
    share, calls = shares.get((need.weekday, need.half_hour), (1.0, 1))
    chance = math.sqrt(target.share * (1 - target.share) / calls)
    return share < target.share - SURE * chance


def _with_more(need: Need, target: Target, patience: Patience | None) -> Need:
    """Return the need with people added; its prospect stays what the formula says of so many."""
    wanted = need.people + max(1, round(MORE * need.people))
    load = need.calls / HALF_HOUR * need.handling
    prospect = prospect_of(wanted, load, need.handling, target.seconds, patience)
    return replace(need, prospect=prospect, rostered=rostered(wanted, target.absence))


def _shares(
    found: Sequence[Need],
    history: History,
    target: Target,
    policy: Policy,
    *,
    chance: random.Random,
    weeks: int,
) -> Shares:
    traffic, patience = history.traffic, history.patience
    played = _like(found, traffic, chance, weeks).completed(chance, patience)
    most = max((need.people for need in found), default=0)
    lawyers = deal(most, traffic)
    duties = [
        Duty(lawyer, _spans([n for n in found if n.people > place], weeks))
        for place, lawyer in enumerate(lawyers)
    ]
    run = simulate(played, duties, policy, chance, Conduct(answer_seconds=0.0))
    offered: Counter[tuple[int, int]] = Counter()
    within: Counter[tuple[int, int]] = Counter()
    for ending in run.endings:
        at = ending.call.at % WEEK
        slot = int(at // DAY), int(at % DAY // HALF_HOUR)
        offered[slot] += 1
        within[slot] += ending.end is End.ANSWERED and ending.waited <= target.seconds
    return {slot: (within[slot] / count, count) for slot, count in offered.items()}


def _like(found: Sequence[Need], traffic: Traffic, chance: random.Random, weeks: int) -> Traffic:
    """Return weeks of calls that come at random at the needs' rates and are like those that were.

    What each wants and how long it talks is taken from a call of the same time of day.
    """
    by_time: dict[int, list[Offered]] = defaultdict(list)
    for call in traffic.calls:
        by_time[int(call.at % DAY // HALF_HOUR)].append(call)
    calls = []
    for week in range(weeks):
        for need in found:
            start = week * WEEK + need.weekday * DAY + need.half_hour * HALF_HOUR
            at = start + chance.expovariate(need.calls / HALF_HOUR)
            while at < start + HALF_HOUR:
                like = chance.choice(by_time[need.half_hour])
                # Who calls is not known, so nobody is anybody's last caller.
                calls.append(replace(like, at=at, number="", patience=None, waited=0.0))
                at += chance.expovariate(need.calls / HALF_HOUR)
    return Traffic(tuple(sorted(calls, key=lambda call: call.at)))


def _spans(found: Sequence[Need], weeks: int) -> Spans:
    """Return when somebody is there who comes in these half-hours of each week."""
    spans: list[tuple[float, float]] = []
    for week in range(weeks):
        for need in found:
            start = week * WEEK + need.weekday * DAY + need.half_hour * HALF_HOUR
            if spans and spans[-1][1] >= start:
                spans[-1] = spans[-1][0], start + HALF_HOUR
            else:
                spans.append((start, start + HALF_HOUR))
    # No spans would mean all the time.
    return tuple(spans) or ((0.0, 0.0),)
