"""A house for calls: a real Asterisk with our dialplan, people, telephones, a controller."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from agents.people import wish
from agents.tables import AgentTable, OrganisationTable, PresenceTable
from hotline import debian
from hotline.asterisk import Asterisk, Endpoint, Kind, Rendering
from hotline.calls.tables import CallStepTable, CallTable
from hotline.casework.tables import Case
from hotline.routing.people import Wish
from hotline.routing.tables import OfferTable
from hotline.settings import Settings
from hotline.sipp import Account, Caller, HangUp, Phone, Ringing, Sipp, Stay, Wait
from hotline.store import Database
from hotline.store.discovery import all_tables
from tests.acceptance.conftest import asterisk_settings
from tests.acceptance.menu import rated, short_menu

SECRET = "secret-of-test-phones"

CONTROLLER = """
import asyncio, sys
from datetime import timedelta
from agents import switchboard
from hotline import settings
from hotline.app.running import configure_logging
from hotline.clock import SystemClock
from hotline.routing.rounds import Rounds
from hotline.store import Database

configure_logging()
own = settings.load()

class Stepped(SystemClock):
    # The machine's clock, as somebody sets it: what a file says is added.
    def now(self):
        try:
            step = float((own.home / 'clock-step').read_text() or 0)
        except OSError:
            step = 0.0
        return super().now() + timedelta(seconds=step)

async def run():
    database = Database(own.database_url)
    try:
        served = switchboard.service(own, database, Stepped())
        if (own.home / 'rounds').exists():
            served.rounds = Rounds(served.controller, float((own.home / 'rounds').read_text()))
        await served.run((own.home / 'up').touch)
    finally:
        await database.close()

asyncio.run(run())
"""
"""The controller as a process of its own."""

POLICY = """
version: 1
ring_seconds: 4
ladder:
  - {after: 0, to: skilled, level: 2}
  - {after: 2, to: skilled, level: 1}
  - {after: 3, to: lawyers}
  - {after: 4, to: home_station}
  - {after: 5, to: stations}
  - {after: 60, to: voicemail}
nobody_seconds: 60
priorities: {normal: {name: 普通, head_start: 0, longest: 120}}
wrapup_seconds: {lawyer: 1, station: 1}
missed_limit: 3
again_after: 5
callback: {enabled: false}
"""


@dataclass(frozen=True)
class Somebody:
    """A person of the test house."""

    id: str
    skills: Mapping[str, int] = field(default_factory=lambda: {"wages": 3})
    kind: str = "lawyer"
    place: str = "district"
    wish: str = "ready"
    contact: str | None = None
    browser: bool = False

    @property
    def endpoint(self) -> Endpoint:
        """Their telephone, as Asterisk knows it."""
        if self.contact:
            return Endpoint(self.id, contact=self.contact, qualify=0)
        kind = Kind.WEBRTC if self.browser else Kind.SIP
        return Endpoint(self.id, kind, secret=SECRET)


class Switched(Phone):
    """A telephone that can be switched off and on again: it keeps its place and says nothing."""

    off = False

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Take a message, while it is on."""
        if not self.off:
            super().datagram_received(data, addr)


