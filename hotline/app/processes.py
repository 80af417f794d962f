"""What runs: the controller, the pages, the workers. Each may run alone, on any machine."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import structlog
from aiohttp import web

import ivr
from agents import switchboard
from agents.alarms.routes import section as alarms_section
from agents.callers.routes import section as callers_section
from agents.cases import notices, sending
from agents.cases.names import naming
from agents.cases.routes import section as cases_section
from agents.moments.routes import section as moments_section
from agents.persons.routes import section as persons_section
from agents.places import organisation_tree, stations
from agents.places.routes import section as places_section
from agents.reports.routes import section as reports_section
from agents.rota import attendance
from agents.rota.routes import section as rota_section
from agents.routes import section as agents_section
from agents.stations.routes import section as stations_section
from agents.subsidies.routes import section as subsidies_section
from agents.talks import jobs as talks
from agents.talks.routes import section as talks_section
from hotline.api import jobs as connections
from hotline.api.routes import section as api_section
from hotline.app.knowledge import opener
from hotline.asterisk import certificate, layout
from hotline.casework.timers import Timekeeper
from hotline.clock import Clock, SystemClock
from hotline.errors import ConfigurationError
from hotline.jobs import Housekeeper, Queue, Worker
from hotline.jobs.feeding import Feeder, Rule, together
from hotline.messages import jobs as messages
from hotline.public.byphone import ByPhone
from hotline.public.face import open_face
from hotline.public.routes import section as public_section
from hotline.settings import Settings
from hotline.store import Database, schema
from hotline.tickets import jobs as closing
from hotline.tickets import mend, shipped
from hotline.web.section import Section
from hotline.web.server import create_app
from knowledge_base.cited import keeping as citing
from knowledge_base.routes import section as knowledge_section
from transcripts import jobs as transcribing
from transcripts import retention
from transcripts.live.desk import InstalledDesk
from transcripts.live.routes import section as live_section
from transcripts.live.worker import LiveHelp, run_quietly
from transcripts.recognisers import open_recogniser
from transcripts.review import agreement
from transcripts.review import jobs as reviewing
from transcripts.review.draws import keep_drawing
from transcripts.routes import section as transcripts_section
from transcripts.scoring import jobs as scoring

log = structlog.get_logger(__name__)

SECTIONS = (
    talks_section,
    agents_section,
    callers_section,
    alarms_section,
    moments_section,
    rota_section,
    stations_section,
    cases_section,
    places_section,
    persons_section,
    reports_section,
    subsidies_section,
    transcripts_section,
    knowledge_section,
    live_section,
)
"""The staff's pages of every package."""

RULES: Mapping[str, Rule] = together(
    closing.RULES,
    talks.RULES,
    transcribing.RULES,
    retention.RULES,
    citing.RULES,
    messages.RULES,
    notices.RULES,
    sending.RULES,
    connections.RULES,
    reviewing.RULES,
)
"""What follows from what happened."""


class WebPortError(ConfigurationError):
    """网页端口已被占用，请修改 hotline.toml 的 [web] port，或停掉占用它的程序。"""

    error_id = "web-port"


def every_section(settings: Settings, database: Database, clock: Clock) -> tuple[Section, ...]:
    """Return the staff's pages and the public's, which stand in a certain house."""
    face = open_face(settings, database, clock, stations=stations)
    return (*SECTIONS, public_section(face), api_section(face))


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """Open the database, and see that it is as this program expects it.

    Raises:
        SchemaError: it is older or newer than the program.
    """
    database = Database(settings.database_url)
    try:
        await schema.require_current(database)
        yield database
    finally:
        await database.close()


async def _ready(database: Database, clock: Clock) -> None:
    """Make the desk ready for work: whole service files, and names for people and places."""
    shipped().desk.names = naming
    await mend(database, clock.now())


async def control(settings: Settings) -> None:
    """Run the controller until cancelled."""
    async with opened(settings) as database:
        await _ready(database, SystemClock())
        answering = asyncio.create_task(progress_by_phone(settings, database))
        try:
            await switchboard.run_controller(
                settings, lambda: log.info("controller serves callers")
            )
        finally:
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)


