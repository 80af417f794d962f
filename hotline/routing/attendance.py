"""Follows who may answer (值班), and what each of them asks to be: ready, paused, signed off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, select

from hotline.routing.aside import Aside
from hotline.routing.controller import Controller
from hotline.routing.interfaces import People, Roster
from hotline.routing.people import Wish
from hotline.routing.tables import PresenceWishTable
from hotline.store import Database

_WISHES = (
    select(
        PresenceWishTable.id,
        PresenceWishTable.agent_id,
        PresenceWishTable.wish,
        PresenceWishTable.reason,
        PresenceWishTable.created_at,
    )
    .order_by(PresenceWishTable.id)
    .limit(500)
)


class Attendance:
    """See the module. ``beside`` is a database that is used ``aside``."""

    def __init__(
        self, controller: Controller, people: People, beside: Database, aside: Aside
    ) -> None:
        self._controller = controller
        self._room = controller.room
        self._people = people
        self._beside = beside
        self._aside = aside
        self._applied: set[tuple[int, datetime]] = set()
        """Wishes that are applied and may still stand in the list."""

    async def read(self) -> None:
        """Read who may answer, and bring the board to it.

        Raises:
            DatabaseUnavailableError: everything stays as it is.
        """
        self._apply(await self._people.load())

    async def follow(self) -> None:
        """Read who may answer, and decide on what is new; raises what :meth:`read` does."""
        await self.read()
        self._controller.decide()

    async def follow_wishes(self) -> None:
        """Apply what people asked to be since the last look."""
        rows = await self._aside.do(self._wishes())
        done, people = self._applied, self._room.board.people
        # SQLite gives the number of a row that went to the next: the number alone names none.
        fresh = [row for row in rows if (row.id, row.created_at) not in done]
        if any(row.agent_id not in people for row in fresh):
            await self.read()
        for row in fresh:
            reason = row.reason or ("小休" if row.wish == Wish.PAUSED else "")
            self._room.wish(row.id, row.agent_id, row.wish, reason)
        if fresh:
            self._controller.decide()
        self._applied = {(row.id, row.created_at) for row in rows}

    async def _wishes(self) -> Sequence[Row[int, str, str, str, datetime]]:
        async with self._beside.read() as session:
            return (await session.execute(_WISHES)).all()

    def _apply(self, roster: Roster) -> None:
        room, now = self._room, self._room.clock.monotonic()
        before = {key: one.agent.endpoint for key, one in room.board.people.items()}
        room.set_people(roster.agents)
        room.known.places = roster.numbers
        today = self._room.clock.now()
        for agent in roster.agents:
            room.board.set_open(agent.id, now, is_open=agent.is_open(today))
            if before.get(agent.id, agent.endpoint) != agent.endpoint:
                # Whether the telephone before could be reached says nothing of this one.
                there = self._controller.telephones.can_reach(agent.endpoint.removeprefix("PJSIP/"))
                room.board.set_reachable(agent.id, now, reachable=there)
            duty = roster.duties.get(agent.id)
            if agent.id not in before and duty is not None:
                room.board.set_wish(agent.id, duty.wish, duty.reason, now)
