"""A lawyer with a browser: a real Asterisk, the controller, the pages, and Chromium.

All tests of this folder share one house and one Chromium; each has windows of its own, and
:meth:`Desk.settle` leaves nothing of it to the next.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from aiohttp import web
from argon2 import PasswordHasher
from numpy.typing import NDArray
from playwright.async_api import Browser, BrowserContext, Page, expect
from sqlalchemy import delete, select

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents import exchange, switchboard
from agents.people import wish
from agents.phones.lines import browser_endpoint
from agents.places import organisation_tree
from agents.routes import section as agents_section
from agents.tables import AgentTable, OrganisationTable, PresenceTable
from agents.talks.routes import section as talks_section
from hotline import debian
from hotline.ami import Link, Mailbox, actions
from hotline.asterisk import Asterisk, Rendering
from hotline.calls.tables import CallTable
from hotline.clock import SystemClock
from hotline.routing.people import Wish
from hotline.settings import Settings
from hotline.sipp import Caller, Ringing, Sipp, Stay, addresses, alaw
from hotline.store import Base, Database
from hotline.web.accounts import NewUser
from hotline.web.context import ACCOUNTS
from hotline.web.passwords import Hasher
from hotline.web.permissions import Role
from hotline.web.server import create_app
from hotline.web.tables import WebSession
from knowledge_base.routes import section as knowledge_section
from tests.acceptance.chromium import launched
from tests.acceptance.menu import CALLERS, short_menu
from tests.acceptance.outside import TRUNK, Outside
from tests.acceptance.sounds import LAWYER, SUPERVISOR, THIRD

from ..conftest import asterisk_settings  # noqa: TID252

PASSWORD = "Zhongxin-2026"
CALLER, MOBILE = "13812345678", "13900000101"
WAVE_HEAD = 44

SURVEY = """
exten => s,1,UserEvent(HLSurvey,Call: ${HL_CALL},Question: satisfaction,Answer: 1)
 same => n,Hangup(16)
"""


def chirp(low: float, high: float, seconds: float, rate: int = alaw.RATE) -> NDArray[np.int16]:
    """A sound that resembles itself at one place only."""
    times = np.arange(int(seconds * rate)) / rate
    phase = 2 * np.pi * (low * times + (high - low) * times**2 / (2 * seconds))
    return (np.sin(phase) * 9000).astype(np.int16)


def likeness(heard: NDArray[np.int16], said: NDArray[np.int16]) -> float:
    """The correlation of ``said`` with ``heard`` where it fits best, from 0 to 1."""
    one, two = heard.astype(float), said.astype(float)
    if len(one) < len(two):
        return 0.0
    products = np.correlate(one, two, "valid")
    best = int(np.argmax(np.abs(products)))
    there = one[best : best + len(two)]
    scale = float(np.linalg.norm(there) * np.linalg.norm(two))
    return float(abs(products[best]) / scale) if scale else 0.0


QUESTION = chirp(400, 1500, 0.8)
ANSWER = chirp(2400, 900, 0.8)
VOICES = {"wang": LAWYER, "li": THIRD, "zhou": SUPERVISOR}
"""What everybody says who speaks only when told to."""


async def heard_on(page: Page, since: int = 0) -> NDArray[np.int16]:
    """What the page's loudspeaker was given, from a sample on."""
    text = await page.evaluate("since => heardSince(since)", since)
    return np.frombuffer(base64.b64decode(text), np.int16)


def write(file: Path, sound: NDArray[np.int16], rate: int) -> None:
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(sound.tobytes())


def read(file: Path) -> NDArray[np.int16]:
    """What a recording holds; its head tells how much only when it is done."""
    return np.frombuffer(file.read_bytes()[WAVE_HEAD:], np.int16)


