"""All that the public's pages and the open API need, made once and handed to every handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from hotline import worktime
from hotline.casework import Codes, Desk
from hotline.clock import Clock
from hotline.public.callbacks import CallbackBook, TicketCallbacks
from hotline.public.forms import Lists
from hotline.public.humanity import Humanity
from hotline.public.law import PublicLaw
from hotline.public.limits import Limiter
from hotline.public.papers import Papers
from hotline.public.stations import Station, StationsReader, no_stations
from hotline.settings import Settings
from hotline.store import Database
from hotline.tickets import shipped
from hotline.web.section import PageHandler
from hotline.worktime import WorkTime
from knowledge_base.topics.taxonomy import Taxonomy, load_taxonomy


@dataclass(frozen=True)
class Face:
    """The public's door and what stands behind it."""

    settings: Settings
    database: Database
    clock: Clock
    desk: Desk
    codes: Codes
    humanity: Humanity
    limiter: Limiter
    papers: Papers
    law: PublicLaw
    taxonomy: Taxonomy
    answering: WorkTime
    """When people answer the hotline (人工服务时间)."""
    callbacks: CallbackBook
    stations: StationsReader = field(default=no_stations)

    async def lists(self, session: AsyncSession) -> Lists:
        """Return what the forms' fields choose from."""
        return Lists(
            topics=[(topic.code, topic.name) for topic in self.taxonomy.topics],
            places=place_options(await self.stations(session)),
        )

    def is_answering(self, now: datetime) -> bool:
        """Whether people answer the hotline now."""
        return self.answering.is_open(now)


def open_face(
    settings: Settings,
    database: Database,
    clock: Clock,
    *,
    stations: StationsReader = no_stations,
    desk: Desk | None = None,
    humanity: Humanity | None = None,
    callbacks: CallbackBook | None = None,
) -> Face:
    """Return the public's door of an installation.

    Args:
        settings: of the installation; secrets and papers lie in its home.
        database: where cases are kept.
        clock: what time it is.
        stations: reads the bureau's places.
        desk: opens cases; the installation's own where none is given.
        humanity: asks the visitors' question; tests give one whose answer they know.
        callbacks: takes requests to be called back.
    """
    working = desk or shipped().desk
    return Face(
        settings=settings,
        database=database,
        clock=clock,
        desk=working,
        codes=Codes.of(settings.home),
        humanity=humanity or Humanity.of(settings.home, clock),
        limiter=Limiter(clock),
        papers=Papers(papers_folder(settings.home)),
        law=PublicLaw(database, settings),
        taxonomy=load_taxonomy(),
        answering=worktime.load("hotline"),
        callbacks=callbacks or TicketCallbacks(working),
        stations=stations,
    )


def papers_folder(home: Path) -> Path:
    """Return where applicants' papers lie."""
    return home / "papers"


FaceHandler = Callable[[Face, web.Request], Awaitable[web.StreamResponse]]
"""A page of the public's door."""


def bound(handler: FaceHandler, face: Face) -> PageHandler:
    """Return the handler as the server calls it."""
    return partial(handler, face)


def place_options(stations: Sequence[Station]) -> list[tuple[str, str]]:
    """Return places to choose from, each with the place that it belongs to."""
    names = {station.code: station.name for station in stations}
    return [
        (
            station.code,
            f"{names[station.parent]}　{station.name}"
            if station.kind == "village" and station.parent in names
            else station.name,
        )
        for station in stations
        if (station.kind != "district" or len(stations) == 1) and station.kind != "institution"
    ]
