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
    """Of all that is resident."""
    own_slope_mb_per_10000_calls: float
    """Of the process' own memory, without files."""

    def as_json(self) -> dict[str, float | int]:
        """Return the figures."""
        return {
            "calls": self.calls,
            "failures": self.failures,
            "seconds": round(self.seconds),
            "rss_first_mb": round(self.first_mb, 1),
            "rss_last_mb": round(self.last_mb, 1),
            "rss_slope_mb_per_10000_calls": round(self.slope_mb_per_10000_calls, 2),
            "own_slope_mb_per_10000_calls": round(self.own_slope_mb_per_10000_calls, 2),
        }


async def soak(house: House, rate: float, seconds: float, told: Callable[[str], None]) -> Soak:
    """Place calls for so long, and look at the controller's memory all the time."""
    resident: list[tuple[float, float]] = []
    own: list[tuple[float, float]] = []
    begin = time.monotonic()

    async def look() -> None:
        while True:
            await asyncio.sleep(SAMPLE_SECONDS)
            done = time.monotonic() - begin
            resident.append((done * rate, house.controller.resident / 1e6))
            own.append((done * rate, house.controller.own_memory / 1e6))
            told(f"{done / 60:.1f} 分钟　控制器内存 {resident[-1][1]:.1f} MB")

    looking = asyncio.create_task(look())
    try:
        placed: list[Placed] = await house.exchange.run(OURS, rate, seconds)
    finally:
        looking.cancel()
    warm = WARM_SHARE * seconds * rate
    settled = [point for point in resident if point[0] >= warm]
    return Soak(
        len(placed),
        sum(call.failed for call in placed),
        time.monotonic() - begin,
        settled[0][1] if settled else 0.0,
        settled[-1][1] if settled else 0.0,
        _slope(settled) * 10_000,
        _slope([point for point in own if point[0] >= warm]) * 10_000,
    )


def _slope(points: list[tuple[float, float]]) -> float:
    """Return the slope of the line through ``points`` (least squares)."""
    if len(points) < 2:
        return 0.0
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    below = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / below if below else 0.0
