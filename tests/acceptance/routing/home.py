"""A house with the world behind its trunk, in which many scenes play at once.

Every scene has people, callers and a topic of its own (the two digits in the middle of its
callers' numbers), so that none is in another's way.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select, update

from agents import switchboard
from agents.directory.file import load
from agents.directory.keeping import keep
from agents.people import wish
from agents.tables import PresenceTable
from hotline.asterisk import Asterisk, Endpoint, Rendering
from hotline.calls.tables import CallBackTable, CallTable
from hotline.routing.people import Wish
from hotline.routing.tables import OfferTable
from hotline.settings import Settings
from hotline.sipp import Account, Ringing, addresses
from hotline.store import Base, Database
from tests.acceptance.conftest import asterisk_settings
from tests.acceptance.house import SECRET, House, Switched

assert switchboard, "brings the tables of everything that the controller uses"

TRUNK = "127.0.0.2"
"""The trunk's address, from which calls may come; calls to the outside end there too."""

Answer = Callable[[Ringing], Awaitable[None]]


async def refuse(call: Ringing) -> None:
    """Nobody answers at this number."""
    call.reject()


def dialled(call: Ringing) -> str:
    """Return the number that was dialled."""
    return call.invite.start.partition("sip:")[2].partition("@")[0]


class Outside:
    """The world behind the trunk: who answers at which number."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.phone: Switched | None = None
        self.rung: defaultdict[str, list[str]] = defaultdict(list)
        """By number: whose number each ring showed."""
        self.answers: dict[str, Answer] = {}

    async def listen(self, server: tuple[str, int]) -> None:
        """Be there before Asterisk looks for us."""

        async def answer(call: Ringing) -> None:
            self.rung[dialled(call)].append(call.number)
            await self.answers.get(dialled(call), refuse)(call)

        self.phone = Switched(Account("trunk", "", server), answer, address=TRUNK)
        await self.phone.listen(self.port)


class Home(House):
    """A house with the world outside."""

    outside: Outside
    rung: defaultdict[str, list[str]]
    """By person: whose calls rang at their telephone."""

    async def answers(self, name: str, on_call: Answer) -> None:
        """Let somebody's telephone do something from now on."""

        async def ring(call: Ringing) -> None:
            self.rung[name].append(call.number)
            await on_call(call)

        await self.phone(name, ring)

    async def talks(self, name: str, seconds: float = 0.5) -> None:
        """Let somebody answer every call and talk for a while."""

        async def talk(call: Ringing) -> None:
            await call.answer()
            await asyncio.sleep(seconds)
            await call.hang_up()

        await self.answers(name, talk)

    async def rang(self, name: str, number: str) -> bool:
        """Whether a caller's call rang at somebody's telephone."""
        return number in self.rung[name]

    async def hang_up_the_telephones(self) -> None:
        """Take every telephone off the net, so that Asterisk's own queue finds none."""
        for phone in self._started:
            await phone.stop()
        self._started.clear()
        self.phones.clear()

    async def reads(self, words: str, seconds: float = 15) -> None:
        """Wait until the controller says something in its log."""
        log = self.settings.home / "controller.log"

        async def told() -> bool:
            return words in await asyncio.to_thread(log.read_text)

        await self.until(told, seconds, f"the controller says {words}")

    @staticmethod
    def seconds_since(when: datetime) -> float:
        """Return how long ago something was."""
        return (datetime.now(UTC) - when).total_seconds()

    async def pauses(self, name: str) -> None:
        """Let nobody be offered to this person, until they sign in."""
        async with self.database.write() as session:
            await wish(session, name, Wish.PAUSED, now=datetime.now(UTC))

    async def over(self, number: str, outcome: str, seconds: float = 30) -> CallTable:
        """Wait until a call from or to a number is over in this way."""

        async def found() -> CallTable | None:
            query = select(CallTable).where(
                CallTable.number == number,
                CallTable.outcome == outcome,
                CallTable.ended_at.is_not(None),
            )
            async with self.database.read() as session:
                row: CallTable | None = await session.scalar(query.limit(1))
            return row

        row: CallTable = await self.until(found, seconds, f"{number} is over: {outcome}")
        return row

    async def back(self, number: str, seconds: float = 40) -> CallBackTable:
        """Wait until the call-back of a number is closed."""

        async def found() -> CallBackTable | None:
            query = select(CallBackTable).where(
                CallBackTable.number == number, CallBackTable.closed_at.is_not(None)
            )
            async with self.database.read() as session:
                row: CallBackTable | None = await session.scalar(query)
            return row

        row: CallBackTable = await self.until(found, seconds, f"call-back of {number} closed")
        return row

    async def offered(self, *names: str) -> list[OfferTable]:
        """Return the offers to these people, in order."""
        return [offer for offer in await self.offers() if offer.agent_id in names]

    async def presence(self, name: str) -> PresenceTable | None:
        """Return what a person is doing."""
        async with self.database.read() as session:
            row: PresenceTable | None = await session.get(PresenceTable, name)
        return row

    async def variable(self, number: str, name: str) -> str:
        """Return a variable of the leg from a number."""
        text = await asyncio.to_thread(self.asterisk.console, "core show channels concise")
        for line in text.splitlines():
            fields = line.split("!")
            if len(fields) > 7 and fields[7] == number:
                shown = await asyncio.to_thread(
                    self.asterisk.console, f"core show channel {fields[0]}"
                )
                for found in shown.splitlines():
                    if found.strip().startswith(f"{name}="):
                        return str(found)
        return ""


