"""What became of the hints: offered, seen, used, dismissed; for figures and for who edits cards."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from transcripts.live.tables import HintRow

_USED = HintRow.used_at.is_not(None)
_DISMISSED = HintRow.dismissed_at.is_not(None)


@dataclass(frozen=True)
class HintUse:
    """What became of some hints.

    Attributes:
        of: a :class:`~transcripts.live.hints.HintKind`, or the key of one hint
            (``card:dismissal``).
        title: how the hint is called where ``of`` is a key; empty otherwise.
        offered: hints that came up.
        seen: of them, those that stood on the lawyer's page.
        said: used in the lawyer's own words: told, cited, put right.
        clicked: used by a click: taken into the ticket, read in full.
        dismissed: thrown out without having been used.
    """

    of: str
    title: str
    offered: int
    seen: int
    said: int
    clicked: int
    dismissed: int

    @property
    def used(self) -> int:
        """Hints that were of use, in either way."""
        return self.said + self.clicked

    @property
    def ignored(self) -> int:
        """Hints that were neither used nor dismissed."""
        return self.offered - self.used - self.dismissed


async def hint_use(
    session: AsyncSession,
    since: datetime,
    until: datetime,
    *,
    agent_ids: Collection[str] | None = None,
) -> list[HintUse]:
    """Count the hints of ``[since, until)`` by kind, of everyone or of some lawyers."""
    rows = await session.execute(
        select(HintRow.kind, func.min(""), *_counts())
        .where(*_within(since, until, agent_ids))
        .group_by(HintRow.kind)
        .order_by(HintRow.kind)
    )
    return [_use(row) for row in rows]


async def hint_use_by_key(
    session: AsyncSession, since: datetime, until: datetime, *, kind: str, limit: int = 20
) -> list[HintUse]:
    """Count the hints of one kind one by one, the most often dismissed first."""
    rows = await session.execute(
        select(HintRow.key, func.max(HintRow.title), *_counts())
        .where(HintRow.kind == kind, *_within(since, until, None))
        .group_by(HintRow.key)
        .order_by(func.count().filter(_DISMISSED & ~_USED).desc(), func.count().desc(), HintRow.key)
        .limit(limit)
    )
    return [_use(row) for row in rows]


def _counts() -> Sequence[ColumnElement[int]]:
    return (
        func.count(),
        func.count(HintRow.seen_at),
        func.count().filter(_USED & (HintRow.used_how == "said")),
        func.count().filter(_USED & (HintRow.used_how != "said")),
        func.count().filter(_DISMISSED & ~_USED),
    )


def _within(
    since: datetime, until: datetime, agent_ids: Collection[str] | None
) -> list[ColumnElement[bool]]:
    wanted = [HintRow.shown_at >= since, HintRow.shown_at < until]
    return wanted if agent_ids is None else [*wanted, HintRow.agent_id.in_(agent_ids)]


def _use(row: Sequence[Any]) -> HintUse:
    return HintUse(*row)
