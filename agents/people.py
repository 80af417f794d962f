"""Who may answer, from the database, as the values that routing chooses among."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import case, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from agents.moments.tables import PresencePastTable
from agents.rota import reading
from agents.rota import rules as rota_rules
from agents.rota.rules import Duty as CountsBy
from agents.tables import AgentTable, OrganisationKind, OrganisationTable, PresenceTable
from hotline.clock import Clock, SystemClock
from hotline.configfiles import ConfigFileError
from hotline.routing.interfaces import Duty, PresenceChange, Roster
from hotline.routing.people import Agent, AgentKind, Wish
from hotline.routing.tables import PresenceWishTable
from hotline.store import Database

log = structlog.get_logger(__name__)


class DatabasePeople:
    """The people of :mod:`agents.tables`; see :class:`hotline.routing.interfaces.People`."""

    def __init__(self, database: Database, clock: Clock | None = None, *, home: str = "") -> None:
        """``home`` is the code of our own district; who belongs to another one helps out only."""
        self._database = database
        self._home = home
        self._clock = clock or SystemClock()
        self._rules = rota_rules.load()
        make: Any = sqlite.insert if database.is_sqlite else postgresql.insert
        statement = make(PresenceTable.__table__)
        self._keep = statement.on_conflict_do_update(
            index_elements=["agent_id"],
            set_={
                **{
                    c.name: statement.excluded[c.name]
                    for c in PresenceTable.__table__.columns
                    if c.name != "agent_id"
                },
                "reachable_since": case(
                    (
                        PresenceTable.reachable != statement.excluded.reachable,
                        statement.excluded.reachable_since,
                    ),
                    else_=func.coalesce(
                        PresenceTable.reachable_since, statement.excluded.reachable_since
                    ),
                ),
            },
        )

    async def load(self) -> Roster:
        """Read everybody who is active."""
        async with self._database.read() as session:
            organisations = list(await session.scalars(select(OrganisationTable)))
            rows = list(await session.scalars(select(AgentTable).where(AgentTable.active)))
            presences = list(await session.scalars(select(PresenceTable)))
            shifts = await self._shifts(session, rows)
        by_id = {organisation.id: organisation for organisation in organisations}
        others = _other_districts(by_id, self._home)
        agents = [
            _agent(row, by_id.get(row.organisation_id or 0), others.get(row.organisation_id or 0))
            for row in rows
        ]
        # Another district's centre does not sign in; it is there in its hours.
        there = {row.id: Duty(Wish.READY) for row in rows if row.kind == AgentKind.DISTRICT}
        return Roster(
            agents=tuple(replace(agent, shifts=shifts.get(agent.id)) for agent in agents),
            duties={**there, **{p.agent_id: Duty(Wish(p.wish), p.reason) for p in presences}},
            numbers={
                beginning: organisation.code
                for organisation in organisations
                for beginning in organisation.numbers
            },
        )

    async def _shifts(
        self, session: AsyncSession, rows: Sequence[AgentTable]
    ) -> Mapping[str, reading.Spans]:
        """Return when the rota has lawyers on duty; nothing where presence alone counts."""
        try:
            self._rules = rota_rules.load()
        except ConfigFileError as error:
            log.warning("rota's rules refused; the old ones stay", reason=error.message)
        if self._rules.duty is CountsBy.PRESENCE:
            return {}
        lawyers = [row.id for row in rows if row.kind == AgentKind.LAWYER]
        early = timedelta(minutes=self._rules.early_minutes)
        now = self._clock.now()
        return await reading.duties(session, lawyers, now, self._rules.rota_days, early)

    async def keep(self, session: AsyncSession, changes: Sequence[PresenceChange]) -> None:
        """Keep what people do, in ``session``'s transaction."""
        rows = [
            {
                "agent_id": change.agent_id,
                "state": change.state.value,
                "reason": change.reason,
                "since": change.since,
                "wish": change.wish.value,
                "call_id": change.call_id,
                "reachable": change.reachable,
                "reachable_since": change.since,
                "missed": change.missed,
            }
            for change in changes
        ]
        connection = await session.connection()
        await connection.execute(self._keep, rows)
        await connection.execute(
            insert(PresencePastTable),
            [
                {
                    "agent_id": change.agent_id,
                    "at": change.since,
                    "state": change.state.value,
                    "reason": change.reason,
                    "call_id": change.call_id,
                    "reachable": change.reachable,
                }
                for change in changes
            ],
        )


async def wish(
    session: AsyncSession,
    agent_id: str,
    asked: Wish,
    *,
    reason: str = "",
    by: str = "",
    now: datetime,
) -> None:
    """Ask for somebody to be ready, paused or offline; the controller follows within a moment."""
    session.add(
        PresenceWishTable(agent_id=agent_id, wish=asked.value, reason=reason, by=by, created_at=now)
    )


def _other_districts(
    organisations: Mapping[int, OrganisationTable], home: str
) -> dict[int, OrganisationTable]:
    """Return for each organisation of another district that district; none where ours is not there.

    A district is the root of a tree of its own.
    """
    if home not in {organisation.code for organisation in organisations.values()}:
        return {}
    found = {}
    for organisation in organisations.values():
        root, seen = organisation, {organisation.id}
        while (above := organisations.get(root.parent_id or 0)) and above.id not in seen:
            seen.add(above.id)
            root = above
        if root.kind == OrganisationKind.DISTRICT and root.code != home:
            found[organisation.id] = root
    return found


def _agent(
    row: AgentTable, organisation: OrganisationTable | None, district: OrganisationTable | None
) -> Agent:
    kind = AgentKind(row.kind)
    # A lawyer's hours are those of the rota.
    hours = organisation.hours if organisation is not None and kind is not AgentKind.LAWYER else {}
    return Agent(
        id=row.id,
        name=row.name,
        kind=kind,
        endpoint=row.endpoint,
        skills={topic: int(level) for topic, level in row.skills.items()},
        languages=frozenset(row.languages),
        place=organisation.code if organisation is not None else "",
        staff_no=row.staff_no,
        mobile=row.mobile,
        capacity=row.capacity,
        hours={day: tuple(spans) for day, spans in hours.items()},
        district=district.code if district is not None else "",
        district_name=district.name if district is not None else "",
    )
