"""The whole demonstration: an installation of its own, its processes, its calls, its verdicts."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path

import aiohttp
import structlog
from sqlalchemy import select

import config
from agents import exchange
from agents.tables import PresenceTable
from hotline import debian, settings
from hotline.asterisk import Asterisk, Kind
from hotline.calls.tables import CallTable
from hotline.clock import Clock, SystemClock
from hotline.demo import bureau, speech
from hotline.demo.company import Company
from hotline.demo.scripts import Conversation, load_cast, load_conversations
from hotline.demo.speech import Tracks
from hotline.demo.stage import Stage
from hotline.demo.verdict import Verdict, judge
from hotline.errors import HotlineError
from hotline.routing.people import Presence
from hotline.sipp import Account, Sipp
from hotline.store import Database, schema
from hotline.web.server import make_accounts

log = structlog.get_logger(__name__)

CALLER_ADDRESS = "127.0.0.2"
VERDICT_SECONDS = 180.0
"""Longest wait for a transcript and a score after a call."""
BETWEEN_CALLS_SECONDS = 12.0
"""In the endless demonstration: after a call ended, before the next one begins."""

WEB_PORT = 8080
_HEALTH_TIMEOUT = aiohttp.ClientTimeout(total=2)

Told = Callable[[str], None]
"""Says what is going on."""


class DemonstrationError(HotlineError):
    """演示没有准备好。"""

    error_id = "demo"


@dataclass(frozen=True)
class SignIn:
    """How to look at the pages."""

    address: str
    account: str
    password: str


class Show:
    """One demonstration. Use :func:`opened`."""

    def __init__(
        self, own: settings.Settings, database: Database, company: Company, stage: Stage
    ) -> None:
        self.settings = own
        self.database = database
        self.conversations = load_conversations()
        self._company = company
        self._stage = stage
        self._clock: Clock = SystemClock()

    @property
    def address(self) -> str:
        """Where the pages are."""
        return f"http://{self.settings.web.host}:{self.settings.web.port}"

    async def round(self, told: Callable[[Verdict], None]) -> list[Verdict]:
        """Play every script once; ``told`` is given each verdict as it falls.

        Raises:
            PartEndedError: a process of the demonstration went away.
        """
        since = self._clock.now()
        watch = asyncio.create_task(self._watch())
        plays = [asyncio.create_task(self._play(c, since, told)) for c in self.conversations]
        everything = asyncio.create_task(_all(plays))
        try:
            await asyncio.wait({everything, watch}, return_when=asyncio.FIRST_COMPLETED)
            if watch.done():
                watch.result()
            return await everything
        finally:
            for task in (watch, everything):
                task.cancel()
            await asyncio.gather(watch, everything, return_exceptions=True)

    async def go_on(self, told: Callable[[Verdict], None]) -> None:
        """Play the scripts again and again until cancelled."""
        while True:
            await self.round(told)
            await asyncio.sleep(BETWEEN_CALLS_SECONDS)

    async def _play(
        self, script: Conversation, since: datetime, told: Callable[[Verdict], None]
    ) -> Verdict:
        await asyncio.sleep(script.starts)
        cue = asyncio.create_task(self._cue_message(script, since))
        try:
            result = await self._stage.play(script)
        finally:
            cue.cancel()
        if not result.ok:
            log.warning("caller failed", scenario=script.id, reason=result.errors)
        deadline = time.monotonic() + VERDICT_SECONDS
        while (verdict := await judge(self.database, script, since)) is None:
            if time.monotonic() > deadline:
                verdict = Verdict.missing(script, f"{VERDICT_SECONDS:g} 秒内没有转写和评分")
                break
            await asyncio.sleep(0.5)
        told(verdict)
        return verdict

    async def _cue_message(self, script: Conversation, since: datetime) -> None:
        """Let a caller who was asked for a message speak when the recording begins."""
        while True:
            async with self.database.read() as session:
                call_id = await session.scalar(
                    select(CallTable.id)
                    .where(CallTable.number == script.number, CallTable.started_at >= since)
                    .order_by(CallTable.started_at.desc())
                )
            if call_id and any(self.settings.recordings.glob(f"{call_id}*message*")):
                self._stage.message_begins(script.number)
                return
            await asyncio.sleep(0.2)

    async def is_served(self) -> bool:
        """Whether the controller knows every telephone to be reachable."""
        async with self.database.read() as session:
            rows = list(await session.scalars(select(PresenceTable)))
        return all(row.reachable and row.state == Presence.READY for row in rows)

    async def sign_in(self) -> SignIn:
        """Make a sign-in for this demonstration; an earlier one's password ends."""
        accounts = make_accounts(self.settings, self.database, self._clock)
        password = await bureau.demonstrator(accounts)
        return SignIn(self.address, bureau.DEMONSTRATOR, password)

    async def _watch(self) -> None:
        while True:
            self._company.check()
            await asyncio.sleep(1.0)