@dataclass
class Desk:
    """What surrounds the lawyer."""

    settings: Settings
    asterisk: Asterisk
    database: Database
    address: str
    sipp: Sipp
    browser: Browser
    folder: Path
    outside: Outside
    link: Link
    contexts: list[BrowserContext] = field(default_factory=list)
    ringing: list[asyncio.Task[Any]] = field(default_factory=list)

    async def page(
        self, account: str = "wang", context: BrowserContext | None = None, *, silent: bool = False
    ) -> Page:
        """Open the seat as one of the people, with a clear microphone.

        Who is ``silent`` speaks only when told to (``window.say()``); else the browser's one voice
        is heard again and again.
        """
        if context is None:
            context = await self.browser.new_context(
                locale="zh-CN",
                viewport={"width": 1440, "height": 900},
                permissions=["microphone"],
                reduced_motion="reduce",
            )
            await context.add_init_script("localStorage.setItem('hotline.sound.clear', 'no')")
            await context.add_init_script(HEAR)
            if silent:
                await context.add_init_script(f"{SAY}({VOICES[account].tolist()})")
            self.contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(15000)
        if await self._signs_in(page):
            await self.sign_in(page, account)
            await page.goto(f"{self.address}/seat")
        return page

    async def sign_in(self, page: Page, account: str = "wang") -> None:
        """Fill the form of a page that asks who is there."""
        await page.fill("input[name=account]", account)
        await page.fill("input[name=password]", PASSWORD)
        await page.click("button[type=submit]")
        await page.wait_for_url(lambda url: "/signin" not in url)

    async def _signs_in(self, page: Page) -> bool:
        await page.goto(f"{self.address}/seat")
        return "/signin" in page.url

    async def ready(self, page: Page) -> None:
        """Wait until the telephone is registered and the lawyer is free."""
        await expect(page.locator("[data-dock]")).to_have_attribute("data-phone", "ready")
        await expect(page.locator(".bar-me")).to_contain_text("空闲")

    async def rings_in(self) -> Ringing:
        """Let somebody call whose ear and voice are ours; return their end of it."""
        number = f"138{len(self.ringing):08d}"
        out = actions.Originate(f"PJSIP/{number}@trunk", "callers", number)
        self.ringing.append(asyncio.create_task(self.link.originate(out)))
        return await self.outside.answers(number)

    async def call(self, *steps: Any) -> Any:
        return await self.sipp.start(Caller(CALLER, steps or (Stay(60),)))

    async def until(self, true: Callable[[], Awaitable[Any]], seconds: float = 15.0) -> Any:
        async with asyncio.timeout(seconds):
            while not (found := await true()):
                await asyncio.sleep(0.05)
        return found

    async def settle(self) -> None:
        """Close every window, wait for the calls to end, and let Wang be free again."""
        for context in self.contexts:
            await context.close()
        self.contexts.clear()
        # What a failed test left talking must not ring through the next one.
        await asyncio.to_thread(self.asterisk.console, "channel request hangup all")
        await self.until(self._quiet)
        async with self.database.write() as session:
            await session.execute(delete(WebSession))
            await wish(session, "wang", Wish.READY, by="wang", now=datetime.now(UTC))

    async def _quiet(self) -> bool:
        async with self.database.read() as session:
            running = select(CallTable.id).where(CallTable.ended_at.is_(None)).limit(1)
            return await session.scalar(running) is None

    async def the_call(self) -> CallTable:
        """Return the newest call."""
        async with self.database.read() as session:
            rows = await session.scalars(select(CallTable).order_by(CallTable.started_at.desc()))
            return rows.first() or pytest.fail("there was no call")

    async def leg(self, name: str) -> NDArray[np.int16]:
        """Everything that was recorded so far of one leg of the newest call, file after file."""
        call = await self.the_call()
        files = sorted(
            self.settings.recordings.glob(f"{call.id}-*.{name}.wav"),
            key=lambda f: f.stat().st_mtime,
        )
        return np.concatenate([read(file) for file in files] or [np.zeros(0, np.int16)])


HEAR = """
// What the page's loudspeaker is given, as 8 kHz samples, for the test to compare.
window.heard = [];
window.heardSince = (first) => {
  // As text: to read long lists of numbers holds up everybody who shares the test's loop.
  const bytes = new Uint8Array(Int16Array.from(window.heard.slice(first)).buffer);
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
};
addEventListener("DOMContentLoaded", () => {
  const speaker = document.querySelector("[data-remote]");
  if (!speaker) return;
  let known = null;
  setInterval(() => {
    const stream = speaker.srcObject;
    if (!stream || stream === known) return;
    known = stream;
    const context = new AudioContext({sampleRate: 8000});
    const tap = context.createScriptProcessor(1024, 1, 1);
    tap.onaudioprocess = (event) => {
      for (const x of event.inputBuffer.getChannelData(0)) {
        window.heard.push(Math.round(Math.max(-1, Math.min(1, x)) * 32767));
      }
    };
    context.createMediaStreamSource(stream).connect(tap);
    tap.connect(context.destination);
  }, 50);
});
"""


