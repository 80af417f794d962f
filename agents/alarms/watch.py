"""Watches: reads what the rules need every few seconds, raises, renews and clears alarms."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from aiohttp import web
from sqlalchemy import distinct, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from agents.alarms import rules as alarm_rules
from agents.alarms.rules import Alarm, Facts, Names, Refused, Rules, judge
from agents.alarms.tables import AlarmTable
from agents.pages import wall, words
from agents.pages.tickets import names
from agents.rota import reading
from agents.tables import AgentTable, PresenceTable
from hotline.calls import figures
from hotline.calls.proportion import Proportion
from hotline.calls.tables import CallTable
from hotline.clock import CHINA, Clock
from hotline.configfiles import ConfigFileError
from hotline.errors import HotlineError
from hotline.routing.people import Presence
from hotline.routing.tables import PolicyTroubleTable, TrunkTable
from hotline.store import Database, append
from hotline.talks.tables import EmergencyTable
from hotline.web.context import CLOCK, DATABASE

RATES_EVERY = timedelta(seconds=60)
"""A day's rate moves slowly and takes long to read."""

log = structlog.get_logger(__name__)


class Watch:
    """The watch of one web server."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.rules = Rules()
        self._rates: tuple[datetime, Mapping[int, Proportion]] | None = None
        self._own_trouble: Refused | None = None

    async def run(self) -> None:
        """Look again and again until cancelled."""
        while True:
            await asyncio.sleep(self.rules.check_seconds)
            await self.look()

    async def look(self) -> None:
        """Look once; a database that is away is no reason to stop."""
        try:
            self.rules, self._own_trouble = alarm_rules.load(), None
        except ConfigFileError as error:
            log.warning("alarm rules refused; the old ones stay", reason=error.message)
            told = "；".join(f"第 {one.line} 行 {one.message}" for one in error.problems)
            self._own_trouble = Refused("alarms.yaml", told, "仍按原来的规则告警")
        try:
            async with self.database.read() as session:
                found = await self._found(session)
            await keep(self.database, found, self.clock.now(), self.rules.clear_after)
        except HotlineError as error:
            log.warning("will look for alarms again", reason=error.message)
        except Exception:
            # One look that fails must not end the watch.
            log.exception("will look for alarms again")

    async def _found(self, session: AsyncSession) -> list[Alarm]:
        now = self.clock.now()
        rates, crowds = alarm_rules.looked_back(self.rules)
        known = await names(session)
        facts = Facts(
            wall=await wall.read(session, now),
            rates=await self._read_rates(session, rates, now),
            crowds={asked: await _crowd(session, *asked, now) for asked in crowds},
            emergencies=await _emergencies(session, known.people),
            late=await _late(session, now),
            trunks=await _trunks(session),
            refused=[
                *await _refused(session),
                *([self._own_trouble] if self._own_trouble is not None else ()),
            ],
        )
        return judge(facts, self.rules, Names(words.topic, known.place))

    async def _read_rates(
        self, session: AsyncSession, spans: set[int], now: datetime
    ) -> Mapping[int, Proportion]:
        fresh = self._rates is not None and now - self._rates[0] < RATES_EVERY
        if self._rates is None or not fresh or set(self._rates[1]) != spans:
            found = {}
            for minutes in spans:
                calls = await figures.read(session, alarm_rules.since(now, minutes), now)
                found[minutes] = figures.count(calls).connect
            self._rates = now, found
        return self._rates[1]


async def _crowd(session: AsyncSession, by: str, minutes: int, now: datetime) -> Mapping[str, int]:
    column = CallTable.topic if by == "topic" else CallTable.place
    rows = await session.execute(
        select(column, func.count(distinct(CallTable.number)))
        .where(CallTable.started_at > alarm_rules.since(now, minutes), column != "")
        .group_by(column)
    )
    return {str(code): int(callers) for code, callers in rows}


async def _emergencies(
    session: AsyncSession, people: Mapping[str, str]
) -> Sequence[tuple[str, str]]:
    rows = await session.scalars(
        select(EmergencyTable)
        .where(EmergencyTable.seen_at.is_(None))
        .order_by(EmergencyTable.raised_at)
    )
    return [(row.call_id, people.get(row.agent_id, row.agent_id)) for row in rows]


async def _late(session: AsyncSession, now: datetime) -> Sequence[tuple[str, str, timedelta]]:
    running = await reading.shifts(session, now, now + timedelta(microseconds=1))
    if not running:
        return []
    away = await reading.leaves(session, now, now + timedelta(microseconds=1))
    gone = {leave.agent_id for leave in away}
    rows = await session.execute(
        select(AgentTable.id, AgentTable.name, PresenceTable.state)
        .outerjoin(PresenceTable, PresenceTable.agent_id == AgentTable.id)
        .where(AgentTable.id.in_({s.agent_id for s in running}))
    )
    missing = {
        agent_id: name
        for agent_id, name, state in rows
        if state in {None, Presence.OFFLINE} and agent_id not in gone
    }
    return [
        (s.agent_id, missing[s.agent_id], now - s.start) for s in running if s.agent_id in missing
    ]


async def _trunks(session: AsyncSession) -> Sequence[str]:
    gone = select(TrunkTable.endpoint).where(~TrunkTable.reachable)
    return (await session.scalars(gone)).all()


async def _refused(session: AsyncSession) -> list[Refused]:
    """Return what the controller says of its policy."""
    found = []
    for row in await session.scalars(select(PolicyTroubleTable).order_by(PolicyTroubleTable.file)):
        taken = row.holds_since
        since = f"{taken.astimezone(CHINA):%m-%d %H:%M} 起的" if taken is not None else "原来的"
        found.append(Refused(row.file, row.words, f"仍按{since}策略派话"))
    return found


async def keep(
    database: Database, found: Sequence[Alarm], now: datetime, clear_after: float
) -> None:
    """Raise what is new, renew what goes on, clear what has been gone for a while."""
    async with database.read() as session:
        rows = await session.scalars(select(AlarmTable).where(AlarmTable.cleared_at.is_(None)))
        known = {row.key for row in rows}
    if not found and not known:
        return
    by_key = {alarm.key: alarm for alarm in found}
    async with database.write() as session:
        rows = await session.scalars(
            select(AlarmTable).where(AlarmTable.cleared_at.is_(None)).with_for_update()
        )
        there = {row.key: row for row in rows}
        for key, row in there.items():
            alarm = by_key.get(key)
            if alarm is not None:
                row.met_at, row.words, row.level = now, alarm.words, alarm.level
            elif now - row.met_at >= timedelta(seconds=clear_after):
                row.cleared_at = now
                append(session, "alarm.cleared", key, {"key": key, "rule": row.rule}, now)
        for alarm in found:
            if alarm.key not in there:
                await _raise(session, alarm, now)


async def _raise(session: AsyncSession, alarm: Alarm, now: datetime) -> None:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    raised = await session.execute(
        insert(AlarmTable)
        .values(
            key=alarm.key,
            rule=alarm.rule,
            kind=alarm.kind,
            level=alarm.level,
            words=alarm.words,
            raised_at=now,
            met_at=now,
            seen_by="",
            note="",
        )
        # Another web server may have raised it a moment ago.
        .on_conflict_do_nothing()
        .returning(AlarmTable.id)
    )
    if raised.first() is not None:
        payload = {"key": alarm.key, "rule": alarm.rule, "level": alarm.level}
        append(session, "alarm.raised", alarm.key, payload, now)


WATCH = web.AppKey("alarm_watch", Watch)


async def watching(app: web.Application) -> AsyncIterator[None]:
    """Watch as long as the server runs (a ``cleanup_ctx`` generator)."""
    watch = app[WATCH] = Watch(app[DATABASE], app[CLOCK])
    # The first page shall show what is wrong already.
    await watch.look()
    task = asyncio.create_task(watch.run())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
