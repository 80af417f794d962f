"""The pages over a large database: lists with filters, a ticket, the monthly report, over HTTP.

Each side is the whole server with its real pages, asked by a signed-in supervisor. The peer in the
same run is the same server over a small database: their ratio says what size costs, whatever else
the machine does.
"""

from __future__ import annotations

import random
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from argon2 import PasswordHasher
from sqlalchemy import func, select

from agents.places import organisation_tree
from agents.reports.period import Kind, last_whole
from hotline.casework import Case, services
from hotline.clock import Clock, SystemClock
from hotline.settings import Settings
from hotline.store import Database, schema
from hotline.store.throwaway import ThrowawayPostgres
from hotline.tickets.generated import Size, generate
from hotline.web.accounts import NewUser
from hotline.web.context import ACCOUNTS
from hotline.web.passwords import Hasher
from hotline.web.permissions import Role
from hotline.web.section import Section
from hotline.web.server import create_app

SMALL = Size(1_000, 100)
REPORTS = 3
PASSWORD = "Celiang-12348"  # noqa: S105 - of an account in a database that is thrown away
Told = Callable[[str], None]
Sections = Callable[[Settings, Database, Clock], tuple[Section, ...]]
"""All pages of the house, from whoever composes it."""


@dataclass(frozen=True)
class Question:
    """A page that is asked for, and which figure it belongs to."""

    kind: str
    path: str


async def compare(
    sections: Sections, large: Size, rounds: int, databases: Sequence[str], told: Told
) -> dict[str, dict[str, Any]]:
    """Measure each database large and small; return the figures by database."""
    found = {}
    for kind in databases:
        sides = {}
        for name, size in (("large", large), ("small", SMALL)):
            told(f"{kind}：{size.tickets:,} 张工单、{size.cases:,} 个办件……")
            async with _filled(kind, size) as database:
                sides[name] = await _measured(sections, database, rounds)
        ratios = {
            page: round(sides["large"][page]["p50_ms"] / sides["small"][page]["p50_ms"], 2)
            for page in sides["large"]
        }
        found[kind] = {**sides, "large_to_small": ratios}
    return found


@asynccontextmanager
async def _filled(kind: str, size: Size) -> AsyncIterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            async with _generated(f"sqlite+aiosqlite:///{folder}/bench.db", size) as database:
                yield database
            return
        with ThrowawayPostgres() as cluster:
            async with _generated(cluster.create("bench"), size) as database:
                yield database


@asynccontextmanager
async def _generated(url: str, size: Size) -> AsyncIterator[Database]:
    database = Database(url)
    try:
        await schema.upgrade(database)
        await generate(database, services.load(), size, SystemClock().now())
        yield database
    finally:
        await database.close()


async def _measured(
    sections: Sections, database: Database, rounds: int
) -> dict[str, dict[str, float]]:
    clock = SystemClock()
    times: dict[str, list[float]] = defaultdict(list)
    async with _served(sections, database, clock) as (session, address):
        questions = await _questions(database, rounds, clock)
        # The first of each kind compiles a template, and so on: that is once a day.
        for question in {question.kind: question for question in questions}.values():
            async with session.get(address + question.path) as response:
                await response.read()
        for question in questions:
            begin = clock.monotonic()
            async with session.get(address + question.path) as response:
                await response.read()
                if response.status != 200:
                    raise RuntimeError(f"{question.path}: {response.status}")
            times[question.kind].append((clock.monotonic() - begin) * 1000)
    return {kind: _figures(found) for kind, found in times.items()}


def _figures(times: Sequence[float]) -> dict[str, float]:
    high = quantiles(times, n=20)[18] if len(times) > 1 else times[0]
    return {"asked": len(times), "p50_ms": round(median(times), 1), "p95_ms": round(high, 1)}


@asynccontextmanager
async def _served(
    sections: Sections, database: Database, clock: Clock
) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    """Serve the house's pages and sign in as a supervisor."""
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        app = create_app(
            settings,
            database,
            clock,
            sections(settings, database, clock),
            organisations=organisation_tree,
            hasher=Hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)),
        )
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        jar = aiohttp.CookieJar(unsafe=True)
        try:
            async with aiohttp.ClientSession(
                cookie_jar=jar, headers={"Accept": "text/html"}
            ) as session:
                await _sign_in(app, session, address)
                yield session, address
        finally:
            await runner.cleanup()


async def _sign_in(app: web.Application, session: aiohttp.ClientSession, address: str) -> None:
    roles = frozenset({Role.SUPERVISOR, Role.BUREAU})
    await app[ACCOUNTS].add(NewUser("bench", "测量", roles), PASSWORD)
    async with session.get(f"{address}/signin") as page:
        token = (await page.text()).split('data-csrf="', 1)[1].split('"', 1)[0]
    form = {"account": "bench", "password": PASSWORD, "csrf": token}
    async with session.post(f"{address}/signin", data=form, allow_redirects=False) as answer:
        if answer.status != 303:
            raise RuntimeError(f"signing in: {answer.status}")


async def _questions(database: Database, rounds: int, clock: Clock) -> list[Question]:
    chance = random.Random(1)  # noqa: S311 - a repeatable choice of what to measure
    async with database.read() as session:
        last = await session.scalar(select(func.max(Case.id)).where(Case.service == "ticket"))
        wanted = [chance.randint(1, last or 1) for _ in range(rounds)]
        cases = list(await session.scalars(select(Case).where(Case.id.in_(wanted))))
    found = [
        question
        for case in cases
        for question in (
            *(Question("list", f"/tickets?{urlencode(asked)}") for asked in _filters(case)),
            Question("ticket", f"/tickets/{case.number}"),
            Question("cases", "/cases?service=legal_aid"),
        )
    ]
    month = last_whole(Kind.MONTH, clock.now())
    reports = [Question("report", f"/reports/monthly/{month.mark}")] * REPORTS
    return [*found, *reports]


def _filters(case: Case) -> list[Mapping[str, str]]:
    day = f"{case.opened_at:%Y-%m-%d}"
    topic, place, person = case.topic or "", case.place or "", case.assignee_id or ""
    return [
        {},
        {"tab": "open"},
        {"tab": "due", "order": "due"},
        {"tab": "unhappy"},
        {"topic": topic},
        {"place": place},
        {"assignee": person},
        {"topic": topic, "place": place, "assignee": person},
        {"state": "handling", "topic": topic},
        {"since": day, "until": day, "topic": topic},
        {"satisfaction": "3", "place": place},
        {"text": (case.caller_number or "")[-4:]},
        {"text": case.caller_name or ""},
        {"text": case.number},
    ]
