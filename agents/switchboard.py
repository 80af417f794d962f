"""The controller with everything that it needs: people, tickets, topics, Asterisk's files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from agents.people import DatabasePeople
from hotline.asterisk import layout
from hotline.asterisk.server import Asterisk
from hotline.calls.live import Call
from hotline.clock import Clock, SystemClock
from hotline.routing import garbage
from hotline.routing.service import Service, Surroundings, topic_names
from hotline.routing.waiting.recall import Outside
from hotline.settings import Settings
from hotline.store import Database
from hotline.talks import book
from hotline.talks.acts import carry_out
from hotline.talks.desk import Desk
from hotline.talks.legs import Legs
from hotline.tickets import CallFacts, TicketDesk, shipped


class TicketsOfCalls:
    """Makes the ticket of each call; see :class:`hotline.routing.interfaces.Tickets`."""

    def __init__(self, desk: TicketDesk | None = None) -> None:
        self._desk = desk

    async def prepare(self) -> None:
        """Read the services' files, which takes seconds, beside the calls that go on."""
        if self._desk is None:
            self._desk = await asyncio.to_thread(shipped)
            garbage.set_aside()

    async def born(self, session: AsyncSession, calls: Sequence[Call], now: datetime) -> None:
        """Make the tickets of calls whose menu is done."""
        desk = self._desk or shipped()
        await desk.open_for_calls(
            session,
            [
                CallFacts(
                    call.id,
                    call.number,
                    call.started_at,
                    language=call.language,
                    topic=call.topic,
                    place=call.place,
                )
                for call in calls
            ],
            now,
        )


def service(settings: Settings, database: Database, clock: Clock | None = None) -> Service:
    """Return the controller of an installation; its ``run()`` serves."""
    place = layout(settings)
    surroundings = Surroundings(
        address=Asterisk(settings).address,
        recordings=settings.recordings,
        calls_journal=place.journal,
        spill=settings.home / "controller-rows.jsonl",
        topics=topic_names(),
        outside=Outside(
            settings.asterisk.outbound,
            settings.bureau.hotline_number,
            exists=bool(settings.asterisk.trunk_contact),
        ),
    )
    clock = clock or SystemClock()
    people = DatabasePeople(database, clock, home=settings.bureau.district_code)
    served = Service(surroundings, database, clock, people, TicketsOfCalls())
    hands = Legs(served.link, settings.recordings, settings.asterisk.outbound)
    desk = Desk(served.controller, hands, database, book.load(), carry_out)
    served.controller.talks, served.recordings.find = desk, desk.whole
    return served


async def run_controller(settings: Settings, started: Callable[[], None] = lambda: None) -> None:
    """Serve until cancelled; ``started`` is called once callers are served."""
    database = Database(settings.database_url, small=True)
    try:
        await service(settings, database).run(started)
    finally:
        await database.close()
