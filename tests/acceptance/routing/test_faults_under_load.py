"""Ten calls a second go on while one thing after the other fails; the same is checked after each.

The callers and telephones are one program that knows of each call what truly became of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from hotline.ami import Link, actions
from hotline.bench.exchange import Exchange, Manner, Placed
from hotline.store.throwaway import ThrowawayPostgres

RATE, PEOPLE = 10.0, 40
TALK = 1.5
POLICY = """
version: 1
ring_seconds: 5
ladder:
  - {after: 0, to: lawyers}
  - {after: 60, to: voicemail}
priorities: {normal: {name: 普通, longest: 120}}
wrapup_seconds: {lawyer: 0}
"""
END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND datname = 'hotline'
"""
OVER = frozenset({"answered", "abandoned", "abandoned_menu", "callback", "voicemail"})


class Cable:
    """A cable to Asterisk's manager that can be cut, be silent, and garble what it carries."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._open = asyncio.Event()
        self._open.set()
        self.garble: Callable[[bytes], list[tuple[float, bytes]]] | None = None
        self.port = 0

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.sleep(0)

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
                        loop.call_later(later, sink.write, what)
        except ConnectionError:
            pass
        finally:
            sink.transport.abort()


class Scene:
    """A house under load."""

    def __init__(self, home: Any, exchange: Exchange) -> None:
        self.home = home
        self.exchange = exchange

    async def under_load(self, fault: Callable[[], Any], seconds: float = 4.0) -> list[Placed]:
        """Let calls come, do the fault in the midst, and wait until all are over."""
        load = asyncio.create_task(self.exchange.run("12348", RATE, seconds))
        await asyncio.sleep(1.0)
        await fault()
        return await load

    async def check(self, calls: list[Placed], *, dropped: bool = False) -> None:
        """Hold what the house wrote against what the callers and telephones saw."""
        numbers = {call.number: call for call in calls}

        async def all_over() -> bool:
            rows = [row for row in await self.home.calls() if row.number in numbers]
            return len({r.number for r in rows}) == len(calls) and all(r.ended_at for r in rows)

        await self.home.until(all_over, 45, "each call is written down, and over")
        rows = [row for row in await self.home.calls() if row.number in numbers]
        assert len(rows) == len(calls), "one call became two"
        for row in rows:
            seen = numbers[row.number]
            assert row.outcome in OVER, f"{row.number} ended as {row.outcome}"
            assert len(seen.rung) <= 1 or dropped, f"two people rung for {row.number}: {seen.rung}"
            if dropped:
                continue
            assert seen.over, f"{row.number} was forgotten"
            assert not seen.refused
            assert seen.answered_by, f"{row.number} was not answered"
            assert not seen.cut_short, f"{row.number}: a talk was dropped"
            assert (row.outcome, row.agent_id) == ("answered", seen.answered_by)
        assert self.exchange.doubly_rung == [], "a person who talks was rung"

        async def nobody_stuck() -> bool:
            return all(offer.ended_at is not None for offer in await self.home.offers())

        await self.home.until(nobody_stuck, 15, "each offer is over")
        answered = Counter(o.call_id for o in await self.home.offers() if o.outcome == "answered")
        assert max(answered.values(), default=1) == 1
        await self.home.one_ticket_each(await self.home.calls())


@pytest.fixture
async def scene(house: Any, somebody: Any) -> AsyncIterator[Callable[..., Any]]:
    opened: list[Exchange] = []

    async def open_(database_url: str = "") -> Scene:
        exchange = Exchange(("127.0.0.1", 0), Manner(talk=TALK))
        opened.append(exchange)
        ip, port = exchange.floor
        people = [somebody(f"a{n}", contact=f"sip:a{n}@{ip}:{port}") for n in range(PEOPLE)]
        home = await house(people, POLICY, database_url)
        exchange.call_at(home.address)
        return Scene(home, exchange)

    yield open_
    for exchange in opened:
        exchange.close()


def doors(url: str) -> list[Path]:
    """The socket through which a throw-away PostgreSQL is reached."""
    return list(Path(url.partition("host=")[2]).glob(".s.PGSQL.*[0-9]"))


def weather(seed: int) -> Callable[[bytes], list[tuple[float, bytes]]]:
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


async def test_the_link_is_flooded_half_open_and_garbled(scene: Any) -> None:
    stage = await scene()
    cable = Cable(stage.home.settings.asterisk.ami_port)
    await cable.mend()
    stage.home.ami_port = cable.port
    await stage.home.start_controller()

    async def flood() -> None:
        async with Link(stage.home.asterisk.address, on_event=lambda _: None) as other:
            for _ in range(2000):
                await other.send(actions.Custom("UserEvent", {"UserEvent": "Noise", "X": "y" * 99}))

    await stage.check(await stage.under_load(flood))

    async def half_open() -> None:
        cable.silence()
        await asyncio.sleep(6.5)  # longer than the link and the heartbeat bear
        cable.speak()

    await stage.check(await stage.under_load(half_open, 9.0))

    async def garbled() -> None:
        cable.garble = weather(1)
        await asyncio.sleep(3.0)
        cable.garble = None
        await cable.cut()
        await cable.mend()

    await stage.check(await stage.under_load(garbled, 6.0))
    await cable.cut()


async def test_asterisk_is_restarted_and_the_clock_is_stepped(scene: Any) -> None:
    stage = await scene()
    await stage.home.start_controller()

    async def restart() -> None:
        await stage.home.asterisk.stop()
        await stage.home.asterisk.start()

    cut = await stage.under_load(restart)

    async def served() -> bool:
        (call,) = await stage.exchange.run("12348", 1, 1)
        return bool(call.answered_by)

    await stage.home.until(served, 20, "calls are served again")
    told = {row.number for row in await stage.home.calls()}
    await stage.check([call for call in cut if call.number in told], dropped=True)

    step = stage.home.settings.home / "clock-step"

    async def back_and_forth() -> None:
        step.write_text("-7200")
        await asyncio.sleep(2.0)
        step.write_text("7200")
        await asyncio.sleep(2.0)
        step.write_text("0")

    await stage.check(await stage.under_load(back_and_forth, 6.0))


async def test_the_disk_fills_up(scene: Any) -> None:
    stage = await scene()
    await stage.home.start_controller()
    pid = stage.home.process.pid
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)

    async def full() -> None:
        # Every file that the controller writes has reached its largest size: its database too.
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, hard))
        await asyncio.sleep(3.0)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))

    await stage.check(await stage.under_load(full, 5.0))


async def test_the_database_is_gone_for_a_while(scene: Any) -> None:
    with ThrowawayPostgres() as cluster:
        url = cluster.create("hotline")
        stage = await scene(url)
        await stage.home.start_controller()
        (door,) = doors(url)

        async def gone() -> None:
            away = door.with_suffix(".away")
            engine = create_async_engine(url)
            async with engine.connect() as admin:
                door.rename(away)
                await admin.execute(text(END_OTHERS))
            await asyncio.sleep(4.0)
            away.rename(door)
            await engine.dispose()

        await stage.check(await stage.under_load(gone, 6.0))
        with contextlib.suppress(ProcessLookupError):
            await stage.home.stop_controller()
        await stage.home.database.close()
