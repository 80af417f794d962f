"""Time in beats: whatever can wait a moment wakes us together with what else is due.

To wake up costs a controller more than most of what it then does: at twenty calls a second each
of a call's little waits, alone, was a tenth of its processor time.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any

BEAT = 0.25
"""Seconds. Nothing that waits for a beat is late by more; shorter waits are kept as they are."""


def when(now: float, seconds: float) -> float:
    """Return the first beat after ``seconds``, on the clock of the loops (one for all threads)."""
    return now + seconds if seconds < BEAT else math.ceil((now + seconds) / BEAT) * BEAT


def call_later(seconds: float, work: Callable[..., object], *args: Any) -> asyncio.TimerHandle:
    """Do ``work`` at the first beat after ``seconds``."""
    loop = asyncio.get_running_loop()
    return loop.call_at(when(loop.time(), seconds), work, *args)


async def sleep(seconds: float) -> None:
    """Wait until the first beat after ``seconds``."""
    now = asyncio.get_running_loop().time()
    # A timer that rings a touch early must not make the next wait one for the same beat.
    await asyncio.sleep(when(now + BEAT / 100, seconds) - now if seconds >= BEAT else seconds)
