"""Runs one simulated caller as a SIPp process, and steers it from step to step.

A script's :class:`~hotline.sipp.script.Await` steps are released by whoever runs it, so that a
caller speaks when the lawyer has answered, however long that took:

    calls = Sipp(debian.sipp(), target=("127.0.0.1", 5060))
    steps = [Press("1"), Await("talk"), Speak(file), Stay()]
    call = await calls.start(Caller("13800000001", steps))
    await call.release("talk")           # waits until the script stands there
    result = await call.finished()

Steering uses SIPp's "third party call control": SIPp connects to us and asks before each step
that takes time; so a call can also be hung up at any moment.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from hotline.debian import Tool
from hotline.errors import HotlineError
from hotline.sipp.addresses import free_udp_port, free_udp_ports
from hotline.sipp.script import Await, Caller, Stay, Wait, scenario, write_speech

_END_OF_COMMAND = b"\x1b"


class CallFailedError(HotlineError):
    """模拟来电失败。"""

    error_id = "sipp-call-failed"


@dataclass(frozen=True)
class Result:
    """How a call ended."""

    number: str
    ok: bool
    hung_up_by_peer: bool
    errors: str
    """What SIPp says went wrong; empty when nothing did."""

    def check(self) -> Result:
        """Return itself.

        Raises:
            CallFailedError: the call didn't go as its script says.
        """
        if not self.ok:
            raise CallFailedError(f"来自 {self.number} 的模拟来电失败：{self.errors or '原因不明'}")
        return self


class Call:
    """One call under way."""

    def __init__(self, caller: Caller, process: asyncio.subprocess.Process, folder: Path) -> None:
        self.caller = caller
        self.answered = asyncio.Event()
        """Set when the call has been answered and its script begins."""
        self._process = process
        self._folder = folder
        self._writer: asyncio.StreamWriter | None = None
        self._call_id = b""
        self._asked = False
        self._at = ""
        self._quitting = False
        self._changed = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self.ended: asyncio.Task[Result] = asyncio.create_task(self._wait())
        """Done when the call is over."""

    async def reached(self, name: str) -> None:
        """Wait until the script stands at ``Await(name)``.

        Raises:
            CallFailedError: the call ended before.
        """
        while self._at != name:
            changed = asyncio.ensure_future(self._changed.wait())
            await asyncio.wait({changed, self.ended}, return_when=asyncio.FIRST_COMPLETED)
            changed.cancel()
            if self.ended.done():
                raise CallFailedError(
                    f"来自 {self.caller.number} 的来电没有走到 {name} 就结束了："
                    f"{self.ended.result().errors or '已挂断'}"
                )

    async def release(self, name: str) -> None:
        """Let the script go on from ``Await(name)``; waits until it stands there."""
        await self.reached(name)
        self._go(b"on")

    async def hang_up(self) -> Result:
        """Hang up now, wherever the script stands."""
        self._quitting = True
        if self._asked:
            self._go(b"quit")
        return await self.finished()

    async def finished(self) -> Result:
        """Wait for the end and return how it was."""
        return await asyncio.shield(self.ended)

    async def kill(self) -> None:
        """Take the telephone off the net: no BYE is sent."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self.finished()

    async def steer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer what SIPp asks through its connection."""
        self._writer = writer
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                text = await reader.readuntil(_END_OF_COMMAND)
                pairs = (line.partition(b": ") for line in text.split(b"\r\n"))
                fields = {key: value for key, _, value in pairs}
                self._call_id = fields[b"Call-ID"]
                self._ask(int(fields[b"Step"]))
        writer.close()

    def _ask(self, number: int) -> None:
        self._asked = True
        self.answered.set()
        loop = asyncio.get_running_loop()
        match self.caller.plan[number]:
            case _ if self._quitting:
                self._go(b"quit")
            case Wait(seconds) | Stay(seconds):
                self._timer = loop.call_later(seconds, self._go, b"on")
            case Await(name):
                self._at = name
                self._changed.set()
                self._changed = asyncio.Event()
            case _:
                self._go(b"on")

    def _go(self, word: bytes) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._asked, self._at = False, ""
        if self._writer is not None and not self._writer.is_closing():
            command = b"Call-ID: %s\r\nGo: %s\r\n\r\n" % (self._call_id, word)
            self._writer.write(command + _END_OF_COMMAND)

    async def _wait(self) -> Result:
        code = await self._process.wait()
        errors = _last_lines(self._folder / "errors.log")
        said = _last_lines(self._folder / "said.log")
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._timer is not None:
            self._timer.cancel()
        if code and not errors:
            errors = f"SIPp ended with {code}"
        return Result(self.caller.number, code == 0, "other side" in said, errors)


class Sipp:
    """Starts callers against one Asterisk; as a context manager it leaves nothing running."""

    def __init__(self, tool: Tool, *, target: tuple[str, int], local_ip: str = "127.0.0.2") -> None:
        self._tool = tool
        self._target = target
        self._local_ip = local_ip
        self._calls: set[Call] = set()

    async def start(self, caller: Caller) -> Call:
        """Place a call and return at once."""
        folder = Path(tempfile.mkdtemp(prefix="hotline-sipp-"))
        spoken = await asyncio.to_thread(write_speech, caller, folder)
        (folder / "scenario.xml").write_text(scenario(caller, spoken), encoding="utf-8")
        placed: asyncio.Future[Call] = asyncio.get_running_loop().create_future()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await (await placed).steer(reader, writer)

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            *self._command(folder, port),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=folder,
            env=self._tool.environment(),
        )
        call = Call(caller, process, folder)
        placed.set_result(call)
        self._calls.add(call)
        call.ended.add_done_callback(lambda _: self._forget(call, server))
        return call

    def _command(self, folder: Path, steering: int) -> list[str]:
        words = [*self._tool.command, "-sf", str(folder / "scenario.xml"), "-m", "1", "-l", "1"]
        words += ["-i", self._local_ip, "-mi", self._local_ip, "-nostdin"]
        words += ["-p", str(free_udp_port(self._local_ip))]
        words += ["-mp", str(free_udp_ports(self._local_ip, 4))]
        words += ["-timer_resol", "5", "-trace_err", "-error_file", str(folder / "errors.log")]
        words += ["-trace_logs", "-log_file", str(folder / "said.log")]
        words += ["-3pcc", f"127.0.0.1:{steering}", f"{self._target[0]}:{self._target[1]}"]
        return words

    def _forget(self, call: Call, server: asyncio.Server) -> None:
        self._calls.discard(call)
        server.close()

    async def run(self, caller: Caller) -> Result:
        """Place a call without :class:`~hotline.sipp.script.Await`; return how it ended."""
        return await (await self.start(caller)).finished()

    async def close(self) -> None:
        """End all that still runs."""
        await asyncio.gather(*(call.kill() for call in list(self._calls)))

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[Sipp]:
        """Close when the block ends."""
        try:
            yield self
        finally:
            await self.close()


def _last_lines(file: Path, longest: int = 2000) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")[-longest:].strip()
    except FileNotFoundError:
        return ""