class House:
    """Everything that a call needs, and what is left of it."""

    def __init__(self, asterisk: Asterisk, settings: Settings, database: Database) -> None:
        self.asterisk = asterisk
        self.settings = settings
        self.database = database
        self.policy = settings.home / "config" / "routing.yaml"
        self.phones: dict[str, Switched] = {}
        self._started: list[Switched] = []
        """Also those that another one under the same name has followed."""
        self.tool = debian.sipp()
        self.sipp = Sipp(self.tool, target=self.address)
        self.process: asyncio.subprocess.Process | None = None
        self.ami_port = settings.asterisk.ami_port

    @property
    def address(self) -> tuple[str, int]:
        own = self.settings.asterisk
        return own.bind, own.sip_port

    # -- people ------------------------------------------------------------------------------

    async def staff(self, people: Sequence[Somebody]) -> None:
        async with self.database.write() as session:
            places = {}
            for code in {p.place for p in people}:
                row = OrganisationTable(kind="township", code=code, name=code, numbers=[])
                if code != "district":
                    row.numbers = ["0930661"]
                session.add(row)
                await session.flush()
                places[code] = row.id
            for n, person in enumerate(people):
                session.add(
                    AgentTable(
                        id=person.id,
                        staff_no=str(100 + n),
                        name=f"人员{n}",
                        kind=person.kind,
                        organisation_id=places[person.place],
                        skills=dict(person.skills),
                        endpoint=f"PJSIP/{person.id}",
                    )
                )
                await session.flush()
                session.add(
                    PresenceTable(
                        agent_id=person.id,
                        state="ready",
                        wish=person.wish,
                        since=datetime.now(UTC),
                    )
                )

    async def sign_in(self, agent_ids: Sequence[str], wanted: Wish = Wish.READY) -> None:
        async with self.database.write() as session:
            for agent_id in agent_ids:
                await wish(session, agent_id, wanted, now=datetime.now(UTC))

    async def phone(self, name: str, on_call: Callable[[Ringing], Awaitable[None]]) -> Switched:
        phone = Switched(Account(name, SECRET, self.address), on_call)
        await phone.start()
        self._started.append(phone)
        self.phones[name] = phone
        return phone

    # -- callers -----------------------------------------------------------------------------

    async def call(self, number: str, *steps: Any) -> Any:
        return await self.sipp.start(Caller(number, steps or (Stay(60),)))

    async def call_and_hang_up(self, number: str, after: float) -> Any:
        return await self.sipp.start(Caller(number, (Wait(after), HangUp())))

    # -- the controller ----------------------------------------------------------------------

    async def start_controller(self) -> None:
        """Start it as a process of its own, and wait until it serves."""
        code = CONTROLLER
        up = self.settings.home / "up"
        up.unlink(missing_ok=True)
        log = (self.settings.home / "controller.log").open("ab")
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            code,
            stdout=log,
            stderr=log,
            env={**os.environ, **self.environment},
        )
        log.close()

        async def serves() -> bool:
            assert self.process is not None
            assert self.process.returncode is None, self.log()
            return up.exists()

        await self.until(serves, 60, "the controller serves")

    @property
    def environment(self) -> dict[str, str]:
        own = self.settings.asterisk
        return {
            "HOTLINE_HOME": str(self.settings.home),
            "HOTLINE_CONFIG": str(self.settings.home / "config"),
            "HOTLINE_ASTERISK__AMI_PORT": str(self.ami_port),
            "HOTLINE_ASTERISK__SIP_PORT": str(own.sip_port),
            "HOTLINE_TOML": str(self.settings.home / "none.toml"),
            "HOTLINE_DATABASE": self.settings.database,
        }

    async def kill_controller(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()
        self.process = None

    async def stop_controller(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGINT)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(10):
                    await self.process.wait()
            if self.process.returncode is None:
                await self.kill_controller()
        self.process = None

    def log(self) -> str:
        return (self.settings.home / "controller.log").read_text(errors="replace")[-6000:]

    # -- what is left ------------------------------------------------------------------------

    async def calls(self) -> list[CallTable]:
        async with self.database.read() as session:
            return list(await session.scalars(select(CallTable).order_by(CallTable.started_at)))

    async def offers(self) -> list[OfferTable]:
        async with self.database.read() as session:
            return list(await session.scalars(select(OfferTable).order_by(OfferTable.made_at)))

    async def tickets(self) -> list[Case]:
        async with self.database.read() as session:
            return list(await session.scalars(select(Case).where(Case.service == "ticket")))

    async def one_ticket_each(self, calls: Sequence[CallTable]) -> None:
        """Wait until each call has its ticket; more than one a call, or for others, fails."""

        async def all_there() -> bool:
            return len(await self.tickets()) >= len(calls)

        await self.until(all_there, 30, "a ticket for each call")
        found = Counter(ticket.call_id for ticket in await self.tickets())
        assert found == Counter({call.id: 1 for call in calls})

    async def words(self, call_id: str) -> list[str]:
        async with self.database.read() as session:
            query = select(CallStepTable).where(CallStepTable.call_id == call_id)
            rows = await session.scalars(query.order_by(CallStepTable.at, CallStepTable.id))
            return [row.words for row in rows]

    async def until(
        self, true: Callable[[], Awaitable[Any]], seconds: float = 45.0, what: str = ""
    ) -> Any:
        """Wait until something is so; the deadline fails the test with the controller's log."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            found = await true()
            if found:
                return found
            if asyncio.get_running_loop().time() > deadline:
                seen = [(c.id, c.outcome, c.agent_id) for c in await self.calls()]
                pytest.fail(f"not within {seconds} s: {what}\n{seen}\n{self.log()}")
            await asyncio.sleep(0.05)

    async def ended(self, count: int, seconds: float = 60.0) -> list[CallTable]:
        async def over() -> list[CallTable]:
            rows = await self.calls()
            done = [row for row in rows if row.ended_at is not None]
            return done if len(done) >= count else []

        return list(await self.until(over, seconds, f"{count} calls over"))

    async def close(self) -> None:
        await self.sipp.close()
        await self.stop_controller()
        for phone in self._started:
            await phone.stop()
        await self.database.close()


@contextlib.asynccontextmanager
async def opened_house(
    folder: Path,
    people: Sequence[Somebody],
    policy: str = POLICY,
    database_url: str = "",
    *,
    silence_seconds: int = 45,
) -> AsyncIterator[House]:
    """Open a house for some people; everything is stopped at the end.

    After so many seconds without sound a browser is given up.
    """
    settings = asterisk_settings(folder)
    settings = settings.model_copy(update={"database": database_url})
    asterisk = Asterisk(settings)
    asterisk.install()
    asterisk.render(Rendering(endpoints=[p.endpoint for p in people]))
    (asterisk.layout.etc / "ivr.conf").write_text(short_menu(rated()))
    telephones = asterisk.layout.etc / "pjsip_endpoints.conf"
    told = telephones.read_text().replace("rtp_timeout = 45", f"rtp_timeout = {silence_seconds}")
    telephones.write_text(told)
    database = Database(settings.database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(all_tables().create_all)
    home = House(asterisk, settings, database)
    try:
        home.policy.parent.mkdir(parents=True)
        home.policy.write_text(policy)
        await asterisk.start()
        await home.staff(people)
        yield home
    finally:
        try:
            await home.close()
        finally:
            await asterisk.stop()
