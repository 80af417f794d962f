"""Takes a picture of every page: light, dark, on a small computer and on a telephone.

The pages are real, served from a made-up day's database (:mod:`hotline.demo.sample`) and looked at
with Chromium. A designer compares the pictures; the repository keeps them in ``docs/screens``.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from aiohttp import web
from argon2 import PasswordHasher

from hotline.clock import Clock, ManualClock
from hotline.debian import chromium
from hotline.demo.poses import POSES
from hotline.demo.sample import PASSWORD, fill
from hotline.demo.sample.cases import case_of
from hotline.demo.sample.day import call_of, ticket_by_recording, ticket_of
from hotline.demo.sample.talks import DIVORCE, LENDING, VIOLENCE, WAGES
from hotline.demo.shots import Shot, shots
from hotline.errors import HotlineError
from hotline.settings import Settings, load
from hotline.store import Base, Database
from hotline.web.context import ACCOUNTS, OrganisationTree
from hotline.web.passwords import Hasher
from hotline.web.section import Section
from hotline.web.server import create_app
from hotline.web.translating import FIRST_LANGUAGE, HTML_LANGUAGES, LANGUAGE_COOKIE
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


DESK = (
    View("light", 1440, 900),
    View("dark", 1440, 900, dark=True),
    View("1024", 1024, 768),
)
"""Taken of one page that is loaded once."""
PHONE = (View("phone", 390, 844),)
WINDOWS = ((DESK, 1.0), (PHONE, 2.0))
"""Views with how many dots make one point on that screen."""
COLOURS, SURFACES = 256, 160
"""Of a picture that is kept: our pages have few, and a palette makes a third of the size."""
AT_ONCE = 2


class PageFailedError(HotlineError):
    """页面出错，没有拍成。"""

    error_id = "page-failed"


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
    *,
    only: str = "",
    language: str = FIRST_LANGUAGE,
    told: Callable[[str], None] = lambda _: None,
) -> int:
    """Take the pictures into ``folder``; return how many.

    Raises:
        PackagesError: there is no Chromium, and none can be had.
    """
    from playwright.async_api import async_playwright  # noqa: PLC0415 - only this needs it

    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - before anything runs beside it
    tool = await asyncio.to_thread(chromium)
    with tempfile.TemporaryDirectory() as home:
        clock = ManualClock(MOMENT)
        async with (
            sample_server(Path(home), sections, clock, organisations) as server,
            async_playwright() as playwright,
        ):
            browser = await playwright.chromium.launch(
                executable_path=tool.command[0],
                args=list(tool.command[1:]),
                # What the browser itself writes: dates, the button of a file.
                env={**tool.environment(), "LANGUAGE": HTML_LANGUAGES[language]},
            )
            wanted = [shot for shot in shots(server.tickets) if only in shot.name]
            cookies: dict[str | None, StorageState | None] = {None: None}
            for account in sorted({shot.account for shot in wanted if shot.account}):
                cookies[account] = await _signed_in(browser, server.address, account)
            camera = _Camera(browser, server.address, cookies, language, folder, told)
            queue = iter(wanted)
            counts = await asyncio.gather(*(camera.take(queue) for _ in range(AT_ONCE)))
            await browser.close()
    return sum(counts)


_SETTLED = """() => {
  const dock = document.querySelector("[data-dock]");
  if (!dock) return true;
  if (!dock.querySelector("[data-bar-state]")) return false;
  return dock.dataset.phase !== "talking" || dock.dataset.told !== undefined;
}"""
"""Whether the call bar has read what it shows."""


@dataclass(frozen=True)
class _Camera:
    """Takes pages from a queue, each in all views; several cameras share a browser."""

    browser: Browser
    address: str
    cookies: Mapping[str | None, StorageState | None]
    language: str
    folder: Path
    told: Callable[[str], None]

    async def take(self, queue: Iterator[Shot]) -> int:
        """Take the pictures of what is left in ``queue``; return how many."""
        count = 0
        for shot in queue:
            for views, scale in WINDOWS:
                async with self._window(shot, views[0], scale) as page:
                    for view in views:
                        count += 1
                        await self._picture(page, shot, view)
        return count

    @asynccontextmanager
    async def _window(self, shot: Shot, view: View, scale: float) -> AsyncIterator[Page]:
        context = await self.browser.new_context(
            storage_state=self.cookies[shot.account],
            viewport={"width": view.width, "height": view.height},
            device_scale_factor=scale,
            reduced_motion="reduce",
            locale=HTML_LANGUAGES[self.language],
            timezone_id="Asia/Shanghai",
        )
        await context.add_cookies(
            [{"name": LANGUAGE_COOKIE, "value": self.language, "url": self.address}]
        )
        page = await context.new_page()
        # The page's clock stands still too: timers show the same time in every picture.
        await page.clock.set_fixed_time(MOMENT)
        answer = await page.goto(self.address + shot.path)
        if answer is not None and answer.status >= 500:
            raise PageFailedError(f"页面 {shot.path} 出错（{answer.status}），没有拍成")
        await page.wait_for_load_state("load")
        await page.wait_for_function(_SETTLED)
        if shot.pose:
            await POSES[shot.pose](page)
        if _whole(shot):
            # What sticks to the window's edge would stand in the middle of a picture of it all.
            await page.evaluate("document.querySelector('.rail').style.position = 'static'")
        yield page
        await context.close()

    async def _picture(self, page: Page, shot: Shot, view: View) -> None:
        await page.set_viewport_size({"width": view.width, "height": view.height})
        await page.emulate_media(color_scheme="dark" if view.dark else "light")
        taken = await page.screenshot(full_page=_whole(shot))
        name = f"{shot.name}-{view.name}.png"
        await asyncio.to_thread(_keep, taken, self.folder / name)
        self.told(name)


def _keep(taken: bytes, file: Path) -> None:
    """Write a picture with a palette of its own."""
    from PIL import Image  # noqa: PLC0415 - only this needs it

    with Image.open(BytesIO(taken)) as opened:
        picture = opened.convert("RGB")
    # Surfaces keep their exact colours, and so do the few dots of a colour that tells a state.
    rest = COLOURS - SURFACES
    rough = picture.quantize(rest, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    often = sorted(picture.getcolors(picture.width * picture.height) or [], reverse=True)
    palette = Image.new("P", (1, 1))
    exact = [part for _, colour in often[:SURFACES] for part in cast("tuple[int, ...]", colour)]
    palette.putpalette(exact + (rough.getpalette() or [])[: 3 * rest])
    picture.quantize(palette=palette, dither=Image.Dither.NONE).save(file)


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
