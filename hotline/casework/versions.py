"""Versions of service definitions: a running case keeps the one that it began with."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework.definition import Service
from hotline.casework.tables import ServiceVersion


def version_of(content: dict[str, Any]) -> str:
    """Return the hash that names this content, whatever the order of its keys."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Version:
    """A definition's content with the hash that names it, worked out once."""

    service: str
    id: str
    content: dict[str, Any]

    @classmethod
    def of(cls, service: Service) -> Self:
        """Return the version that a service is now."""
        content = service.content()
        return cls(service.code, version_of(content), content)


async def last(session: AsyncSession, code: str) -> ServiceVersion | None:
    """Return the newest version of a service that was ever right."""
    query = (
        select(ServiceVersion)
        .where(ServiceVersion.service == code)
        .order_by(ServiceVersion.recorded_at.desc())
        .limit(1)
    )
    found: ServiceVersion | None = await session.scalar(query)
    return found


async def record(session: AsyncSession, version: Version, now: datetime) -> str:
    """Keep a version; return its hash. One that is known already adds nothing."""
    known = select(ServiceVersion.id).where(ServiceVersion.id == version.id)
    if await session.scalar(known) is not None:
        return version.id
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = {
        "id": version.id,
        "service": version.service,
        "content": version.content,
        "recorded_at": now,
    }
    # Two nodes may start with the same new file at once.
    await session.execute(insert(ServiceVersion).values(row).on_conflict_do_nothing())
    return version.id
