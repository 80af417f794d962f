"""Keys of programs: made once, shown once, kept as a hash, revoked at once."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.api.errors import UnauthorizedError
from hotline.api.tables import ApiKeyTable
from hotline.errors import InvalidInputError, NotFoundError

_KEY = re.compile(r"hk_([a-z0-9]{8})_([A-Za-z0-9_-]{32})")
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class Scope(StrEnum):
    """What a key may do."""

    SUBMIT = "cases.submit"
    STATISTICS = "statistics.read"
    EXCHANGE = "exchange"

    @property
    def words(self) -> str:
        """In Chinese."""
        return {
            Scope.SUBMIT: "代群众提交申请",
            Scope.STATISTICS: "读取统计数据",
            Scope.EXCHANGE: "与 12345 等热线交换工单",
        }[self]


@dataclass(frozen=True)
class Key:
    """A key that was shown and is good."""

    id: str
    name: str
    scopes: frozenset[str]
    per_minute: int


async def add(
    session: AsyncSession,
    name: str,
    scopes: Sequence[str],
    now: datetime,
    *,
    per_minute: int = 120,
    exchange_url: str = "",
    organisation: str | None = None,
) -> str:
    """Make a key; return it whole, for the only time.

    Raises:
        InvalidInputError: a scope is unknown, or an exchange has no address.
    """
    unknown = sorted(set(scopes) - set(Scope))
    if unknown or not scopes:
        known = "、".join(f"{scope}（{scope.words}）" for scope in Scope)
        raise InvalidInputError(f"权限应为：{known}", field="scope")
    key_id = "".join(secrets.choice(_LETTERS) for _ in range(8))
    secret = secrets.token_urlsafe(24)
    session.add(
        ApiKeyTable(
            id=key_id,
            name=name,
            secret_sha256=_hash(secret),
            scopes=sorted(set(scopes)),
            per_minute=per_minute,
            exchange_url=exchange_url,
            organisation=organisation,
            created_at=now,
        )
    )
    await session.flush()
    return f"hk_{key_id}_{secret}"


async def known(session: AsyncSession, header: str | None) -> Key:
    """Return the key of an ``Authorization`` header.

    Raises:
        UnauthorizedError: there is none, or it is wrong or revoked: the answer is the same.
    """
    kind, _, given = (header or "").partition(" ")
    match = _KEY.fullmatch(given.strip()) if kind.lower() == "bearer" else None
    if match is None:
        raise UnauthorizedError
    row = await session.get(ApiKeyTable, match[1])
    wanted = row.secret_sha256 if row is not None else _hash("")
    right = hmac.compare_digest(_hash(match[2]), wanted)
    if row is None or not right or row.revoked_at is not None:
        raise UnauthorizedError
    return Key(row.id, row.name, frozenset(row.scopes), row.per_minute)


async def revoke(session: AsyncSession, key_id: str, now: datetime) -> ApiKeyTable:
    """Revoke a key at once.

    Raises:
        NotFoundError: there is none.
    """
    row = await session.get(ApiKeyTable, key_id)
    if row is None:
        raise NotFoundError(f"没有编号为 {key_id} 的密钥（hotline api key list）")
    row.revoked_at = row.revoked_at or now
    return row


async def every(session: AsyncSession) -> Sequence[ApiKeyTable]:
    """Return all keys, the newest first."""
    query = select(ApiKeyTable).order_by(ApiKeyTable.created_at.desc())
    return (await session.scalars(query)).all()


def _hash(secret: str) -> str:
    # The secret is 192 random bits: a plain hash of it cannot be turned back by trying.
    return hashlib.sha256(secret.encode()).hexdigest()
