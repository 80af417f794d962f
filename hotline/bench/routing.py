"""Our controller beside app_queue: the same Asterisk, the same telephones, slice by slice in turn.

A slice of one side, then one of the other, so that whatever else the machine does falls on both.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import quantiles

from sqlalchemy import func, select

from hotline.bench.exchange import Placed
from hotline.bench.house import OURS, PEER, PEER_ARRIVED, House
from hotline.calls.tables import CallStepTable, CallTable
from hotline.casework.tables import Case
from hotline.routing.tables import OfferTable

HOTLINE, APP_QUEUE, BARE = "hotline", "app_queue", "app_queue_bare"
SIDES = {HOTLINE: OURS, APP_QUEUE: PEER_ARRIVED, BARE: PEER}
"""Our side; app_queue behind the same arrival and menu; app_queue behind nothing."""
SETTLE_SECONDS = 1.0
WARM_RATE, WARM_SECONDS = 20.0, 2.0
WRITTEN_SECONDS = 20.0
"""Within which everything must stand in the database."""
CLEAN_P99 = 100.0

Told = Callable[[str], None]


@dataclass
class Side:
    """What was measured of one side at one rate."""

    calls: list[Placed] = field(default_factory=list)
    retransmissions: int = 0
    controller_cpu: float = 0.0
    asterisk_cpu: float = 0.0

    @property
    def failures(self) -> int:
        """Calls that did not reach exactly one person."""
        return sum(call.failed for call in self.calls)

    def percentile(self, percent: int) -> float:
        """Return a percentile of the milliseconds from INVITE to INVITE."""
        times = [call.milliseconds for call in self.calls if call.rung_at]
        return quantiles(times, n=100)[percent - 1] if len(times) > 1 else float("nan")

    @property
    def clean(self) -> bool:
        """Whether nothing failed, was sent twice or took long."""
        return not self.failures and not self.retransmissions and self.percentile(99) < CLEAN_P99

    def as_json(self) -> dict[str, float | int]:
        """Return the figures."""
        count = max(1, len(self.calls))
        return {
            "calls": len(self.calls),
            "p50_ms": round(self.percentile(50), 2),
            "p99_ms": round(self.percentile(99), 2),
            "failures": self.failures,
            "retransmissions": self.retransmissions,
            "cpu_ms_per_call": round(1000 * self.controller_cpu / count, 2),
            "asterisk_cpu_ms_per_call": round(1000 * self.asterisk_cpu / count, 2),
        }


async def warm_up(house: House) -> None:
    """Let both sides do a few calls that count for nothing."""
    for dialled in SIDES.values():
        await house.exchange.run(dialled, WARM_RATE, WARM_SECONDS)


async def idle_rate(house: House, seconds: float = 4.0) -> float:
    """Return the controller's processor seconds a second while nobody calls."""
    before = house.controller.cpu
    await asyncio.sleep(seconds)
    return (house.controller.cpu - before) / seconds


async def slice_of(
    house: House, side: Side, dialled: str, load: Load, *, idle: float = 0.0
) -> None:
    """Measure one slice of one side.

    What is written after the last call belongs to these calls too, so the slice lasts longer
    than its calls come in; what an idle controller takes in that tail (``idle``) is no call's.
    """
    before = (house.controller.cpu, house.asterisk.cpu, house.exchange.retransmissions)
    begin = time.monotonic()
    side.calls += await house.exchange.run(dialled, load.rate, load.seconds)
    await asyncio.sleep(SETTLE_SECONDS)
    tail = time.monotonic() - begin - load.seconds
    side.controller_cpu += house.controller.cpu - before[0] - idle * tail
    side.asterisk_cpu += house.asterisk.cpu - before[1]
    side.retransmissions += house.exchange.retransmissions - before[2]


@dataclass(frozen=True)
class Load:
    """So many calls a second for so long."""

    rate: float
    seconds: float


async def compare(
    house: House, load: Load, slice_seconds: float, names: Sequence[str], told: Told
) -> dict[str, Side]:
    """Measure the sides in turn, ``load`` each."""
    sides = {name: Side() for name in names}
    rounds = max(1, round(load.seconds / slice_seconds))
    idle = await idle_rate(house)
    part = Load(load.rate, load.seconds / rounds)
    for number in range(rounds):
        # Who begins changes, so that nobody always comes first.
        turn = number % len(names)
        for name in (*names[turn:], *names[:turn]):
            told(f"{load.rate:g} 路/秒　第 {number + 1}/{rounds} 轮　{name}")
            await slice_of(house, sides[name], SIDES[name], part, idle=idle)
    return sides


async def clean_rate(
    house: House, rates: Sequence[float], seconds: float, told: Told
) -> dict[str, float]:
    """Return the highest rate at which each side is clean; each rate may be tried twice."""
    going = [HOTLINE, APP_QUEUE]
    best = dict.fromkeys(going, 0.0)
    for rate in rates:
        for name in list(going):
            for _ in range(2):
                told(f"{rate:g} 路/秒　{name}")
                side = Side()
                await slice_of(house, side, SIDES[name], Load(rate, seconds))
                told(f"p99 {side.percentile(99):.1f} 毫秒，重发 {side.retransmissions}")
                if side.clean:
                    best[name] = rate
                    break
            else:
                going.remove(name)
    return best


async def written(house: House, calls: Sequence[Placed]) -> dict[str, int]:
    """Return what stands in the database of our calls, and how many are not as they should be."""
    ours = {call.number for call in calls if call.dialled == OURS}
    deadline = asyncio.get_running_loop().time() + WRITTEN_SECONDS
    while True:
        found = await _count(house, ours)
        whole = found["answered"] == found["tickets"] == found["offers_answered"] == len(ours)
        if whole or asyncio.get_running_loop().time() > deadline:
            return found | {"missing": len(ours) - found["whole"]}
        await asyncio.sleep(0.5)


async def _count(house: House, numbers: set[str]) -> dict[str, int]:
    async with house.database.read() as session:
        rows = await session.execute(
            select(CallTable.id, CallTable.number, CallTable.outcome, CallTable.agent_id)
        )
        calls = {row.id: row for row in rows if row.number in numbers}
        tickets = Counter(
            call_id for call_id in await session.scalars(select(Case.call_id)) if call_id in calls
        )
        answered = Counter(
            call_id
            for call_id in await session.scalars(
                select(OfferTable.call_id).where(OfferTable.outcome == "answered")
            )
            if call_id in calls
        )
        steps = await session.scalar(select(func.count()).select_from(CallStepTable))
    return {
        "calls": len(calls),
        "answered": sum(row.outcome == "answered" for row in calls.values()),
        "tickets": tickets.total(),
        "offers_answered": answered.total(),
        "steps": steps or 0,
        "whole": sum(
            row.outcome == "answered" and tickets[row.id] == 1 and answered[row.id] == 1
            for row in calls.values()
        ),
    }
