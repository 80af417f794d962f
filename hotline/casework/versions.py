"""Versions of service definitions: a running case keeps the one that it began with."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework.tables import ServiceVersion


def version_of(content: dict[str, Any]) -> str:
    """Return the hash that names this content, whatever the order of its keys."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


async def record(
    session: AsyncSession, service: str, content: dict[str, Any], now: datetime
) -> str:
    """Keep ``content`` as a version of ``service``; return its hash. Known content adds nothing."""
    version = version_of(content)
    if await session.get(ServiceVersion, version) is not None:
        return version
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = {"id": version, "service": service, "content": content, "recorded_at": now}
    # Two nodes may start with the same new file at once.
    await session.execute(insert(ServiceVersion).values(row).on_conflict_do_nothing())
    return version
