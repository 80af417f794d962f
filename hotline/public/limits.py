"""How often one address may do something, and how often a case's code may be guessed.

Addresses are counted in this process's memory: a limit against floods needs no more. Guesses are
counted in the database, so that several servers count together and a restart forgets nothing.
"""

from __future__ import annotations

import ipaddress
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import Clock
from hotline.errors import HotlineError
from hotline.public.tables import GuessTable

MOST_KEPT: Final = 50_000
"""Addresses kept in memory; the oldest are forgotten first."""

TRIES: Final = 5
"""Wrong codes for one number, after which it rests."""

REST: Final = timedelta(minutes=30)


class TooManyError(HotlineError):
    """操作过于频繁，请稍后再试；急需帮助请拨打 12348。"""

    error_id = "too-many"

    def __init__(self, message: str | None = None, /, *, retry_after: int = 60) -> None:
        super().__init__(message, retry_after=retry_after)
        self.retry_after = retry_after


@dataclass(frozen=True)
class Rate:
    """So many times in so many seconds."""

    times: int
    seconds: float


RATES: Mapping[str, Rate] = {
    "look": Rate(240, 60),
    "search": Rate(60, 60),
    "submit": Rate(10, 600),
    "follow": Rate(20, 600),
    "upload": Rate(30, 600),
    "evaluate": Rate(20, 600),
    "call-back": Rate(5, 600),
    "own-code": Rate(5, 3600),
}
"""By act and address. A whole village may stand behind one address of its operator, so these stop
machines rather than people."""


class Limiter:
    """Counts what addresses do, in a sliding window."""

    def __init__(self, clock: Clock, rates: Mapping[str, Rate] = RATES) -> None:
        self._clock = clock
        self._rates = rates
        self._seen: dict[tuple[str, str], deque[float]] = {}

    def check(self, act: str, address: str, rate: Rate | None = None) -> None:
        """Count an act of an address.

        Raises:
            TooManyError: it has done so too often.
        """
        allowed = rate or self._rates[act]
        now = self._clock.monotonic()
        key = (act, network(address))
        times = self._seen.pop(key, None) or deque()
        while times and times[0] <= now - allowed.seconds:
            times.popleft()
        self._seen[key] = times  # the newest stand last
        if len(times) >= allowed.times:
            raise TooManyError(retry_after=max(1, round(times[0] + allowed.seconds - now)))
        times.append(now)
        while len(self._seen) > MOST_KEPT:
            self._seen.pop(next(iter(self._seen)))


def network(address: str) -> str:
    """Return what counts as one address: of IPv6 the /64 that one household gets."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


async def check_guesses(session: AsyncSession, number: str, now: datetime) -> None:
    """Refuse another try at a number whose code was guessed wrongly too often.

    Raises:
        TooManyError: the number rests; the same whether or not there is such a case.
    """
    row = await session.get(GuessTable, number)
    if row is not None and row.failures >= TRIES and row.last_at > now - REST:
        raise TooManyError(
            "这个编号的查询码输错次数过多，请 30 分钟后再试；急需了解进度请拨打 12348。",
            retry_after=max(1, int((row.last_at + REST - now).total_seconds())),
        )


async def count_guess(session: AsyncSession, number: str, now: datetime) -> None:
    """Count a wrong try at a number."""
    await session.execute(delete(GuessTable).where(GuessTable.last_at <= now - REST))
    dialect = session.get_bind().dialect.name
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    await session.execute(
        insert(GuessTable)
        .values(number=number, failures=1, last_at=now)
        .on_conflict_do_update(
            index_elements=[GuessTable.number],
            set_={"failures": GuessTable.failures + 1, "last_at": now},
        )
    )


async def failures(session: AsyncSession, number: str) -> int:
    """Return how many wrong tries a number has had of late."""
    query = select(GuessTable.failures).where(GuessTable.number == number)
    return await session.scalar(query) or 0
