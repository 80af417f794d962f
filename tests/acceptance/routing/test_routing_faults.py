"""What the house does when the parts around the controller fail."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from typing import Any

from hotline.sipp import Ringing, Stay


class Cable:
    """A cable to Asterisk's manager that can be cut and mended."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._server: asyncio.Server | None = None
        self._pairs: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def mend(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._pairs):
            writer.transport.abort()
        for task in list(self._tasks):
            task.cancel()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        self._pairs |= {writer, back}
        for source, sink in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._carry(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(65536):
                sink.write(data)
        sink.close()


async def short_talk(call: Ringing) -> None:
    await call.answer()
    await asyncio.sleep(0.5)
    await call.hang_up()


async def test_a_cut_link_cuts_nobody_off_and_forgets_nobody(house: Any, somebody: Any) -> None:
    home = await house([somebody("a"), somebody("b")])
    cable = Cable(home.settings.asterisk.ami_port)
    await cable.mend()
    home.ami_port = cable.port
    go_on = asyncio.Event()

    async def long_talk(call: Ringing) -> None:
        await call.answer()
        await go_on.wait()
        await call.hang_up()

    await home.phone("a", long_talk)
    await home.start_controller()
    talking = await home.call("13800000001", Stay(120))

    async def talks() -> bool:
        return any(call.answered_at for call in await home.calls())

    await home.until(talks, what="the first call talks")
    waiting = await home.call("13800000002", Stay(120))

    async def waits() -> bool:
        return any(c.number == "13800000002" and c.waiting_since for c in await home.calls())

    await home.until(waits, what="the second call waits")
    await cable.cut()
    await asyncio.sleep(1.0)
    await cable.mend()
    await home.phone("b", short_talk)
    assert (await waiting.finished()).ok
    go_on.set()
    assert (await talking.finished()).ok
    calls = {call.number: call for call in await home.ended(2)}
    assert {c.outcome for c in calls.values()} == {"answered"}
    assert calls["13800000001"].agent_id == "a"
    assert calls["13800000002"].agent_id == "b"
    assert all(offer.ended_at for offer in await home.offers())
    await home.one_ticket_each(list(calls.values()))
    await cable.cut()


async def test_calls_go_on_while_the_database_is_locked(house: Any, somebody: Any) -> None:
    home = await house([somebody("a")])
    await home.phone("a", short_talk)
    await home.start_controller()
    lock = sqlite3.connect(home.settings.home / "hotline.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    for n in range(3):
        call = await home.call(f"1380000000{n}", Stay(60))
        assert (await call.finished()).ok
    lock.execute("ROLLBACK")
    lock.close()
    calls = await home.ended(3)
    assert [call.outcome for call in calls] == ["answered"] * 3
    assert [offer.outcome for offer in await home.offers()] == ["answered"] * 3
    await home.one_ticket_each(calls)
