"""Who acts in the scenes: persons at their telephones, desks that ask, callers."""

from __future__ import annotations

import asyncio
import wave
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from agents.tables import AgentTable
from hotline.ami import actions
from hotline.sipp import Ringing
from hotline.store import Outbox
from hotline.talks.orders import Kind, Order, order
from hotline.talks.tables import CallOrderTable, TalkTable
from tests.acceptance.sounds import is_in

if TYPE_CHECKING:
    from tests.acceptance.talks.stage import Stage


def now() -> datetime:
    return datetime.now(UTC)


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