@contextlib.asynccontextmanager
async def opened(
    home: Path, told: Told, progress: Callable[[str, float], None]
) -> AsyncIterator[Show]:
    """Set everything up, start it, and stop all of it at the end.

    Args:
        home: the demonstration's own installation; calls of earlier demonstrations are kept.
        told: hears each step.
        progress: hears of long downloads.
    """
    async with contextlib.AsyncExitStack() as stack:
        own = _settings(home)
        asterisk = Asterisk(own)
        told("准备 Asterisk 和 SIPp")
        await asyncio.to_thread(asterisk.install, progress)
        sipp = await asyncio.to_thread(debian.sipp, progress)
        told("建立数据库和演示人员")
        database = Database(own.database_url)
        stack.push_async_callback(database.close)
        await schema.upgrade(database)
        cast = load_cast()
        await bureau.settle(database, cast, SystemClock())
        told("合成提示音和对话")
        await exchange.prepare(own, database, asterisk)
        tracks = await asyncio.to_thread(_speak, home / "tracks")
        told("启动 Asterisk")
        await asterisk.start()
        stack.push_async_callback(asterisk.stop)
        # The scripts are those of a working day, whenever they are played.
        await asyncio.to_thread(asterisk.console, "dialplan set global HL_SERVICE open")
        told("启动派话、网页和转写")
        company = Company(_environment(home), home / "logs")
        stack.push_async_callback(company.stop)
        await company.start("controller", "serve", "--only", "controller")
        await company.start("web", "serve", "--only", "web")
        await company.start("work", "work")
        server = (own.asterisk.bind, own.asterisk.sip_port)
        accounts = [
            Account(phone.name, phone.secret, server)
            for phone in await exchange.telephones(own, database)
            if phone.kind is not Kind.WEBRTC
        ]
        stage = Stage(Sipp(sipp, target=server, local_ip=CALLER_ADDRESS), accounts, tracks)
        told("登记六位律师和两个服务站的话机")
        await stage.open()
        stack.push_async_callback(stage.close)
        show = Show(own, database, company, stage)
        await _ready(show, company)
        yield show


async def _all(plays: Sequence[asyncio.Task[Verdict]]) -> list[Verdict]:
    return list(await asyncio.gather(*plays))


async def _ready(show: Show, company: Company, within: float = 60.0) -> None:
    """Wait until the pages answer and the controller serves callers."""
    deadline = time.monotonic() + within
    async with aiohttp.ClientSession() as client:
        while True:
            company.check()
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                async with client.get(f"{show.address}/health", timeout=_HEALTH_TIMEOUT) as answer:
                    if answer.status == HTTPStatus.OK and await show.is_served():
                        return
            if time.monotonic() > deadline:
                raise DemonstrationError(f"{within:g} 秒内没有启动完成，请查看 {company.logs}")
            await asyncio.sleep(0.1)


def _settings(home: Path) -> settings.Settings:
    """Return the demonstration's settings: its own home, ports that are free now."""
    home.mkdir(parents=True, exist_ok=True)
    asterisk = {
        "bind": "127.0.0.1",
        "ami_port": _free_port(),
        "agi_port": _free_port(),
        "sip_port": _free_port(),
        "http_port": _free_port(),
        "https_port": _free_port(),
        "trunk_match": [CALLER_ADDRESS],
        "trunk_contact": "",
    }
    web = {"host": "127.0.0.1", "port": _free_port(WEB_PORT)}
    lines = [f"home = {json.dumps(str(home.resolve()))}", "[bureau]", 'name = "示范县司法局"']
    lines += ["[asterisk]", *(f"{name} = {json.dumps(value)}" for name, value in asterisk.items())]
    lines += ["[web]", *(f"{name} = {json.dumps(value)}" for name, value in web.items())]
    (home / "hotline.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    os.environ.update(_environment(home))
    return settings.load()


def _environment(home: Path) -> dict[str, str]:
    return {
        "HOTLINE_TOML": str((home / "hotline.toml").resolve()),
        "HOTLINE_HOME": str(home.resolve()),
        "HOTLINE_CONFIG": str(config.path("demo/bureau")),
    }


def _speak(folder: Path) -> dict[str, Tracks]:
    return {script.id: speech.render(script, folder) for script in load_conversations()}


def _free_port(wanted: int = 0) -> int:
    """Return ``wanted`` where nobody has it, else any port that is free now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
