"""Runs one simulated caller as a SIPp process, and steers it from step to step.

A script's :class:`~hotline.sipp.script.Await` steps are released by the driver, so that a caller
speaks when the lawyer has answered, however long that took:

    calls = Sipp(debian.sipp(), target=("127.0.0.1", 5060))
    steps = [Press("1"), Await("talk"), Speak(file), Stay()]
    call = await calls.start(Caller("13800000001", steps))
    await call.release("talk")           # waits until the script stands there
    result = await call.finished()

Steering uses SIPp's "third party call control": SIPp connects to us and sends the step's name.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from hotline.debian import Tool
from hotline.errors import HotlineError
from hotline.sipp.addresses import free_udp_port, free_udp_ports
from hotline.sipp.script import Caller, scenario

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
        self._process = process
        self._folder = folder
        self._writer: asyncio.StreamWriter | None = None
        self._call_id = b""
        self._at = ""
        self._changed = asyncio.Event()
        self._ended: asyncio.Task[Result] = asyncio.create_task(self._wait())

    async def reached(self, name: str) -> None:
        """Wait until the script stands at ``Await(name)``.

        Raises:
            CallFailedError: the call ended before.
        """
        while self._at != name:
            changed = asyncio.ensure_future(self._changed.wait())
            await asyncio.wait({changed, self._ended}, return_when=asyncio.FIRST_COMPLETED)
            changed.cancel()
            if self._ended.done():
                raise CallFailedError(
                    f"来自 {self.caller.number} 的来电没有走到 {name} 就结束了："
                    f"{self._ended.result().errors or '对方已挂断'}"
                )

    async def release(self, name: str) -> None:
        """Let the script go on from ``Await(name)``; waits until it stands there."""
        await self.reached(name)
        self._at = ""
        if self._writer is not None:
            self._writer.write(
                b"Call-ID: %s\r\nGo: on\r\n\r\n%s" % (self._call_id, _END_OF_COMMAND)
            )
            await self._writer.drain()

    async def steer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve SIPp's connection."""
        self._writer = writer
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                text = await reader.readuntil(_END_OF_COMMAND)
                fields = dict(line.split(b": ", 1) for line in text.split(b"\r\n") if b": " in line)
                self._call_id = fields.get(b"Call-ID", b"")
                self._at = fields.get(b"Await", b"").decode()
                self._changed.set()
                self._changed = asyncio.Event()
        writer.close()

    async def finished(self) -> Result:
        """Wait for the end and return how it was."""
        return await asyncio.shield(self._ended)

    async def hang_up(self) -> None:
        """End the call now with a BYE, in the middle of its script; the result is not ok."""
        # SIPp ends softly at the first signal and sends BYE to what still runs at the second.
        for _ in range(2):
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGUSR1)
            await asyncio.wait({self._ended}, timeout=0.1)
        await self.finished()

    async def kill(self) -> None:
        """Take the telephone off the net: no BYE is sent."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self.finished()

    async def _wait(self) -> Result:
        code = await self._process.wait()
        errors = _last_lines(self._folder / "errors.log")
        said = _last_lines(self._folder / "said.log")
        shutil.rmtree(self._folder, ignore_errors=True)
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
        (folder / "scenario.xml").write_text(scenario(caller), encoding="utf-8")
        words = [*self._tool.command, "-sf", str(folder / "scenario.xml"), "-m", "1", "-l", "1"]
        words += ["-i", self._local_ip, "-mi", self._local_ip, "-nostdin"]
        words += ["-p", str(free_udp_port(self._local_ip))]
        words += ["-mp", str(free_udp_ports(self._local_ip, 4))]
        words += ["-timer_resol", "5", "-trace_err", "-error_file", str(folder / "errors.log")]
        words += ["-trace_logs", "-log_file", str(folder / "said.log")]
        call: Call | None = None
        started = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await started.wait()
            if call is not None:
                await call.steer(reader, writer)

        server = None
        if caller.is_steered:
            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            host, port = server.sockets[0].getsockname()[:2]
            words += ["-3pcc", f"{host}:{port}"]
        words.append(f"{self._target[0]}:{self._target[1]}")
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=folder,
            env=self._tool.environment(),
        )
        call = Call(caller, process, folder)
        started.set()
        self._calls.add(call)
        call._ended.add_done_callback(lambda _: self._forget(call, server))  # noqa: SLF001
        return call

    def _forget(self, call: Call, server: asyncio.Server | None) -> None:
        self._calls.discard(call)
        if server is not None:
            server.close()

    async def run(self, caller: Caller) -> Result:
        """Place an unsteered call and return how it ended."""
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
