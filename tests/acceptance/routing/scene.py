"""A house under ten calls a second, and one check for whatever fails in it.

The callers and telephones are one program that knows of each call what truly became of it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random
from typing import Any

from hotline.bench.exchange import Exchange, Manner, Placed
from tests.acceptance.house import House, Somebody, opened_house

RATE, PEOPLE = 10.0, 60
TALK, RINGS = 1.5, 0.3
ROUNDS = "3"
"""Seconds of the controller's rounds; its own are half a minute."""
SILENCE = 2
"""Seconds without sound after which Asterisk gives a browser up; its own are a network's."""
POLICY = """
version: 1
ring_seconds: 5
ladder:
  - {after: 0, to: lawyers}
  - {after: 60, to: voicemail}
priorities: {normal: {name: 普通, longest: 120}}
wrapup_seconds: {lawyer: 0}
missed_limit: 3
"""
OVER = frozenset({"answered", "abandoned", "abandoned_menu", "callback", "voicemail"})

Frame = Callable[[bytes], list[tuple[float, bytes]]]
"""What becomes of one message: what arrives instead, and how many seconds later."""


class Cable:
    """A cable to Asterisk's manager that can be cut, be silent, and garble what it carries."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._open = asyncio.Event()
        self._open.set()
        self.garble: Frame | None = None
        self.port = 0

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def silence(self) -> None:
        """Carry nothing more, and end nothing: half-open."""
        self._open.clear()

    def speak(self) -> None:
        self._open.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        for source, sink, told in ((reader, back, False), (there, writer, True)):
            task = asyncio.create_task(self._carry(source, sink, told=told))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, told: bool
    ) -> None:
        loop, pending = asyncio.get_running_loop(), b""

        def arrives(what: bytes) -> None:
            if not sink.transport.is_closing():
                sink.write(what)

        try:
            while data := await source.read(65536):
                await self._open.wait()
                if not told or self.garble is None:
                    sink.write(pending + data)
                    pending = b""
                    continue
                *frames, pending = (pending + data).split(b"\r\n\r\n")
                for frame in frames:
                    for later, what in self.garble(frame + b"\r\n\r\n"):
                        loop.call_later(later, arrives, what)
        except ConnectionError:
            pass
        finally:
            sink.transport.abort()


def weather(seed: int) -> Frame:
    """Lose, double and delay what Asterisk tells of calls; answers to us come through."""
    chance = Random(seed)

    def garble(frame: bytes) -> list[tuple[float, bytes]]:
        if not frame.startswith(b"Event: ") or b"ActionID" in frame:
            return [(0.0, frame)]
        fate = chance.random()
        if fate < 0.1:
            return []
        if fate < 0.2:
            return [(0.0, frame), (0.0, frame)]
        return [(0.3, frame)] if fate < 0.3 else [(0.0, frame)]

    return garble


def deaf(frame: bytes) -> list[tuple[float, bytes]]:
    """Lose every hang-up of a caller, and nothing else."""
    lost = frame.startswith(b"Event: Hangup") and b"Channel: PJSIP/trunk-" in frame
    return [] if lost else [(0.0, frame)]


class Scene:
    """A house under load."""

    def __init__(self, home: House, exchange: Exchange, cable: Cable) -> None:
        self.home = home
        self.exchange = exchange
        self.cable = cable
        self.pages: Counter[str] = Counter()
        """How many calls each browser took, which the exchange's telephones know nothing of."""

    async def under_load(self, fault: Callable[[], Any], seconds: float) -> list[Placed]:
        """Let calls come, do the fault in the midst, and wait until all are over."""
        load = asyncio.create_task(self.exchange.run("12348", RATE, seconds))
        try:
            await asyncio.sleep(0.8)
            await fault()
            return await load
        finally:
            load.cancel()

    async def served(self) -> None:
        """Wait until callers are served."""

        async def answered() -> bool:
            (call,) = await self.exchange.run("12348", 1, 1)
            return bool(call.answered_by)

        await self.home.until(answered, 20, "calls are served again")

    async def check(self, calls: list[Placed], *, dropped: bool = False) -> None:
        """Hold what the house wrote against what the callers and telephones saw.

        ``dropped`` where Asterisk itself went down, and every call with it.
        """
        numbers = {call.number: call for call in calls}

        async def all_over() -> bool:
            rows = [row for row in await self.home.calls() if row.number in numbers]
            return len({r.number for r in rows}) == len(calls) and all(r.ended_at for r in rows)

        await self.home.until(all_over, 45, "each call is written down, and over")
        rows = [row for row in await self.home.calls() if row.number in numbers]
        assert len(rows) == len(calls), "one call became two"
        taken: Counter[str] = Counter()
        for row in rows:
            seen = numbers[row.number]
            assert row.outcome in OVER, f"{row.number} ended as {row.outcome}"
            if dropped:
                continue
            told = await self.home.words(row.id) if len(seen.rung) > 1 else ()
            assert len(seen.rung) <= 1, f"two people rung for {row.number}: {seen.rung}, {told}"
            assert seen.over, f"{row.number} was forgotten"
            assert not seen.refused, f"{row.number} was refused: {seen.refused}"
            if row.agent_id in self.pages and row.outcome == "answered":
                taken[row.agent_id] += 1
                continue
            assert seen.answered_by, f"{row.number} was not answered"
            assert not seen.cut_short, f"{row.number}: a talk was dropped"
            assert (row.outcome, row.agent_id) == ("answered", seen.answered_by)
        assert taken == self.pages
        self.pages.clear()
        doubly, self.exchange.doubly_rung = self.exchange.doubly_rung, []
        assert doubly == [], "a person who talks was rung"

        async def nobody_stuck() -> bool:
            return all(offer.ended_at is not None for offer in await self.home.offers())

        await self.home.until(nobody_stuck, 15, "each offer is over")
        answered = Counter(o.call_id for o in await self.home.offers() if o.outcome == "answered")
        assert max(answered.values(), default=1) == 1
        await self.home.one_ticket_each(await self.home.calls())


@contextlib.asynccontextmanager
async def opened_scene(
    folder: Path, *, database_url: str = "", browsers: tuple[str, ...] = ()
) -> AsyncIterator[Scene]:
    """Open a house with a floor full of telephones, and start its controller."""
    exchange = Exchange(("127.0.0.1", 0), Manner(talk=TALK, answer_after=RINGS))
    ip, port = exchange.floor
    people = [Somebody(f"a{n}", contact=f"sip:a{n}@{ip}:{port}") for n in range(PEOPLE)]
    people += [Somebody(name, browser=True, wish="offline") for name in browsers]
    try:
        async with opened_house(
            folder, people, POLICY, database_url, silence_seconds=SILENCE
        ) as home:
            cable = Cable(home.settings.asterisk.ami_port)
            await cable.mend()
            try:
                home.ami_port = cable.port
                exchange.call_at(home.address)
                (home.settings.home / "rounds").write_text(ROUNDS)
                await home.start_controller()
                yield Scene(home, exchange, cable)
            finally:
                await home.stop_controller()
                await cable.cut()
    finally:
        exchange.close()
