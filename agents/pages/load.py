"""How many waited and talked at each minute of the last hours: the wallboard's curves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.tables import CallTable
from hotline.clock import CHINA

SHOWN = timedelta(hours=2)
MINUTE = timedelta(minutes=1)
LONGEST_CALL = timedelta(hours=4)

Span = tuple[datetime, datetime | None]


@dataclass(frozen=True)
class Curves:
    """Counts at the beginning of each minute, the newest last."""

    times: tuple[int, ...]
    """Seconds since 1970."""
    waiting: tuple[int, ...]
    talking: tuple[int, ...]
    hours: tuple[tuple[float, str], ...]
    """Where full and half hours lie, in percent of the picture's width."""

    @property
    def top(self) -> int:
        """The highest value of both, at least four, so that a quiet hour looks quiet."""
        return max(4, *self.waiting, *self.talking)

    def line(self, values: tuple[int, ...]) -> str:
        """Return a curve as an SVG path in a box of 100 by 100."""
        step = 100 / max(1, len(values) - 1)
        return "M" + " L".join(
            f"{n * step:.2f} {100 - 94 * value / self.top:.2f}" for n, value in enumerate(values)
        )


async def read(session: AsyncSession, now: datetime) -> Curves:
    """Read the last hours."""
    since = now - SHOWN
    rows = await session.execute(
        select(
            CallTable.waiting_since,
            CallTable.answered_at,
            CallTable.talk_ended_at,
            CallTable.ended_at,
        ).where(
            CallTable.started_at > since - LONGEST_CALL,
            CallTable.waiting_since.is_not(None),
            or_(CallTable.ended_at.is_(None), CallTable.ended_at > since),
        )
    )
    waits: list[Span] = []
    talks: list[Span] = []
    for waiting, answered, talked, ended in rows:
        if waiting is not None:
            waits.append((waiting, answered or ended))
        if answered is not None:
            talks.append((answered, talked or ended))
    return curves(waits, talks, now)


def curves(waits: Iterable[Span], talks: Iterable[Span], now: datetime) -> Curves:
    """Count the spans that run at each minute."""
    count = int(SHOWN / MINUTE) + 1
    first = now - SHOWN
    moments = [first + MINUTE * n for n in range(count)]
    hours = [
        (100 * n / (count - 1), f"{local:%H:%M}")
        for n, moment in enumerate(moments)
        if (local := moment.astimezone(CHINA)).minute in {0, 30}
    ]
    return Curves(
        tuple(int(moment.timestamp()) for moment in moments),
        _running(waits, first, count),
        _running(talks, first, count),
        tuple(hours),
    )


def _running(spans: Iterable[Span], first: datetime, count: int) -> tuple[int, ...]:
    changes = [0] * (count + 1)
    for start, end in spans:
        begins = _index(start, first, count)
        ends = count if end is None else _index(end, first, count)
        if begins < ends:
            changes[begins] += 1
            changes[ends] -= 1
    return tuple(accumulate(changes[:count]))


def _index(moment: datetime, first: datetime, count: int) -> int:
    """Return the first minute's mark at or after a moment."""
    return min(count, max(0, -int((first - moment) // MINUTE)))
