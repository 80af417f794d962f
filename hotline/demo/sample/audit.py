"""Some of what the audit holds of the made-up day."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.web.tables import AuditEntry

_ROWS: tuple[tuple[int, str, str, str, str, dict[str, str]], ...] = (
    (3, "林秀英", "presence.force", "agent", "sun", {"reason": "去开庭"}),
    (9, "林秀英", "call.move", "call", "run-wang", {"reason": "老人，等得太久"}),
    (21, "周明", "station.hours", "organisation", "qingshi", {}),
    (34, "林秀英", "caller.block", "number", "13900006666", {"reason": "反复拨打不说话"}),
    (52, "王晓梅", "rota.swap", "rota", "wang", {}),
    (75, "wang", "signin.failed", "user", "wang", {}),
    (118, "林秀英", "totp.off", "user", "zhijian2", {}),
)


def remember(session: AsyncSession, now: datetime) -> None:
    """Write rows of several kinds, the oldest first."""
    session.add_all(
        AuditEntry(
            at=now - timedelta(minutes=minutes),
            user_id=None,
            user_name=name,
            action=action,
            subject=subject,
            subject_id=subject_id,
            detail=detail,
            address="10.12.3.48",
        )
        for minutes, name, action, subject, subject_id, detail in reversed(_ROWS)
    )
