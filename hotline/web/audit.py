"""The audit: every look at personal data and every act of an administrator leaves a row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import Clock
from hotline.store import Database
from hotline.web.tables import AuditEntry
from hotline.web.viewer import Viewer

SAME_LOOK = timedelta(minutes=10)
"""A player asks for a recording piece by piece; within this time it is one look."""


class Audit:
    """Writes rows as part of the transaction of what they tell."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def record(
        self,
        session: AsyncSession,
        viewer: Viewer | None,
        action: str,
        subject: str,
        subject_id: str,
        *,
        address: str,
        name: str = "",
        **detail: Any,
    ) -> None:
        """Add a row; ``name`` stands for the person where nobody is signed in."""
        session.add(
            AuditEntry(
                at=self.clock.now(),
                user_id=viewer.user_id if viewer else None,
                user_name=viewer.name if viewer else name,
                action=action,
                subject=subject,
                subject_id=subject_id,
                detail=detail,
                address=address,
            )
        )

    async def look(
        self,
        session: AsyncSession,
        viewer: Viewer,
        action: str,
        subject: str,
        subject_id: str,
        *,
        address: str,
        **detail: Any,
    ) -> bool:
        """Add a row unless the same person's same look is on record just now.

        Returns whether a row was added.
        """
        known = await session.scalar(self._lately(viewer, action, subject, subject_id))
        if known is not None:
            return False
        self.record(session, viewer, action, subject, subject_id, address=address, **detail)
        return True

    async def look_from(
        self,
        database: Database,
        viewer: Viewer,
        action: str,
        subject: str,
        subject_id: str,
        *,
        address: str,
    ) -> None:
        """Record a look of a page that is drawn anew all the time: it seldom needs to write."""
        async with database.read() as session:
            known = await session.scalar(self._lately(viewer, action, subject, subject_id))
        if known is None:
            async with database.write() as session:
                await self.look(session, viewer, action, subject, subject_id, address=address)

    def _lately(self, viewer: Viewer, action: str, subject: str, subject_id: str) -> Select[int]:
        return (
            select(AuditEntry.id)
            .where(
                AuditEntry.user_id == viewer.user_id,
                AuditEntry.action == action,
                AuditEntry.subject == subject,
                AuditEntry.subject_id == subject_id,
                AuditEntry.at > self.clock.now() - SAME_LOOK,
            )
            .limit(1)
        )