Scenes = Mapping[str, Callable[[Home], Awaitable[None]]]


@contextlib.asynccontextmanager
async def played(home: Home, scenes: Scenes) -> AsyncIterator[dict[str, asyncio.Task[None]]]:
    """Start the controller, and let all scenes play at once, each as a task that fails as it does.

    Whatever still plays at the end is ended.
    """

    async def play(scene: Callable[[Home], Awaitable[None]]) -> None:
        await scene(home)

    await home.start_controller()
    tasks = {name: asyncio.create_task(play(scene)) for name, scene in scenes.items()}
    yield tasks
    for task in tasks.values():
        task.cancel()


@dataclass(frozen=True)
class Furniture:
    """What a house is opened with."""

    people: str
    """As ``hotline people load`` takes them."""
    topics: Collection[str]
    ready: Collection[str]
    """Who is signed in from the beginning."""
    policy: str
    sentences: Callable[[Asterisk, Settings], None]
    """Writes the menu and what is said."""
    qualify: int = 15
    """Seconds between two checks whether a telephone is there."""


ALWAYS = """
hotline: &day {workdays: ["00:00-24:00"], weekends: ["00:00-24:00"], holidays: ["00:00-24:00"]}
office: *day
"""


@contextlib.asynccontextmanager
async def opened_home(folder: Path, given: Furniture) -> AsyncIterator[Home]:
    """Open a house; its controller is not started yet."""
    outside = Outside(addresses.free_udp_port(TRUNK))
    settings = asterisk_settings(folder / "home")
    own = settings.asterisk.model_copy(update={"trunk_contact": f"sip:{TRUNK}:{outside.port}"})
    settings = settings.model_copy(update={"asterisk": own})
    (folder / "people.yaml").write_text(given.people, encoding="utf-8")
    people = load(folder / "people.yaml", frozenset(given.topics), set())
    asterisk = Asterisk(settings)
    asterisk.install()
    telephones = [
        Endpoint(p.id, secret=SECRET, qualify=given.qualify) for p in people.people if not p.number
    ]
    asterisk.render(Rendering(endpoints=telephones))
    _look_often(asterisk, given.qualify)
    given.sentences(asterisk, settings)
    database = Database(settings.database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with database.write() as session:
        await keep(session, people, "trunk", datetime.now(UTC))
        await session.execute(
            update(PresenceTable)
            .where(PresenceTable.agent_id.in_(given.ready))
            .values(wish="ready")
        )
    home = Home(asterisk, settings, database)
    home.outside, home.rung = outside, defaultdict(list)
    try:
        (home.policy.parent / "calendar").mkdir(parents=True)
        home.policy.write_text(given.policy, encoding="utf-8")
        (home.policy.parent / "calendar" / "hours.yaml").write_text(ALWAYS, encoding="utf-8")
        await outside.listen(home.address)
        await asterisk.start()
        yield home
    finally:
        try:
            await home.close()
        finally:
            if outside.phone is not None:
                outside.phone.vanish()
            await asterisk.stop()


def _look_often(asterisk: Asterisk, seconds: int) -> None:
    """Have the trunk checked as often as the telephones, and not every half a minute."""
    file = asterisk.layout.etc / "pjsip.conf"
    told = file.read_text().replace("qualify_frequency = 30", f"qualify_frequency = {seconds}")
    file.write_text(told)
