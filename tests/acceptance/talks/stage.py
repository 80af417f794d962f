"""The house of the scenes, and how they are played in it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from agents.tables import PresenceTable
from hotline.ami import Link
from hotline.routing.tables import TrunkTable
from tests.acceptance.house import House, Somebody
from tests.acceptance.outside import Outside
from tests.acceptance.talks.acting import Scene

AT_ONCE = 2
"""Scenes that are played at the same time; each speaks in real time and costs little."""

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


class Home(House):
    """A house with the world outside."""

    outside: Outside

    async def reaches_outside(self) -> bool:
        """Whether the controller knows that the trunk answers."""
        async with self.database.read() as session:
            trunk = await session.get(TrunkTable, "trunk")
        return trunk is not None and trunk.reachable

    async def presence(self, agent_id: str) -> Any:
        async with self.database.read() as session:
            return await session.get(PresenceTable, agent_id)