SAY = """
// A microphone that says its sound when it is told to.
((samples) => {
  const context = new AudioContext({sampleRate: 48000});
  const sound = context.createBuffer(1, samples.length, 8000);
  sound.copyToChannel(Float32Array.from(samples, (one) => one / 32768), 0);
  const mouth = context.createMediaStreamDestination();
  navigator.mediaDevices.getUserMedia = async () => mouth.stream.clone();
  window.say = () => new Promise((done) => {
    const once = new AudioBufferSourceNode(context, {buffer: sound});
    once.connect(mouth);
    once.onended = done;
    once.start();
  });
})
"""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> AsyncIterator[Desk]:
    """A bureau with one lawyer, Wang, who answers in the browser; for the whole run."""
    async with opened(tmp_path_factory.mktemp("house"), browser) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def desk(house: Desk) -> AsyncIterator[Desk]:
    """The bureau, with nothing going on in it; Wang is free."""
    yield house
    await house.settle()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """Chromium whose microphone says :data:`ANSWER` again and again."""
    async with speaking(tmp_path_factory.mktemp("voice")) as one:
        yield one


@contextlib.asynccontextmanager
async def speaking(folder: Path) -> AsyncIterator[Browser]:
    """Launch a Chromium that speaks; its voice is kept in the folder."""
    voice = folder / "voice.wav"
    silence = np.zeros(int(0.4 * 48000), np.int16)
    write(voice, np.concatenate([chirp(2400, 900, 0.8, 48000), silence]), 48000)
    async with launched(
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={voice}",
        "--autoplay-policy=no-user-gesture-required",
    ) as one:
        yield one


@contextlib.asynccontextmanager
async def opened(tmp_path: Path, browser: Browser) -> AsyncIterator[Desk]:
    """Open the bureau in a folder."""
    outside = Outside(addresses.free_udp_port(TRUNK))
    settings = asterisk_settings(tmp_path / "home")
    own = settings.asterisk.model_copy(update={"trunk_contact": f"sip:{TRUNK}:{outside.port}"})
    settings = settings.model_copy(update={"asterisk": own})
    await outside.listen((own.bind, own.sip_port))
    database = Database(settings.database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await _staff(database)
    asterisk = Asterisk(settings)
    asterisk.install()
    asterisk.render(Rendering(endpoints=await exchange.telephones(settings, database)))
    (asterisk.layout.etc / "ivr.conf").write_text(CALLERS + short_menu(SURVEY))
    await asterisk.start()
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        stack.push_async_callback(asterisk.stop)
        stack.callback(outside.vanish)
        address = await stack.enter_async_context(_served(settings, database))
        await stack.enter_async_context(_controlled(settings, database))
        sipp = await stack.enter_async_context(_callers(asterisk))
        link = await stack.enter_async_context(Link(asterisk.address, on_event=Mailbox()))
        yield Desk(settings, asterisk, database, address, sipp, browser, tmp_path, outside, link)


PEOPLE = (("wang", "王晓梅", {"wages": 3}), ("li", "李敏", {}), ("zhou", "周班长", {}))
"""Wang knows the matter; Li is asked for advice; Zhou is the supervisor."""


async def _staff(database: Database) -> None:
    now = datetime.now(UTC)
    async with database.write() as session:
        place = OrganisationTable(kind="district", code="district", name="示范县")
        session.add(place)
        await session.flush()
        for number, (account, name, skills) in enumerate(PEOPLE, 101):
            session.add(
                AgentTable(
                    id=account,
                    staff_no=str(number),
                    name=name,
                    kind="lawyer",
                    organisation_id=place.id,
                    skills=skills,
                    endpoint=f"PJSIP/{browser_endpoint(account)}",
                    desk=f"PJSIP/{account}",
                    mobile=MOBILE if account == "wang" else "",
                )
            )
            await session.flush()
            session.add(PresenceTable(agent_id=account, state="ready", wish="ready", since=now))


@contextlib.asynccontextmanager
async def _served(settings: Settings, database: Database) -> AsyncIterator[str]:
    quick = Hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    app = create_app(
        settings,
        database,
        SystemClock(),
        [agents_section, talks_section, knowledge_section],
        organisations=organisation_tree,
        hasher=quick,
    )
    runner = web.AppRunner(app, shutdown_timeout=2)
    await runner.setup()
    for account, name, _ in PEOPLE:
        roles = {Role.LAWYER} | ({Role.SUPERVISOR} if account == "zhou" else set())
        user = NewUser(account, name, frozenset(roles), agent_id=account)
        await app[ACCOUNTS].add(user, PASSWORD)
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def _controlled(settings: Settings, database: Database) -> AsyncIterator[None]:
    up = asyncio.Event()
    task = asyncio.create_task(switchboard.service(settings, database).run(up.set))
    try:
        async with asyncio.timeout(20):
            await up.wait()
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@contextlib.asynccontextmanager
async def _callers(asterisk: Asterisk) -> AsyncIterator[Sipp]:
    own = asterisk.settings.asterisk
    async with Sipp(debian.sipp(), target=(own.bind, own.sip_port)).opened() as driver:
        yield driver
