"""Blocked numbers (拦截名单): always with a reason, an end, and a second pair of eyes.

A block holds for three days; it goes on until its end only if somebody else has reviewed it.
Nobody is blocked for ever, because behind a number may sit somebody else tomorrow.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.tables import CallTable, Outcome
from hotline.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from hotline.routing.tables import BlockedCallerTable
from hotline.secretsfile import SecretsFile

UNREVIEWED = timedelta(days=3)
PERIODS = {1: "1 天", 7: "7 天", 30: "30 天", 90: "90 天"}
HISTORY = timedelta(days=90)
_NUMBER = re.compile(r"^\+?\d{5,20}\Z", re.ASCII)


@dataclass(frozen=True)
class Block:
    """One block as the page shows it."""

    row: BlockedCallerTable
    refused: int
    """Calls that were turned away because of it."""
    active: bool

    @property
    def waits_for_review(self) -> bool:
        """Whether it ends early unless somebody else looks at it."""
        return self.active and not self.row.reviewed_by

    @property
    def asked_until(self) -> datetime:
        """The end that was asked for."""
        return self.row.asked_until or self.row.until


async def block(
    session: AsyncSession, number: str, reason: str, days: int, *, by: str, now: datetime
) -> BlockedCallerTable:
    """Turn a number away from now on.

    Raises:
        InvalidInputError: the number, the reason or the days are wrong.
        ConflictError: it is blocked already.
    """
    number = re.sub(r"[\s-]", "", number)
    if not _NUMBER.match(number):
        raise InvalidInputError("号码应为 5 至 20 位数字", field="number")
    if len(reason.strip()) < 4:
        raise InvalidInputError("请写明拦截的原因（至少四个字），复核的人要看", field="reason")
    if days not in PERIODS:
        raise InvalidInputError("请选择拦截的期限", field="days")
    row = await session.get(BlockedCallerTable, number)
    if row is not None and row.until > now:
        raise ConflictError("这个号码已经在拦截名单里", field="number")
    if row is None:
        row = BlockedCallerTable(number=number)
        session.add(row)
    asked = now + timedelta(days=days)
    row.reason, row.by, row.since = reason.strip()[:200], by, now
    row.asked_until, row.until = asked, min(asked, now + UNREVIEWED)
    row.reviewed_by, row.reviewed_at, row.review_note = "", None, ""
    return row


async def review(
    session: AsyncSession, number: str, *, keep: bool, note: str, by: str, now: datetime
) -> BlockedCallerTable:
    """Confirm a block until its end, or end it now.

    Raises:
        NotFoundError: the number is not blocked.
        ForbiddenError: the reviewer is who blocked it.
        ConflictError: it has been reviewed.
    """
    row = await _active(session, number, now)
    if row.by == by:
        raise ForbiddenError("复核应由另一个人做，您是提出拦截的人")
    if row.reviewed_by:
        raise ConflictError(f"{row.reviewed_by} 已经复核过")
    row.reviewed_by, row.reviewed_at, row.review_note = by, now, note.strip()[:200]
    row.until = (row.asked_until or row.until) if keep else now
    return row


async def lift(session: AsyncSession, number: str, *, now: datetime) -> BlockedCallerTable:
    """End a block now.

    Raises:
        NotFoundError: the number is not blocked.
    """
    row = await _active(session, number, now)
    row.until = now
    return row


async def blocks(session: AsyncSession, now: datetime) -> list[Block]:
    """Return the blocks that hold and those that ended of late; what waits for review first."""
    rows = await session.scalars(
        select(BlockedCallerTable).where(BlockedCallerTable.until > now - HISTORY)
    )
    counts = (
        select(CallTable.number, func.count())
        .join(BlockedCallerTable, BlockedCallerTable.number == CallTable.number)
        .where(
            CallTable.outcome == Outcome.REFUSED.value,
            CallTable.started_at >= BlockedCallerTable.since,
        )
        .group_by(CallTable.number)
    )
    refused = {row[0]: row[1] for row in await session.execute(counts)}
    found = [Block(row, refused.get(row.number, 0), row.until > now) for row in rows]
    return sorted(
        found, key=lambda b: (not b.active, not b.waits_for_review, -b.row.since.timestamp())
    )


def mark(secrets: SecretsFile, number: str) -> str:
    """Return what stands for a number in addresses and in a page's source."""
    key = secrets.get("blocked-callers").encode()
    return hmac.new(key, number.encode(), hashlib.sha256).hexdigest()[:20]


async def number_of(session: AsyncSession, secrets: SecretsFile, given: str) -> str:
    """Return the blocked number that a mark stands for.

    Raises:
        NotFoundError: it stands for none.
    """
    for number in await session.scalars(select(BlockedCallerTable.number)):
        if hmac.compare_digest(mark(secrets, number), given):
            return number
    raise NotFoundError("这个号码不在拦截名单里，或拦截已经结束")


async def _active(session: AsyncSession, number: str, now: datetime) -> BlockedCallerTable:
    row = await session.get(BlockedCallerTable, number)
    if row is None or row.until <= now:
        raise NotFoundError("这个号码不在拦截名单里，或拦截已经结束")
    return row
