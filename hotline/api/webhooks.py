"""Webhooks: addresses that are told what happens to cases, without a word about persons."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from yarl import URL

from hotline.api.tables import WebhookTable
from hotline.errors import InvalidInputError, NotFoundError
from hotline.store import Outbox

TOLD: Final = {
    "case.opened": "新开办件",
    "case.moved": "办件有进展",
    "case.signal": "期限将到、已到、超期",
}
"""Topics that may be told, and what of them: :data:`SAID`."""

SAID: Final = ("service", "number", "action", "from", "to", "clock", "signal")
"""What of a row's payload leaves the house. Texts of notices and numbers of callers don't."""


async def add(session: AsyncSession, url: str, topics: Sequence[str], now: datetime) -> str:
    """Add an address; return its id.

    Raises:
        InvalidInputError: the address or a topic is wrong.
    """
    checked_url(url)
    wrong = [topic for topic in topics if not any(t.startswith(topic) for t in TOLD)]
    if wrong or not topics:
        known = "、".join(f"{topic}（{words}）" for topic, words in TOLD.items())
        raise InvalidInputError(f"主题应为：{known}", field="topic")
    webhook_id = secrets.token_hex(4)
    session.add(WebhookTable(id=webhook_id, url=url, topics=list(topics), created_at=now))
    await session.flush()
    return webhook_id


def checked_url(url: str) -> str:
    """Return the address.

    Raises:
        InvalidInputError: it is no HTTP address.
    """
    try:
        parsed = URL(url)
    except ValueError as error:
        raise InvalidInputError(f"网址有误：{error}", field="url") from error
    if parsed.scheme not in {"http", "https"} or not parsed.host or parsed.user is not None:
        raise InvalidInputError("网址应以 https:// 开头（内网可用 http://）", field="url")
    return url


async def stop(session: AsyncSession, webhook_id: str, now: datetime) -> None:
    """Tell an address nothing any more.

    Raises:
        NotFoundError: there is none of that id.
    """
    row = await session.get(WebhookTable, webhook_id)
    if row is None:
        raise NotFoundError(f"没有编号为 {webhook_id} 的推送（hotline api webhook list）")
    row.stopped_at = row.stopped_at or now


async def active(session: AsyncSession) -> Sequence[WebhookTable]:
    """Return the addresses that are told something."""
    query = select(WebhookTable).where(WebhookTable.stopped_at.is_(None))
    return (await session.scalars(query.order_by(WebhookTable.id))).all()


def wants(webhook: WebhookTable, topic: str) -> bool:
    """Whether an address is told of a topic."""
    return any(topic.startswith(beginning) for beginning in webhook.topics)


def told(row: Outbox) -> dict[str, Any]:
    """Return what is told of a row."""
    return {
        "type": row.topic,
        "timestamp": row.created_at.isoformat(),
        "data": {name: row.payload[name] for name in SAID if name in row.payload},
    }
