"""One house for all scenes: callers who are held, joined by thirds, handed on and listened to.

The world outside (callers, mobiles, the police) is one telephone behind the trunk, so that what
each of them hears can be held against what was said. Scenes have people and a topic of their own
and are played at once; who disturbs the others (a controller that dies) is played after them.
"""

from __future__ import annotations

import asyncio
import importlib.util
import itertools
import sys
import wave
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from numpy.typing import NDArray
from sqlalchemy import select, update

from agents.tables import AgentTable
from hotline.ami import Link, Mailbox, actions
from hotline.asterisk import Asterisk, Endpoint, Rendering
from hotline.routing.tables import TrunkTable
from hotline.sipp import Ringing, addresses, alaw
from hotline.store import Base, Database, Outbox
from hotline.talks.orders import Kind, Order, order
from hotline.talks.tables import CallOrderTable, TalkTable
from tests.acceptance.outside import TRUNK, Outside
from tests.acceptance.sounds import GREETING, LOST, is_in


def _routing() -> Any:
    """The house of the routing tests, a folder beside."""
    name = "acceptance_routing_conftest"
    if name in sys.modules:
        return sys.modules[name]
    file = Path(__file__).parents[1] / "routing" / "conftest.py"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


routing = _routing()
Somebody = routing.Somebody
AT_ONCE = 2
"""Scenes that are played at the same time; each speaks in real time and costs little."""

IVR = """
[ivr-numbers]
exten => 12348,1,Goto(ivr,s,1)
[callers]
exten => _X.,1,Set(CALLERID(all)=${EXTEN})
 same => n,Goto(from-trunk,12348,1)
[ivr]
exten => s,1,Answer(,i)
 same => n,Set(HL_LANG=zh)
 same => n,Set(HL_TOPIC=${HL_SCENE})
 same => n,Set(HL_PATH=1)
 same => n,UserEvent(HLMenu,Call: ${HL_CALL},Menu: main,Key: 1,Result: option)
 same => n,UserEvent(HLMenuDone,Call: ${HL_CALL},Topic: ${HL_TOPIC},Lang: zh,Path: 1)
 same => n,Goto(waiting-room,s,1)
[survey]
exten => s,1,Read(KEY,,1,,1,3)
 same => n,GotoIf($["${KEY}" = ""]?bye)
 same => n,UserEvent(HLSurvey,Call: ${HL_CALL},Question: satisfaction,Answer: ${KEY})
 same => n(bye),Hangup(16)
"""

POLICY = """
version: 1
ring_seconds: 4
ladder: [{after: 0, to: skilled, level: 1}]
nobody_seconds: 60
priorities:
  normal: {name: 普通, head_start: 0, longest: 120}
  emergency: {name: 紧急, head_start: 600, longest: 60}
wrapup_seconds: {lawyer: 1, station: 1}
missed_limit: 3
again_after: 5
callback: {enabled: false}
"""

TALKS = """
version: 1
outside:
  - {code: "110", name: 公安报警, number: "110", trunk: trunk}
  - {code: "120", name: 医疗急救, number: "120", trunk: trunk}
bases: [{code: quality, name: 服务质量检查}]
dial_trunk: trunk
ring_seconds: 12
warn_minutes: [0.05]
"""


def now() -> datetime:
    return datetime.now(UTC)


# -- who acts --------------------------------------------------------------------------------


@dataclass
class Seat:
    """A person's telephone that answers whatever rings, and keeps the calls."""

    home: Any
    name: str
    calls: list[Ringing] = field(default_factory=list)

    async def take(self, call: Ringing) -> None:
        await call.answer()
        self.calls.append(call)
        await call.ended

    @property
    def call(self) -> Ringing:
        return self.calls[-1]

    async def answered(self, count: int = 1) -> Ringing:
        async def there() -> bool:
            return len(self.calls) >= count

        await self.home.until(there, 20, f"{self.name} answers call {count}")
        return self.calls[count - 1]


