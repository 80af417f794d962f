"""What the audit's rows are about, in words and names; codes stay beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.web import masking
from hotline.web.context import SECTIONS, directory
from hotline.web.tables import AuditEntry, User

SUBJECT_WORDS = {
    "agent": "坐席",
    "alarm": "告警",
    "broadcast": "广播",
    "call": "通话",
    "callback": "回电",
    "card": "要点卡",
    "case": "办件",
    "number": "号码",
    "organisation": "机构",
    "path": "页面",
    "person": "人员档案",
    "phone": "软电话",
    "place": "站点",
    "report": "报表",
    "rota": "排班",
    "service": "服务",
    "subsidies": "补贴清单",
    "ticket": "工单",
    "tickets": "工单列表",
    "user": "账号",
}
"""How kinds of subjects are called."""
_TOLD_BY_DETAIL = frozenset({"alarm", "broadcast"})
"""Their rows hold what was said then."""


@dataclass(frozen=True)
class Subject:
    """What one row is about."""

    kind: str
    name: str
    code: str = ""
    """Beside the name, where it says more."""


async def subjects(
    app: web.Application, session: AsyncSession, rows: Sequence[AuditEntry]
) -> dict[int, Subject]:
    """Return what rows are about, by the row's id."""
    asked: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        asked[row.subject].add(row.subject_id)
    names = {kind: await _names(app, session, kind, sorted(ids)) for kind, ids in asked.items()}
    return {row.id: _subject(row, names[row.subject].get(row.subject_id, "")) for row in rows}


def _subject(row: AuditEntry, name: str) -> Subject:
    kind = SUBJECT_WORDS.get(row.subject, row.subject)
    if row.subject == "number":
        # The row must hold the whole number; who reads the audit need not see it.
        return Subject(kind, masking.number(row.subject_id))
    if row.subject in _TOLD_BY_DETAIL and row.detail.get("words"):
        return Subject(kind, str(row.detail["words"]))
    return Subject(kind, name, row.subject_id) if name else Subject(kind, row.subject_id)


async def _names(
    app: web.Application, session: AsyncSession, kind: str, ids: Sequence[str]
) -> dict[str, str]:
    if kind == "user":
        users = await session.execute(select(User.account, User.name).where(User.account.in_(ids)))
        return {user.account: user.name for user in users}
    if kind in {"agent", "organisation", "place"}:
        known = await directory(app, session)
        told = known.people if kind == "agent" else known.places
        return {code: told[code] for code in ids if code in told}
    for section in app[SECTIONS]:
        if kind in section.subjects:
            return dict(await section.subjects[kind](session, ids))
    return {}
