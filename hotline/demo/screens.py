"""Takes a picture of every page: light, dark, on a small computer and on a telephone.

The pages are real, served from a made-up day's database (:mod:`hotline.demo.sample`) and looked at
with Chromium. A designer compares the pictures; the repository keeps them in ``docs/screens``.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web
from argon2 import PasswordHasher

from hotline.clock import Clock, ManualClock
from hotline.debian import chromium
from hotline.demo.sample import PASSWORD, fill
from hotline.demo.sample.cases import case_of
from hotline.demo.sample.day import call_of, ticket_by_recording, ticket_of
from hotline.demo.sample.talks import DIVORCE, LENDING, VIOLENCE, WAGES
from hotline.settings import Settings, load
from hotline.store import Base, Database
from hotline.web.context import ACCOUNTS, OrganisationTree
from hotline.web.passwords import Hasher
from hotline.web.section import Section
from hotline.web.server import create_app
from transcripts.tables import RecordingState

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page, StorageState

MOMENT = datetime(2026, 11, 24, 6, 42, 7, tzinfo=UTC)
"""A Tuesday, 14:42 in China. Pictures taken twice are the same."""


@dataclass(frozen=True)
class View:
    """One way of looking: a window and a theme."""

    name: str
    width: int
    height: int
    dark: bool = False
    scale: float = 1.0


VIEWS = (
    View("light", 1440, 900),
    View("dark", 1440, 900, dark=True),
    View("1024", 1024, 768),
    View("phone", 390, 844, scale=2.0),
)


@dataclass(frozen=True)
class Shot:
    """One page to look at, and by whom (nobody: signed out)."""

    name: str
    path: str
    account: str | None = "banzhang"
    views: tuple[str, ...] = ("light", "dark", "1024", "phone")


def shots(tickets: Mapping[str, str]) -> list[Shot]:
    """Return the pages; ``tickets`` are ticket numbers by what they show."""
    return [
        Shot("signin", "/signin", None),
        Shot("seat", "/seat", "wang"),
        Shot("seat-ready", "/seat", "chen", views=("light",)),
        Shot("act", f"/tickets/{tickets['wages']}/acts/record"),
        Shot("wallboard", "/wallboard"),
        Shot("wallboard-screen", "/wallboard?screen", views=("dark",)),
        Shot("control", "/control"),
        Shot("moment", "/moment"),
        Shot("tickets", "/tickets"),
        Shot("tickets-due", "/tickets?tab=open&order=due", views=("light", "phone")),
        Shot("tickets-empty", "/tickets?text=99999", views=("light",)),
        Shot("ticket", f"/tickets/{tickets['wages']}"),
        Shot("ticket-clean", f"/tickets/{tickets['divorce']}", views=("light",)),
        Shot("ticket-veto", f"/tickets/{tickets['lending']}", views=("light",)),
        Shot("ticket-confidential", f"/tickets/{tickets['violence']}", views=("light", "dark")),
        Shot("ticket-waiting", f"/tickets/{tickets['waiting']}", views=("light",)),
        Shot("ticket-damaged", f"/tickets/{tickets['damaged']}", views=("light", "phone")),
        Shot("report", "/reports/monthly/2026-11"),
        Shot("report-day", "/reports/daily/2026-11-24", views=("light",)),
        Shot("station", "/station", "qingshi"),
        Shot("station-hours", "/stations/qingshi/hours", "qingshi", views=("light", "phone")),
        Shot("stations", "/stations", views=("light",)),
        Shot("alarms", "/alarms", views=("light", "phone")),
        Shot("callbacks", "/callbacks"),
        Shot("followups", "/followups"),
        Shot("followups-done", "/followups?why=begun", views=("light",)),
        Shot("blocked", "/blocked"),
        Shot("rota", "/rota"),
        Shot("rota-shift", "/rota/shifts/new?agent=abdu&day=2026-11-26", views=("light", "phone")),
        Shot("rota-mine", "/rota/mine", "wang", views=("light", "phone")),
        Shot("rota-requests", "/rota/mine", views=("light",)),
        Shot("rota-attendance", "/rota/attendance", views=("light",)),
        Shot("subsidies", "/subsidies/2026-10", views=("light", "phone")),
        Shot("subsidy", "/subsidies/statements/1", "wang", views=("light", "dark")),
        Shot("cases", "/cases"),
        Shot("cases-due", "/cases?tab=due", views=("light",)),
        Shot("cases-register", "/cases?service=adviser", views=("light", "1024")),
        Shot("case", f"/cases/{tickets['aid']}"),
        Shot("case-special", f"/cases/{tickets['special']}", views=("light", "dark")),
        Shot("case-act", f"/cases/{tickets['appointment']}/acts/book", views=("light", "phone")),
        Shot("case-new", "/cases/new", views=("light", "phone")),
        Shot("case-open", "/cases/new/legal_aid", views=("light", "phone")),
        Shot("case-calendar", "/cases/calendar/publicity", views=("light", "dark", "phone")),
        Shot("case-slots", "/cases/slots/lawyer_appointment?whose=assignee_id:wang"),
        Shot("case-totals", "/cases/totals/village_visit", views=("light",)),
        Shot("case-coverage", "/cases/coverage/adviser", views=("light", "phone")),
        Shot("case-document", f"/cases/{tickets['aid']}/documents/1", views=("light",)),
        Shot("person-of", f"/persons/of/{tickets['aid']}", views=("light", "phone")),
        Shot("persons", "/persons?text=13812345678", views=("light",)),
        Shot("notices", "/cases/notices", views=("light",)),
        Shot("places", "/places"),
        Shot("place", "/places/qingshi", views=("light", "phone")),
        Shot("place-edit", "/places/qingshi/edit", views=("light",)),
        Shot("review", "/review", "zhijian"),
        Shot("review-call", f"/review/{tickets['wages_call']}", "zhijian"),
        Shot("review-appeals", "/review?tab=appeals", "zhijian2", views=("light",)),
        Shot("review-calibration", "/review/calibration", "zhijian"),
        Shot("quality", "/quality"),
        Shot("review-mine", "/review/mine", "wang", views=("light", "phone")),
        Shot("knowledge", "/knowledge?q=老板拖欠工资怎么办"),
        Shot("knowledge-empty", "/knowledge", views=("light",)),
        Shot("gaps", "/knowledge/gaps", views=("light", "phone")),
        Shot("cards", "/cards"),
        Shot("card", "/cards/dismissal", views=("light", "dark", "phone")),
        Shot("card-review", "/cards/dog-bite", "banzhang", views=("light",)),
        Shot("card-edit", "/cards/lease-deposit/edit"),
        Shot("card-compare", "/cards/bride-price/compare?from=0&to=1", views=("light", "dark")),
        Shot("users", "/users"),
        Shot("audit", "/audit", views=("light", "dark")),
        Shot("account", "/account", views=("light", "phone")),
        Shot("totp", "/account/totp", views=("light",)),
        Shot("design", "/design", views=("light", "dark")),
        Shot("forbidden", "/users", "wang", views=("light",)),
        Shot("not-found", "/tickets/1", views=("light", "phone")),
    ]


@dataclass(frozen=True)
class SampleServer:
    """A running server of the made-up day."""

    address: str
    tickets: Mapping[str, str]
    """Ticket numbers by what they show."""
    database: Database


@asynccontextmanager
async def sample_server(
    home: Path,
    sections: Sequence[Section],
    clock: Clock,
    organisations: OrganisationTree | None = None,
    **size: Any,
) -> AsyncIterator[SampleServer]:
    """Serve the made-up day on a free port."""
    settings: Settings = load(home=home)
    database = Database(settings.database_url)
    # The made-up people's passwords protect nothing.
    quick = Hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    app = create_app(settings, database, clock, sections, organisations=organisations, hasher=quick)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await fill(database, app[ACCOUNTS], settings.recordings, clock.now(), **size)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        yield SampleServer(f"http://127.0.0.1:{port}", await _tickets(database), database)
    finally:
        await runner.cleanup()
        await database.close()


async def _tickets(database: Database) -> dict[str, str]:
    async with database.read() as session:
        return {
            "wages": await ticket_of(session, WAGES.title, oldest=True),
            "divorce": await ticket_of(session, DIVORCE.title, oldest=True),
            "lending": await ticket_of(session, LENDING.title, oldest=True),
            "violence": await ticket_of(session, VIOLENCE.title, oldest=True),
            "wages_call": await call_of(session, WAGES.title),
            "waiting": await ticket_by_recording(session, RecordingState.WAITING),
            "aid": await case_of(session, "legal_aid"),
            "special": await case_of(session, "special_group"),
            "appointment": await case_of(session, "lawyer_appointment"),
            "damaged": await ticket_by_recording(session, RecordingState.UNREADABLE),
        }


async def take(
    folder: Path,
    sections: Sequence[Section],
    organisations: OrganisationTree | None = None,
    only: str = "",
    told: Callable[[str], None] = lambda _: None,
) -> int:
    """Take the pictures into ``folder``; return how many.

    Raises:
        PackagesError: there is no Chromium, and none can be had.
    """
    from playwright.async_api import async_playwright  # noqa: PLC0415 - only this needs it

    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - before anything runs beside it
    tool = await asyncio.to_thread(chromium)
    count = 0
    with tempfile.TemporaryDirectory() as home:
        clock = ManualClock(MOMENT)
        async with (
            sample_server(Path(home), sections, clock, organisations) as server,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(
                executable_path=tool.command[0],
                args=list(tool.command[1:]),
                env={**tool.environment()},
            )
            cookies: dict[str | None, StorageState | None] = {None: None}
            accounts = {shot.account for shot in shots(server.tickets) if shot.account}
            for account in sorted(accounts):
                cookies[account] = await _signed_in(browser, server.address, account)
            for shot in shots(server.tickets):
                if only and only not in shot.name:
                    continue
                for view in VIEWS:
                    if view.name in shot.views:
                        await _picture(
                            browser,
                            server.address + shot.path,
                            shot,
                            view,
                            cookies=cookies[shot.account],
                            file=folder / f"{shot.name}-{view.name}.png",
                        )
                        told(f"{shot.name}-{view.name}.png")
                        count += 1
            await browser.close()
    return count


async def _picture(
    browser: Browser,
    address: str,
    shot: Shot,
    view: View,
    *,
    cookies: StorageState | None,
    file: Path,
) -> None:
    context = await browser.new_context(
        storage_state=cookies,
        viewport={"width": view.width, "height": view.height},
        device_scale_factor=view.scale,
        color_scheme="dark" if view.dark else "light",
        reduced_motion="reduce",
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    page = await context.new_page()
    # The page's clock stands still too: timers show the same time in every picture.
    await page.clock.set_fixed_time(MOMENT)
    await page.goto(address)
    await page.wait_for_load_state("load")
    if _whole(shot):
        # What sticks to the window's edge would stand in the middle of a picture of it all.
        await page.evaluate("document.querySelector('.rail').style.position = 'static'")
    await page.screenshot(path=file, full_page=_whole(shot))
    await context.close()


async def _signed_in(browser: Browser, address: str, account: str) -> StorageState:
    context = await browser.new_context()
    await sign_in(await context.new_page(), address, account)
    state = await context.storage_state()
    await context.close()
    return state


def _whole(shot: Shot) -> bool:
    # The first screen is what matters on the desk; on a telephone people scroll.
    return shot.name in {"design", "ticket"}


async def sign_in(page: Page, address: str, account: str) -> None:
    """Sign in as one of the made-up people."""
    await page.goto(f"{address}/signin")
    await page.fill("input[name=account]", account)
    await page.fill("input[name=password]", PASSWORD)
    await page.click("button[type=submit]")
    await page.wait_for_url(lambda url: "/signin" not in url)