@dataclass
class Desk:
    """Asks for acts as a page does, and waits for the answers."""

    home: Any
    call_id: str
    agent_id: str
    by: str = ""

    async def ask(self, kind: str, target: str = "", reason: str = "") -> CallOrderTable:
        asked = Order(
            Kind(kind), self.call_id, self.agent_id, self.by or self.agent_id, target, reason
        )
        async with self.home.database.write() as session:
            number = await order(session, asked, datetime.now(UTC))

        async def done() -> CallOrderTable | None:
            async with self.home.database.read() as session:
                row = await session.get(CallOrderTable, number)
            return row if row is not None and row.done_at is not None else None

        row = await self.home.until(done, 15, f"{kind} is answered")
        assert isinstance(row, CallOrderTable)
        return row

    async def does(self, kind: str, target: str = "", reason: str = "") -> str:
        row = await self.ask(kind, target, reason)
        assert row.outcome == "done", f"{kind}: {row.outcome} {row.words}\n{self.home.log()}"
        return row.words

    async def refuses(self, kind: str, target: str = "", reason: str = "") -> str:
        row = await self.ask(kind, target, reason)
        assert row.outcome == "refused", f"{kind}: {row.outcome} {row.words}\n{self.home.log()}"
        return row.words

    async def state(self) -> dict[str, Any]:
        async with self.home.database.read() as session:
            row = await session.get(TalkTable, self.call_id)
        return dict(row.state) if row is not None else {}

    async def until_third_talks(self, party: str = "p") -> None:
        async def talks() -> bool:
            parties = (await self.state()).get("parties", [])
            return any(p["id"].startswith(party) and p["state"] == "talking" for p in parties)

        await self.home.until(talks, 15, "the third talks")