async def progress_by_phone(settings: Settings, database: Database) -> None:
    """Answer callers who key in the number and code of a case, until cancelled."""
    # Beside the calls: what it reads from files must not hold them up.
    face = await asyncio.to_thread(open_face, settings, database, SystemClock(), stations=stations)
    told = ivr.sounds_folder(settings) / "told"
    own = settings.asterisk
    await ByPhone(face, told).serve(own.ami_host, own.agi_port)


async def pages(settings: Settings) -> None:
    """Serve the pages until cancelled.

    Raises:
        WebPortError: the port is taken.
    """
    async with opened(settings) as database:
        clock = SystemClock()
        await _ready(database, clock)
        sections = every_section(settings, database, clock)
        app = create_app(settings, database, clock, sections, organisations=organisation_tree)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            site = web.TCPSite(
                runner, settings.web.host, settings.web.port, ssl_context=_tls(settings)
            )
            try:
                await site.start()
            except OSError as error:
                raise WebPortError(
                    f"网页端口 {settings.web.host}:{settings.web.port} 用不了（{error.strerror}）。"
                    "请修改 hotline.toml 的 [web] port，或停掉占用它的程序。"
                ) from error
            log.info("pages are served", address=site.name)
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()


async def work(settings: Settings) -> None:
    """Run jobs until cancelled; the job in hand is finished first."""
    clock = SystemClock()
    async with opened(settings) as database:
        await _ready(database, clock)
        queue = Queue(database, clock)
        feeder = Feeder(queue, RULES)
        worker = Worker(queue, handlers(settings, database, queue))
        timekeeper = Timekeeper(database, shipped().desk, clock)
        housekeeper = Housekeeper(queue)
        running = asyncio.gather(feeder.run(), worker.run(), timekeeper.run(), housekeeper.run())
        deleting = asyncio.create_task(
            retention.keep_deleting(
                database, settings.recordings, clock, settings.recording.retention_days
            )
        )
        attending = asyncio.create_task(attendance.keep_looking(database, clock))
        drawing = asyncio.create_task(keep_drawing(database, clock))
        live = asyncio.create_task(run_quietly(listening(settings, database).run()))
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            feeder.stop()
            worker.stop()
            timekeeper.stop()
            housekeeper.stop()
            await running
            raise
        finally:
            deleting.cancel()
            attending.cancel()
            drawing.cancel()
            live.cancel()
            await asyncio.gather(live, return_exceptions=True)


def listening(settings: Settings, database: Database) -> LiveHelp:
    """Return the worker that hears running talks."""
    return LiveHelp(
        database,
        SystemClock(),
        settings.recordings,
        lambda: open_recogniser(settings),
        InstalledDesk(settings, database, opener(settings)),
    )


def handlers(settings: Settings, database: Database, queue: Queue) -> dict[str, Any]:
    """Return every package's handlers of jobs, by kind."""
    clock = SystemClock()
    return {
        **transcribing.handlers(
            database, queue, clock, settings.recordings, lambda: open_recogniser(settings)
        ),
        **retention.handlers(database, clock, settings.recordings),
        **closing.handlers(database, clock),
        **citing.handlers(database, clock),
        **talks.handlers(database, clock),
        **scoring.handlers(database, clock, opener(settings), agreement.hints),
        **reviewing.handlers(database, clock),
        **messages.handlers(settings, database, clock, shipped().desk),
        **notices.handlers(database, clock),
        **sending.handlers(settings, database, clock, shipped().desk),
        **connections.handlers(settings, database, clock, queue, shipped().desk),
    }


def _tls(settings: Settings) -> ssl.SSLContext | None:
    own, key = settings.web.tls_certificate, settings.web.tls_key
    if not own and settings.web.https:
        place = layout(settings)
        hosts = (settings.web.host, urlsplit(settings.web.public_url).hostname or "")
        certificate.ensure(place.certificate, place.certificate_key, SystemClock(), hosts)
        own, key = str(place.certificate), str(place.certificate_key)
    if not own:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(own, key or None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            f"证书用不了：{own}（{error}）。请检查 hotline.toml 的 [web]。"
        ) from error
    return context
