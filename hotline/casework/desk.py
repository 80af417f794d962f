"""The desk: opens cases and acts on them, each act with all that follows in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework import booking, engine, numbers, rows, versions, wording
from hotline.casework.clocks import Signal
from hotline.casework.definition import (
    APPLICANT,
    ASSIGNEE,
    ORGANISATION,
    Effects,
    Service,
    Transition,
)
from hotline.casework.services import Services, from_content
from hotline.casework.tables import Case, CaseDocument, CaseEvent, ServiceVersion
from hotline.casework.views import SYSTEM_ACTOR, Actor, Child, Outcome, Told
from hotline.errors import ConflictError, ForbiddenError, NotFoundError
from hotline.store import append
from hotline.worktime import WorkTime

LONGEST_NOTE = 2000

NamesReader = Callable[[AsyncSession], Awaitable[wording.Naming]]

log = structlog.get_logger(__name__)


class Desk:
    """Runs the cases of every service. Sessions come from :meth:`Database.write`."""

    def __init__(self, services: Services, worktime: WorkTime) -> None:
        self.services = services
        self.worktime = worktime
        self.names: NamesReader | None = None
        """Reads the names of people and places, which notices and documents tell."""
        self._versions: dict[str, Service] = {}

    async def open(
        self,
        session: AsyncSession,
        service_code: str,
        given: Mapping[str, Any],
        *,
        actor: Actor,
        now: datetime,
        channel: str = "counter",
        facets: Mapping[str, Any] | None = None,
        parent: Case | None = None,
        submission: str | None = None,
        complete: bool = True,
    ) -> Case:
        """Open a case; the same ``submission`` again returns the case that it made.

        Args:
            session: the transaction.
            service_code: which service.
            given: the form's values.
            actor: who opens it.
            now: the time.
            channel: how the request came: ``call``, ``web``, ``counter``, ``12345``…
            facets: what is known besides the form (``caller_number``…).
            parent: the case that it comes from; its facets are carried over.
            submission: the form's one-time mark.
            complete: whether required fields must be filled already.

        Raises:
            NotFoundError: there is no such service.
            ForbiddenError: ``actor`` may not open one.
            InvalidInputError: the form is not right; ``details["errors"]`` says where.
        """
        if submission is not None:
            known = await session.scalar(select(Case).where(Case.submission == submission))
            if known is not None:
                return known
        service, version = await self.current(session, service_code, now)
        known_facets = {"channel": channel, "urgency": "normal", "confidential": False}
        if parent is not None:
            known_facets |= {name: getattr(parent, name) for name in rows.CARRIED}
        beginning = numbers.prefix(now, service.digits)
        (running,) = await numbers.reserve(session, beginning, 1)
        number = numbers.number(beginning, running)
        outcome = engine.open_case(
            service,
            number,
            given,
            known_facets | dict(facets or {}),
            actor=actor,
            now=now,
            worktime=self.worktime,
            complete=complete,
            naming=await self._naming(session, service, service.opening),
        )
        row = Case(
            number=number,
            service=service.code,
            service_version=version,
            parent_id=parent.id if parent is not None else None,
            submission=submission,
            opened_at=now,
            closed_at=now if outcome.closed else None,
            **rows.columns(outcome),
        )
        session.add(row)
        await session.flush()
        await booking.keep(session, service, row)
        await self._follow_up(session, row, outcome, actor, now)
        return row

    async def act(
        self,
        session: AsyncSession,
        case_id: int,
        action: str,
        given: Mapping[str, Any] | None = None,
        *,
        actor: Actor,
        now: datetime,
        note: str = "",
        revision: int | None = None,
        submission: str | None = None,
    ) -> Case:
        """Do ``action`` to a case; the same ``submission`` again changes nothing.

        Args:
            session: the transaction.
            case_id: which case.
            action: which way on.
            given: the act's form.
            actor: who acts.
            now: the time.
            note: the reason, where the act asks for one.
            revision: the case's revision when the form was shown.
            submission: the form's one-time mark.

        Raises:
            NotFoundError: there is no such case.
            ConflictError: somebody changed the case meanwhile, or it went on already.
            ForbiddenError: ``actor`` may not do it.
            InvalidInputError: the form is not right; ``details["errors"]`` says where.
        """
        row = await self._locked(session, case_id)
        if submission is not None and await was_done(session, case_id, submission):
            return row
        if revision is not None and revision != row.revision:
            raise ConflictError(
                "别人刚刚改动过这个办件，请刷新后再办；您填写的内容仍在表单里",
                revision=row.revision,
            )
        service = await self.definition(session, row)
        case = rows.view(row)
        if not engine.may_see(service, case, actor):
            raise ForbiddenError
        effects = engine.find_transition(service, case, action).effects
        outcome = engine.apply(
            service,
            case,
            action,
            given or {},
            actor=actor,
            now=now,
            worktime=self.worktime,
            note=note,
            naming=await self._naming(session, service, effects),
        )
        for name, value in rows.columns(outcome).items():
            setattr(row, name, value)
        row.revision += 1
        row.closed_at = (row.closed_at or now) if outcome.closed else None
        await session.flush()
        await booking.keep(session, service, row)
        await self._follow_up(session, row, outcome, actor, now, note=note, submission=submission)
        return row

    async def available(
        self, session: AsyncSession, case: Case, actor: Actor
    ) -> Sequence[Transition]:
        """Return what ``actor`` may do to the case now."""
        return engine.available(await self.definition(session, case), rows.view(case), actor)

    async def definition(self, session: AsyncSession, case: Case) -> Service:
        """Return the definition that the case runs by: the one that it began with."""
        known = self._versions.get(case.service_version)
        if known is None:
            kept = await session.get(ServiceVersion, case.service_version)
            if kept is None:
                raise NotFoundError(f"办件 {case.number} 的流程版本丢失，请从备份恢复")
            known = self._versions[case.service_version] = from_content(kept.content)
        return known

    async def current(
        self, session: AsyncSession, service_code: str, now: datetime
    ) -> tuple[Service, str]:
        """Return the definition for new cases and its version, which is kept from now on.

        A service whose file has been broken goes on by the last version that was right: a slip
        of the editor must not leave calls without tickets.

        Raises:
            NotFoundError: there is no such service and never was.
        """
        if service_code in self.services.by_code:
            version = await versions.record(session, self.services.version(service_code), now)
            return self.services.get(service_code), version
        last = await versions.last(session, service_code)
        if last is None:
            raise NotFoundError(
                f"没有“{service_code}”这项服务，或它的文件有误（hotline services check）"
            )
        log.warning("a service's file is broken: its last version is used", service=service_code)
        return from_content(last.content), last.id

    async def signal(self, session: AsyncSession, case_id: int, now: datetime) -> int:
        """Tell what a case's deadlines have to tell by ``now``; return how much that was.

        A deadline that is missed may also make the system act (``when_missed``).
        """
        row = await self._locked(session, case_id)
        service = await self.definition(session, row)
        told = 0
        while row.signal_at is not None and row.signal_at <= now:
            case = rows.view(row)
            signalled = engine.signal(service, case, now)
            if signalled is None:
                break
            after, clock, signal = signalled
            told += 1
            for name, value in rows.clock_columns(after).items():
                setattr(row, name, value)
            data = {"clock": clock, "name": service.clocks[clock].name, "signal": signal}
            event = _event(
                row, "signal", came_from=row.state, actor=SYSTEM_ACTOR, now=now, data=data
            )
            session.add(event)
            append(session, "case.signal", str(row.id), {**_about(row), **data}, now)
            missed = service.clocks[clock].when_missed
            if signal is Signal.DUE and missed is not None:
                await self._system_acts(session, row, missed, now, note="期限已过")
        return told

    async def _naming(
        self, session: AsyncSession, service: Service, effects: Effects
    ) -> wording.Naming:
        if self.names is None or not wording.names_codes(service, effects):
            return wording.codes_itself
        return await self.names(session)

    async def _locked(self, session: AsyncSession, case_id: int) -> Case:
        row = await session.scalar(
            select(Case)
            .where(Case.id == case_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if row is None:
            raise NotFoundError("没有这个办件", case_id=case_id)
        return row

    async def _follow_up(
        self,
        session: AsyncSession,
        row: Case,
        outcome: Outcome,
        actor: Actor,
        now: datetime,
        *,
        note: str = "",
        submission: str | None = None,
    ) -> None:
        event = _event(
            row,
            outcome.action,
            came_from=outcome.from_state,
            actor=actor,
            now=now,
            data=outcome.changed,
        )
        event.note = note.strip()[:LONGEST_NOTE] or None
        event.submission = submission
        session.add(event)
        topic = "case.opened" if outcome.from_state is None else "case.moved"
        moved = {"action": outcome.action, "from": outcome.from_state, "to": row.state}
        append(session, topic, str(row.id), {**_about(row), **moved}, now)
        for notice in outcome.notices:
            append(session, "case.notice", str(row.id), _notice(row, notice), now)
        for made in outcome.documents:
            session.add(
                CaseDocument(
                    case_id=row.id,
                    form=made.form,
                    title=made.title,
                    text=made.text,
                    made_at=now,
                    made_by=actor.id,
                )
            )
        for child in outcome.children:
            await self._open_child(session, row, child, now)
        if outcome.parent_action is not None and row.parent_id is not None:
            parent = await self._locked(session, row.parent_id)
            await self._system_acts(
                session, parent, outcome.parent_action, now, note=f"关联办件 {row.number}"
            )

    async def _open_child(
        self, session: AsyncSession, row: Case, child: Child, now: datetime
    ) -> None:
        service, _ = await self.current(session, child.service, now)
        fields = {f.name for f in service.fields if f.opening}
        given = {k: v for k, v in child.values.items() if k in fields and v is not None}
        await self.open(
            session,
            child.service,
            given,
            actor=SYSTEM_ACTOR,
            now=now,
            channel=row.channel,
            parent=row,
            complete=False,
        )

    async def _system_acts(
        self, session: AsyncSession, row: Case, action: str, now: datetime, note: str = ""
    ) -> None:
        """Do ``action`` where it may be done now; a case that has moved on is left alone."""
        await session.flush()
        ways = await self.available(session, row, SYSTEM_ACTOR)
        if any(transition.action == action for transition in ways):
            await self.act(session, row.id, action, actor=SYSTEM_ACTOR, now=now, note=note)


async def was_done(session: AsyncSession, case_id: int, submission: str) -> bool:
    """Whether the form with this one-time mark has acted on the case already."""
    query = select(CaseEvent.id).where(
        CaseEvent.case_id == case_id, CaseEvent.submission == submission
    )
    return await session.scalar(query) is not None


def _event(
    row: Case,
    action: str,
    *,
    came_from: str | None,
    actor: Actor,
    now: datetime,
    data: Mapping[str, Any],
) -> CaseEvent:
    return CaseEvent(
        case_id=row.id,
        at=now,
        actor=actor.id,
        action=action,
        from_state=came_from,
        to_state=row.state,
        data=dict(data),
    )


def _about(row: Case) -> dict[str, Any]:
    return {"service": row.service, "number": row.number, "call_id": row.call_id}


def _notice(row: Case, notice: Told) -> dict[str, Any]:
    recipient = {
        APPLICANT: row.caller_number,
        ASSIGNEE: row.assignee_id,
        ORGANISATION: row.organisation_id,
    }.get(notice.whom, notice.whom)
    # A text on the telephone of somebody in a violent home endangers them: whoever delivers
    # notices sends nothing to the applicant of a confidential case.
    return {
        **_about(row),
        "whom": notice.whom,
        "recipient": recipient,
        "text": notice.text,
        "confidential": row.confidential,
    }
