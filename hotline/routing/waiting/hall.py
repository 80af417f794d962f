"""The waiting room's own rhythm: announcements, call-backs, and what is known of patience."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline import worktime
from hotline.ami import AmiError, Link, actions
from hotline.calls import patience
from hotline.calls.live import Live
from hotline.calls.patience import Wait
from hotline.calls.tables import CallTable, Outcome
from hotline.configfiles import ConfigFileError
from hotline.errors import NotFoundError
from hotline.routing import listing, skipping
from hotline.routing.controller import Controller
from hotline.routing.tables import TrunkTable
from hotline.routing.waiting.announcer import VARIABLE, Announcer
from hotline.routing.waiting.recall import CallBacks, Outside
from hotline.store import Database, append
from hotline.worktime import WorkTime

log = structlog.get_logger(__name__)

BLOCKED = "HL_BLOCKED"
"""Asterisk's list of who is turned away."""
LIST_EVERY = 300.0
"""Seconds between two looks at who need not listen to the menu."""
LEARN_EVERY = 600.0
"""Seconds between two looks at how long callers wait, and at the hours in which we call."""
HISTORY = timedelta(days=90)
MOST_WAITS = 20_000
WAITS_AT_ONCE = 200


class Hall:
    """See the module; the service calls :meth:`announce` and :meth:`call_back` every second."""

    def __init__(
        self, controller: Controller, link: Link, database: Database, outside: Outside
    ) -> None:
        self.announcer = Announcer(controller.room, self._say)
        self.callbacks = CallBacks(database, controller, link.originate, outside)
        self._controller = controller
        self._link = link
        self._database = database
        self._learnt_at: float | None = None
        self._hours_name = ""
        self._listed_at: float | None = None
        self._blocked: tuple[Mapping[str, str], int] | None = None
        """Who was listed as blocked, and in which session."""
        self._outside = outside
        self._trunk_reachable: bool | None = None

    async def announce(self) -> None:
        """Tell those whose time has come where they stand."""
        if self._controller.ready:
            self.announcer.tick()

    async def call_back(self) -> None:
        """Go on with the call-backs.

        Raises:
            DatabaseUnavailableError: nobody is called back meanwhile.
        """
        await self._learn()
        if self._controller.ready:
            if self._outside.exists:
                await self._watch_trunk()
            await self.callbacks.tick()

    async def list_who_skips_the_menu(self) -> None:
        """Keep Asterisk's list of who is put through without the menu.

        Raises:
            DatabaseUnavailableError, AmiError: the list stays as it is until the next look.
        """
        clock, policy = self._controller.clock, self._controller.room.board.policy
        if not self._controller.ready:
            return
        now = clock.monotonic()
        if self._listed_at is not None and now - self._listed_at < LIST_EVERY:
            return
        wanted = await skipping.wanted(self._database, policy, clock.now())
        await listing.follow(self._link, skipping.FAMILY, wanted)
        self._listed_at = now

    async def list_who_is_blocked(self) -> None:
        """Keep Asterisk's list of who is turned away, also while we are not there.

        Raises:
            AmiError: the list stays as it is until the next look.
        """
        blocked, sessions = self._controller.room.known.blocked, self._link.sessions
        if not self._controller.ready or self._blocked == (blocked, sessions):
            return
        await listing.follow(self._link, BLOCKED, dict.fromkeys(blocked, "1"))
        self._blocked = (blocked, sessions)

    async def _watch_trunk(self) -> None:
        """Write down when the trunk goes and comes back; nobody is called back meanwhile."""
        trunk = self._outside.trunk
        reachable = self._controller.telephones.can_reach(trunk)
        clock = self._controller.clock
        if not self._outside.is_checked:
            return
        self._controller.room.board.set_outside(clock.monotonic(), reachable=reachable)
        if reachable == self._trunk_reachable:
            return
        now = clock.now()
        async with self._database.write() as session:
            row = await session.get(TrunkTable, trunk)
            if row is None:
                session.add(TrunkTable(endpoint=trunk, reachable=reachable, since=now))
            elif row.reachable != reachable:
                row.reachable, row.since = reachable, now
                append(session, "trunk.changed", trunk, {"reachable": reachable}, now)
        self._trunk_reachable = reachable
        log.log(
            logging.INFO if reachable else logging.WARNING,
            "trunk reachable" if reachable else "trunk not reachable; nobody is called back",
            trunk=trunk,
        )

    async def _learn(self) -> None:
        now = self._controller.clock.monotonic()
        name = self.callbacks.rules.hours
        due = self._learnt_at is None or now - self._learnt_at >= LEARN_EVERY
        if not due and name == self._hours_name:
            return
        self._learnt_at, self._hours_name = now, name
        self.callbacks.hours = _hours(name)
        async with self._database.read() as session:
            waits = await _waits(session, self._controller.clock.now())
        self.announcer.patience = patience.estimate(waits)

    def _say(self, live: Live, text: str) -> None:
        async def send() -> None:
            try:
                await self._link.send(actions.Setvar(VARIABLE, text, live.channel), within=2.0)
            except AmiError as error:
                # The leg is gone or the link down: the next announcement is half a minute away.
                log.info("announcement not handed over", call=live.call.id, reason=error.message)

        self._controller.spawn(send())


def _hours(name: str) -> WorkTime | None:
    try:
        return worktime.load(name)
    except (ConfigFileError, NotFoundError) as error:
        log.warning("nobody is called back: hours unknown", hours=name, reason=error.message)
        return None


async def _waits(session: AsyncSession, now: datetime) -> Iterable[Wait]:
    """Return how long callers waited of late, in whole seconds, and whether they gave up.

    They are counted as they are read, some at a time: neither must callers wait for it, nor need
    all of them be in memory at once.
    """
    query = (
        select(
            CallTable.waiting_since, CallTable.answered_at, CallTable.ended_at, CallTable.outcome
        )
        .where(
            CallTable.started_at > now - HISTORY,
            CallTable.waiting_since.is_not(None),
            CallTable.ended_at.is_not(None),
            CallTable.callback_id.is_(None),
        )
        .order_by(CallTable.started_at.desc())
        .limit(MOST_WAITS)
    )
    counted: Counter[tuple[int, bool]] = Counter()
    async for some in (await session.stream(query)).partitions(WAITS_AT_ONCE):
        counted.update(
            (
                max(
                    0,
                    round(((row.answered_at or row.ended_at) - row.waiting_since).total_seconds()),
                ),
                row.outcome == Outcome.ABANDONED,
            )
            for row in some
        )
    return [Wait(seconds, gave_up, callers) for (seconds, gave_up), callers in counted.items()]
