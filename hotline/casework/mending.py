"""A slip in a service's file must not stop the house: the last version that was right goes on.

Each process that starts keeps the versions that are right now and takes the last good one of every
service whose file is broken.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import structlog

from hotline.casework import services, versions
from hotline.casework.services import Services
from hotline.store import Database

log = structlog.get_logger(__name__)


async def mended(database: Database, found: Services, now: datetime) -> Services:
    """Return the services with the last good version of each whose file is broken.

    What is wrong is logged with file and line, and stays in ``problems``.
    """
    broken = [code for code in services.files() if code not in found.by_code]
    for problem in found.problems:
        log.error("a service file is wrong", problem=str(problem))
    async with database.write() as session:
        for code in found.by_code:
            await versions.record(session, found.version(code), now)
        kept = {code: await versions.last(session, code) for code in broken}
    last = {c: services.from_content(v.content) for c, v in kept.items() if v is not None}
    for code in broken:
        known = code in last
        log.warning(
            "the last good version of the service goes on" if known else "the service is left out",
            service=code,
        )
    return replace(found, by_code={**found.by_code, **last}, stale=frozenset(last))
