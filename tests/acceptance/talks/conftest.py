"""A house whose callers are held, joined by thirds, handed on and listened to."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hotline.sipp import Ringing
from hotline.talks.orders import Kind, Order, order
from hotline.talks.tables import CallOrderTable, TalkTable


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


house = _routing().house
somebody = _routing().somebody


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

    async def state(self) -> dict[str, Any]:
        async with self.home.database.read() as session:
            row = await session.get(TalkTable, self.call_id)
        return dict(row.state) if row is not None else {}

    async def until_third_talks(self) -> None:
        async def talks() -> bool:
            parties = (await self.state()).get("parties", [])
            return any(p["id"].startswith("p") and p["state"] == "talking" for p in parties)

        await self.home.until(talks, 15, "the third talks")


@pytest.fixture
def seat() -> Callable[..., Awaitable[Seat]]:
    """Return a function that puts a telephone on somebody's desk."""

    async def make(home: Any, name: str) -> Seat:
        made = Seat(home, name)
        await home.phone(name, made.take)
        return made

    return make


@pytest.fixture
def desk() -> Callable[..., Awaitable[Desk]]:
    """Return a function that waits for the call of a person and gives their desk."""

    async def make(home: Any, agent_id: str) -> Desk:
        async def talking() -> str:
            return next(
                (c.id for c in await home.calls() if c.agent_id == agent_id and c.answered_at), ""
            )

        return Desk(home, await home.until(talking, 20, f"{agent_id} talks"), agent_id)

    return make


@pytest.fixture
def pause() -> Callable[[float], Awaitable[None]]:
    """Let real seconds of a real call pass."""
    return asyncio.sleep