class Scene:
    """What one scene needs: its people, its callers, its clock."""

    def __init__(self, stage: Stage, topic: str) -> None:
        self.stage, self.home, self.outside = stage, stage.home, stage.home.outside
        self.topic = topic

    async def seat(self, name: str) -> Seat:
        """Put a telephone on somebody's desk."""
        made = Seat(self.home, name)
        await self.home.phone(name, made.take)
        return made

    async def call(self, topic: str = "") -> tuple[str, Ringing]:
        """Let somebody call; return the call's id and their end of it."""
        number = self.stage.number()
        call_id = f"call.{number}"
        self.stage.spawn(
            self.stage.link.originate(
                actions.Originate(
                    f"PJSIP/{number}@trunk",
                    "callers",
                    number,
                    variables={"HL_SCENE": topic or self.topic},
                    channel_id=call_id,
                )
            )
        )
        return call_id, await self.outside.answers(number)

    async def desk(self, agent_id: str, call_id: str) -> Desk:
        """Wait until a person talks with a caller, and sit down at their desk."""

        async def talking() -> bool:
            call = await self.row(call_id)
            return bool(call and call.agent_id == agent_id and call.answered_at)

        await self.home.until(talking, 20, f"{agent_id} talks")
        return Desk(self.home, call_id, agent_id)

    def supervisor(self, agent_id: str, call_id: str) -> Desk:
        """Return the supervisor's page on a call; the own telephone is ``agent_id``'s."""
        return Desk(self.home, call_id, agent_id, by="user:1:周班长")

    async def row(self, call_id: str) -> Any:
        return next((c for c in await self.home.calls() if c.id == call_id), None)

    async def leads(self, call_id: str, agent_id: str) -> None:
        """Wait until somebody leads a call."""

        async def so() -> bool:
            call = await self.row(call_id)
            return bool(call and call.agent_id == agent_id)

        await self.home.until(so, 15, f"{agent_id} leads {call_id}")

    async def over(self, call_id: str) -> Any:
        """Wait until a call is over; return its row."""

        async def ended() -> Any:
            call = await self.row(call_id)
            return call if call is not None and call.ended_at is not None else None

        return await self.home.until(ended, 30, f"{call_id} is over")

    async def says(self, call_id: str, sentence: str, seconds: float = 10) -> None:
        """Wait until a call's timeline says something."""

        async def said() -> bool:
            return any(sentence in words for words in await self.home.words(call_id))

        await self.home.until(said, seconds, sentence)

    async def tells(self, sentence: str) -> None:
        """Wait until whoever gave an order is told a sentence."""

        async def told() -> bool:
            asked = select(Outbox.payload).where(Outbox.topic == "call.order")
            async with self.home.database.read() as session:
                return any(row["words"] == sentence for row in await session.scalars(asked))

        await self.home.until(told, 10, sentence)

    async def recording(self, key: str) -> Any:
        """Wait until a recording is told of; return what is told."""

        async def ready() -> Any:
            async with self.home.database.read() as session:
                return await session.scalar(
                    select(Outbox).where(Outbox.topic == "recording.ready", Outbox.key == key)
                )

        row = await self.home.until(ready, 20, f"the recording of {key}")
        return row.payload

    async def recorded(self, name: str) -> None:
        """Wait until a piece of a recording is begun."""

        async def begun() -> bool:
            return (self.home.settings.recordings / f"{name}.agent.wav").exists()

        await self.home.until(begun, 10, f"{name} is recorded")

    def who(self, agent_id: str) -> str:
        """How a person is called."""
        return self.stage.names[agent_id]

    async def is_free(self, agent_id: str, state: str = "ready") -> None:
        """Wait until a person may be rung again, or is in another state."""

        async def so() -> bool:
            return (await self.home.presence(agent_id)).state == state

        await self.home.until(so, 15, f"{agent_id} is {state}")

    async def mobile(self, agent_id: str) -> str:
        """Return the number of a person whose seat is a mobile."""
        async with self.home.database.read() as session:
            return str((await session.get_one(AgentTable, agent_id)).mobile)

    async def holds(self, file: str, sound: NDArray[np.int16]) -> bool:
        """Whether a recording holds a sound."""
        with wave.open(str(self.home.settings.recordings / file)) as source:
            samples = np.frombuffer(source.readframes(source.getnframes()), np.int16)
        return await is_in(samples, sound)

    def live_help_listens(self) -> None:
        """Let live help say that it wants a copy of what is said from now on."""
        live = self.home.settings.recordings / "live"
        live.mkdir(exist_ok=True)
        (live / "listening").touch()

    pause = staticmethod(asyncio.sleep)
    """Let real seconds of a real call pass."""


# -- the stage -------------------------------------------------------------------------------

Play = Callable[[Scene], Awaitable[None]]


@dataclass(frozen=True)
class Cast:
    """A scene and who is in it."""

    play: Play
    people: tuple[Any, ...]
    alone: bool
    mobiles: frozenset[str]


def scene(*people: Any, alone: bool = False, mobiles: Sequence[str] = ()) -> Any:
    """Make a test of a scene; its topic is the first person's id, who knows it best."""

    def made(play: Play) -> Any:
        async def test(stage: Stage) -> None:
            await stage.played(test)

        test.__name__, test.__doc__, test.__module__ = play.__name__, play.__doc__, play.__module__
        test.scene = Cast(play, people, alone, frozenset(mobiles))
        return pytest.mark.asyncio(loop_scope="session")(test)

    return made


def somebody(name: str, **more: Any) -> Any:
    """Return a lawyer whom nobody but the own topic asks for."""
    return Somebody(name, skills=more.pop("skills", {name: 3}), **more)


