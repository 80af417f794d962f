"""Whether the controller's memory stays flat under a load that goes on and on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from hotline.bench.exchange import Placed
from hotline.bench.house import OURS, House

SAMPLE_SECONDS = 5.0
WARM_SHARE = 0.2
"""What of the time counts as warming up: caches and pools fill."""


@dataclass(frozen=True)
class Soak:
    """What was seen."""

    calls: int
    failures: int
    seconds: float
    first_mb: float
    last_mb: float
    slope_mb_per_10000_calls: float
    """Of the process' own memory; SQLite maps the growing database, which is no leak."""
    resident_mb: float

    def as_json(self) -> dict[str, float | int]:
        """Return the figures."""
        return {
            "calls": self.calls,
            "failures": self.failures,
            "seconds": round(self.seconds),
            "own_first_mb": round(self.first_mb, 1),
            "own_last_mb": round(self.last_mb, 1),
            "rss_last_mb": round(self.resident_mb, 1),
            "own_slope_mb_per_10000_calls": round(self.slope_mb_per_10000_calls, 2),
        }


async def soak(house: House, rate: float, seconds: float, told: Callable[[str], None]) -> Soak:
    """Place calls for so long, and look at the controller's memory all the time."""
    samples: list[tuple[float, float]] = []
    begin = time.monotonic()

    async def look() -> None:
        while True:
            await asyncio.sleep(SAMPLE_SECONDS)
            done = time.monotonic() - begin
            own = house.controller.own_memory / 1e6
            samples.append((done * rate, own))
            told(f"{done / 60:.1f} 分钟　控制器内存 {own:.1f} MB")

    looking = asyncio.create_task(look())
    try:
        placed: list[Placed] = await house.exchange.run(OURS, rate, seconds)
    finally:
        looking.cancel()
    settled = [s for s in samples if s[0] >= WARM_SHARE * seconds * rate]
    return Soak(
        len(placed),
        sum(call.failed for call in placed),
        time.monotonic() - begin,
        settled[0][1] if settled else 0.0,
        settled[-1][1] if settled else 0.0,
        _slope(settled) * 10_000,
        house.controller.resident / 1e6,
    )


def _slope(points: list[tuple[float, float]]) -> float:
    """Return the slope of the line through ``points`` (least squares)."""
    if len(points) < 2:
        return 0.0
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    below = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / below if below else 0.0
