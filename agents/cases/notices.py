"""Notices to staff: kept by a job as the workflow tells them, shown to those whom they name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.cases.reach import reach
from agents.cases.tables import NoticesSeenTable, StaffNoticeTable
from agents.pages.acts import actor_of
from hotline.casework import Case, by_id
from hotline.casework.definition import APPLICANT, ASSIGNEE, ORGANISATION
from hotline.clock import Clock
from hotline.jobs import Handler, Job
from hotline.jobs.feeding import NewJob, Rule
from hotline.store import Database, Outbox, append
from hotline.tickets.birth import SERVICE
from hotline.tickets.visibility import visible
from hotline.web.context import DATABASE, viewer_of
from hotline.web.reach import reach_of
from hotline.web.templating import render
from hotline.web.viewer import Viewer

TELL_STAFF: Final = "tell-staff"
KEPT: Final = "staff.notice"
"""The topic of a notice that was kept: it may also go out, see :mod:`agents.cases.sending`."""
TASK, DEADLINE = "task", "deadline"
SHOWN: Final = 100
COUNTED_TO: Final = 99

_SIGNALS = {"yellow": "黄牌：即将到期", "due": "已到期", "red": "红牌：严重超期"}

_PREFIX: Mapping[str, str] = {ASSIGNEE: "person", ORGANISATION: "organisation"}


def _noticed(row: Outbox) -> Iterable[NewJob]:
    whom, recipient = str(row.payload.get("whom", "")), row.payload.get("recipient")
    if whom == APPLICANT or not recipient:
        return
    named = f"{_PREFIX[whom]}:{recipient}" if whom in _PREFIX else whom
    key = f"{TELL_STAFF}:{row.id}"
    told = {"key": key, "case": int(row.key), "recipient": named, "words": row.payload["text"]}
    yield NewJob(TELL_STAFF, told, key=key)


def _signalled(row: Outbox) -> Iterable[NewJob]:
    key = f"{TELL_STAFF}:{row.id}"
    words = f"{row.payload['number']} 的“{row.payload['name']}”{_SIGNALS[row.payload['signal']]}"
    told = {"key": key, "case": int(row.key), "recipient": "", "words": words, "kind": DEADLINE}
    yield NewJob(TELL_STAFF, told, key=key)


RULES: Mapping[str, Rule] = {"case.notice": _noticed, "case.signal": _signalled}


class Teller:
    """Handles :data:`TELL_STAFF`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, job: Job) -> None:
        """Keep a notice; a job that runs twice keeps one."""
        told = job.payload
        async with self._database.write() as session:
            known = await session.scalar(
                select(StaffNoticeTable.id).where(StaffNoticeTable.key == told["key"])
            )
            if known is None:
                case = await by_id(session, told["case"])
                notice = StaffNoticeTable(
                    key=told["key"],
                    recipient=told["recipient"] or _in_charge(case),
                    case_id=told["case"],
                    words=told["words"],
                    kind=told.get("kind", TASK),
                    at=self._clock.now(),
                )
                session.add(notice)
                await session.flush()
                append(session, KEPT, str(notice.id), {}, self._clock.now())


def _in_charge(case: Case) -> str:
    """Return whom a deadline concerns: the assignee, else the organisation, else the bureau."""
    if case.assignee_id:
        return f"person:{case.assignee_id}"
    if case.organisation_id:
        return f"organisation:{case.organisation_id}"
    return "role:supervisor" if case.service == SERVICE else "role:bureau"


def handlers(database: Database, clock: Clock) -> Mapping[str, Handler]:
    """Return the handlers of this package's jobs."""
    return {TELL_STAFF: Teller(database, clock)}


async def unread(session: AsyncSession, viewer: Viewer) -> int:
    """Return how many notices came since the viewer last looked, at most :data:`COUNTED_TO`."""
    seen = await session.get(NoticesSeenTable, viewer.account)
    some = (
        select(StaffNoticeTable.id)
        .where(StaffNoticeTable.recipient.in_(addressed(viewer)))
        .where(StaffNoticeTable.id > (seen.last_id if seen else 0))
        .limit(COUNTED_TO)
        .subquery()
    )
    return await session.scalar(select(func.count()).select_from(some)) or 0


async def page(request: web.Request) -> web.StreamResponse:
    """Show the viewer's newest notices, of those cases alone that the viewer sees."""
    app, viewer = request.app, viewer_of(request)
    async with app[DATABASE].write() as session:
        tickets = (Case.service == SERVICE) & visible(await reach_of(app, session, viewer))
        may = tickets | await reach(app, session, viewer)
        rows = (
            await session.execute(
                select(StaffNoticeTable, Case)
                .join(Case, Case.id == StaffNoticeTable.case_id)
                .where(StaffNoticeTable.recipient.in_(addressed(viewer)), may)
                .order_by(StaffNoticeTable.id.desc())
                .limit(SHOWN)
            )
        ).all()
        seen = await session.get(NoticesSeenTable, viewer.account)
        before = seen.last_id if seen else 0
        if rows:
            newest = rows[0][0].id
            if seen is None:
                session.add(NoticesSeenTable(account=viewer.account, last_id=newest))
            else:
                seen.last_id = max(before, newest)
        found = [(notice, case, notice.id > before) for notice, case in rows]
    return render(request, "cases/notices.html", notices=found, ticket=SERVICE)


def addressed(viewer: Viewer) -> Sequence[str]:
    """Return the recipients under which notices are the viewer's."""
    actor = actor_of(viewer)
    found = [f"person:{actor.id}", *(f"role:{role}" for role in sorted(actor.roles))]
    if actor.organisation_id is not None:
        found.append(f"organisation:{actor.organisation_id}")
    return found
