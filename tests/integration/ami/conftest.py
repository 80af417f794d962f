"""A fake Asterisk that plays recorded dialogues, and misbehaves on demand."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from hotline.ami import Address, Link, Mailbox, Timings, events

DIALOGUES = Path(__file__).parent / "dialogues"

QUICK = Timings(
    connect=1.0,
    login=1.0,
    boot=1.0,
    action=1.0,
    silence=0.1,
    dead=0.4,
    backoff=0.02,
    longest_backoff=0.1,
)
"""So that a test of an outage takes a second, not a minute."""


class FakeAsterisk:
    """Plays one dialogue to every client: ``<`` lines are sent, ``>`` lines are waited for.

    A block of ``>`` lines matches an action that has at least those fields; ``{id}`` stands for
    its ActionID. After the last block the connection stays open.
    """

    def __init__(self) -> None:
        self.received: list[dict[str, str]] = []
        """Every action of every client, in order."""
        self.blocks: list[tuple[str, list[str]]] = []
        self.pieces = 65536
        """Bytes that are written at once."""
        self.answers_pings = True
        self.connections = 0
        self.wakes = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def play(self, name: str) -> None:
        """Take the dialogue of this name."""
        self.script((DIALOGUES / f"{name}.txt").read_text(encoding="utf-8"))

    def script(self, text: str) -> None:
        """Take a dialogue."""
        self.blocks = []
        for block in re.split(r"\n\s*\n", text):
            lines = [line for line in block.splitlines() if line and not line.startswith("#")]
            if lines:
                self.blocks.append((lines[0][0], [line[2:] for line in lines]))

    async def start(self, port: int = 0) -> Address:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        host, port = self._server.sockets[0].getsockname()[:2]
        return Address(host, port, "hotline", "secret")

    async def stop(self) -> None:
        """Close everything."""
        if self._server is not None:
            self._server.close()
        await self.drop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def drop(self) -> None:
        """Cut every connection."""
        for writer in list(self._writers):
            writer.transport.abort()
        self._writers.clear()

    async def say(self, text: str) -> None:
        """Send lines to every client now."""
        for writer in self._writers:
            await self._write(writer, text.replace("\n", "\r\n"))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self._writers.add(writer)
        try:
            await self._play(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()
            self._tasks.discard(task)

    async def _play(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        action_id = ""
        for kind, lines in self.blocks:
            if kind == "<":
                ending = "" if lines[0].startswith("Asterisk Call Manager") else "\r\n"
                text = "".join(f"{line}\r\n" for line in lines) + ending
                await self._write(writer, text.replace("{id}", action_id))
            else:
                action = await self._action(reader, writer)
                expected = dict(line.partition(": ")[::2] for line in lines)
                assert expected.items() <= action.items(), (expected, action)
                action_id = action["ActionID"]
        while True:
            await self._action(reader, writer)

    async def _action(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> dict[str, str]:
        while True:
            text = (await reader.readuntil(b"\r\n\r\n")).decode()
            action = dict(line.partition(": ")[::2] for line in text.split("\r\n") if line)
            self.received.append(action)
            self.wakes.set()
            self.wakes = asyncio.Event()
            if action["Action"] != "Ping" or (self.blocks and self._expects_ping()):
                return action
            if self.answers_pings:
                answer = (
                    f"Response: Success\r\nActionID: {action['ActionID']}\r\nPing: Pong\r\n\r\n"
                )
                await self._write(writer, answer)

    def _expects_ping(self) -> bool:
        return any(kind == ">" and "Action: Ping" in lines for kind, lines in self.blocks)

    async def _write(self, writer: asyncio.StreamWriter, text: str) -> None:
        data = text.encode()
        for start in range(0, len(data), self.pieces):
            writer.write(data[start : start + self.pieces])
            await writer.drain()
            if self.pieces < len(data):
                # Let the other side read, so that the pieces arrive one by one.
                await asyncio.sleep(0)

    def names(self) -> list[str]:
        """The actions received so far, by name."""
        return [action["Action"] for action in self.received]


@pytest.fixture
async def fake() -> AsyncIterator[FakeAsterisk]:
    asterisk = FakeAsterisk()
    yield asterisk
    await asterisk.stop()


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


Connect = Callable[[str], Awaitable[Link]]
Until = Callable[[type[events.Event]], Awaitable[Any]]


@pytest.fixture
async def connect(fake: FakeAsterisk, mailbox: Mailbox) -> AsyncIterator[Connect]:
    """Return a function that links to the fake Asterisk; the link is closed at the end."""
    opened: list[Link] = []

    async def play(dialogue: str) -> Link:
        fake.play(dialogue)
        link = Link(await fake.start(), on_event=mailbox, timings=QUICK)
        opened.append(link)
        await link.start(patience=2)
        return link

    yield play
    for link in opened:
        await link.close()


@pytest.fixture
def until(mailbox: Mailbox) -> Until:
    """Return a function that waits for the next event of a kind."""

    async def wait(kind: type[events.Event]) -> Any:
        async with asyncio.timeout(3):
            while not isinstance(event := await mailbox.get(), kind):
                pass
            return event

    return wait