class Stage:
    """The house, and the scenes that are played in it."""

    def __init__(self, home: Any, link: Link, names: dict[str, str]) -> None:
        self.home, self.link, self.names = home, link, names
        self._numbers = itertools.count(13800000001)
        self._places = asyncio.Semaphore(AT_ONCE)
        self._tasks: dict[Any, asyncio.Task[None]] = {}
        self._calls: set[asyncio.Future[Any]] = set()

    def number(self) -> str:
        return str(next(self._numbers))

    def spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    def begin(self, tests: Sequence[Any]) -> None:
        for test in tests:
            if not test.scene.alone:
                self._tasks[test] = asyncio.create_task(self._play(test))

    async def _play(self, test: Any) -> None:
        async with self._places:
            await test.scene.play(Scene(self, test.scene.people[0].id))

    async def played(self, test: Any) -> None:
        if test.scene.alone:
            await asyncio.wait(self._tasks.values()) if self._tasks else None
            self._tasks[test] = asyncio.create_task(self._play(test))
        await self._tasks[test]

    async def close(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        for task in self._tasks.values():
            with suppress(BaseException):
                await task


class Home(routing.House):  # type: ignore[name-defined, misc]
    """A house with the world outside."""

    outside: Outside

    async def reaches_outside(self) -> bool:
        """Whether the controller knows that the trunk answers."""
        async with self.database.read() as session:
            trunk = await session.get(TrunkTable, "trunk")
        return trunk is not None and trunk.reachable

    async def presence(self, agent_id: str) -> Any:
        from agents.tables import PresenceTable

        async with self.database.read() as session:
            return await session.get(PresenceTable, agent_id)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """Open the house and begin every scene that was asked for."""
    tests = [item.obj for item in request.session.items if hasattr(item, "obj")]
    tests = [test for test in tests if hasattr(test, "scene")]
    people = [person for test in tests for person in test.scene.people]
    outside = Outside(addresses.free_udp_port(TRUNK))
    settings = routing._above().asterisk_settings(tmp_path_factory.mktemp("talks") / "home")
    own = settings.asterisk.model_copy(update={"trunk_contact": f"sip:{TRUNK}:{outside.port}"})
    settings = settings.model_copy(update={"asterisk": own})
    asterisk = Asterisk(settings)
    asterisk.install()
    asterisk.render(Rendering(endpoints=[Endpoint(p.id, secret=routing.SECRET) for p in people]))
    (asterisk.layout.etc / "ivr.conf").write_text(IVR)
    database = Database(settings.database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    home = Home(asterisk, settings, database)
    home.outside = outside
    home.policy.parent.mkdir(parents=True)
    home.policy.write_text(POLICY)
    (home.policy.parent / "talks.yaml").write_text(TALKS)
    _sounds(settings.home / "asterisk" / "sounds" / "zh" / "talk")
    await outside.listen(home.address)
    try:
        await asterisk.start()
        await home.staff(people)
        names = await _names(home, {name for test in tests for name in test.scene.mobiles})
        await home.start_controller()
        # A mobile counts only once the trunk has answered; Asterisk asks again after 30 s.
        await home.until(home.reaches_outside, 40, "the trunk answers")
        async with Link(asterisk.address, on_event=Mailbox()) as link:
            made = Stage(home, link, names)
            made.begin(tests)
            yield made
            await made.close()
    finally:
        await home.close()
        outside.vanish()
        await asterisk.stop()


def _sounds(folder: Path) -> None:
    """Put sounds where the sentences lie that the scenes hear."""
    folder.mkdir(parents=True)
    for name, sound in {
        "accept": np.zeros(1600, np.int16),
        "dialled": GREETING,
        "lost": LOST,
    }.items():
        with wave.open(str(folder / f"{name}.wav"), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(alaw.RATE)
            out.writeframes(sound.tobytes())


async def _names(home: Any, mobiles: set[str]) -> dict[str, str]:
    """Return how everybody is called; give mobiles to those whose seat is one (漫游坐席)."""
    async with home.database.write() as session:
        for name in mobiles:
            number = f"139{int(name.encode().hex(), 16) % 10**8:08d}"
            row = update(AgentTable).where(AgentTable.id == name)
            await session.execute(row.values(mobile=number, endpoint=f"PJSIP/{number}@trunk"))
        rows = await session.scalars(select(AgentTable))
        return {r.id: f"{r.name}{'律师' if r.kind == 'lawyer' else ''}" for r in rows}
