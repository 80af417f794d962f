"""Many equal calls at a rate, and phones that answer them, with SIPp's own figures."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hotline.debian import Tool
from hotline.sipp.addresses import free_udp_port, free_udp_ports
from hotline.sipp.driver import CallFailedError
from hotline.sipp.script import load_scenario


@dataclass(frozen=True)
class Load:
    """``calls`` calls at ``rate`` a second; each stays ``talk_seconds`` after its answer."""

    rate: float
    calls: int
    talk_seconds: float
    dialled: str = "12348"
    speech: Path | None = None


@dataclass(frozen=True)
class Figures:
    """What SIPp counted."""

    created: int
    successful: int
    failed: int
    retransmissions: int
    answered_ms: Sequence[float]
    """Milliseconds from INVITE to 200 of each answered call, smallest first."""
    errors: str

    @property
    def clean(self) -> bool:
        """Whether nothing was lost and nothing had to be sent again."""
        return not self.failed and not self.retransmissions


async def callers(
    tool: Tool, load: Load, *, target: tuple[str, int], local_ip: str = "127.0.0.2"
) -> Figures:
    """Send ``load`` and return its figures when the last call has ended."""
    folder = Path(tempfile.mkdtemp(prefix="hotline-load-"))
    text = load_scenario(caller=True, talk_ms=round(load.talk_seconds * 1000), file=load.speech)
    seconds = load.calls / load.rate + load.talk_seconds
    words = ["-s", load.dialled, "-r", f"{load.rate:g}", "-m", str(load.calls)]
    words += ["-l", str(load.calls), "-timeout", f"{seconds + 60:.0f}s"]
    process = await _start(tool, folder, text, words, local_ip=local_ip, target=target)
    try:
        await process.wait()
        return _figures(folder)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def phones(
    tool: Tool,
    *,
    target: tuple[str, int],
    port: int,
    ring_seconds: float = 0.01,
    local_ip: str = "127.0.0.3",
    speech: Path | None = None,
) -> AsyncIterator[None]:
    """Answer whatever is called at ``local_ip:port``, any number of calls at once."""
    folder = Path(tempfile.mkdtemp(prefix="hotline-phones-"))
    text = load_scenario(caller=False, ring_ms=round(ring_seconds * 1000), file=speech)
    process = await _start(tool, folder, text, ["-aa"], local_ip=local_ip, target=target, port=port)
    try:
        yield
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        shutil.rmtree(folder, ignore_errors=True)


async def _start(
    tool: Tool,
    folder: Path,
    scenario: str,
    words: list[str],
    *,
    local_ip: str,
    target: tuple[str, int],
    port: int = 0,
) -> asyncio.subprocess.Process:
    (folder / "scenario.xml").write_text(scenario, encoding="utf-8")
    own = port or free_udp_port(local_ip)
    media = free_udp_ports(local_ip, 4)
    command = [*tool.command, "-sf", str(folder / "scenario.xml"), *words]
    command += ["-i", local_ip, "-mi", local_ip, "-p", str(own), "-mp", str(media), "-nostdin"]
    command += ["-trace_stat", "-stf", str(folder / "figures.csv"), "-fd", "1"]
    command += ["-trace_rtt", "-rtt_freq", "1"]
    command += ["-trace_err", "-error_file", str(folder / "errors.log")]
    command.append(f"{target[0]}:{target[1]}")
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=folder,
        env=tool.environment(),
    )
    if port:
        # A phone is there when it listens; SIPp that can't listen ends at once.
        await asyncio.wait({asyncio.ensure_future(process.wait())}, timeout=0.3)
        if process.returncode is not None:
            raise CallFailedError(f"模拟话机没能启动：{_text(folder / 'errors.log')}")
    return process


def _figures(folder: Path) -> Figures:
    with (folder / "figures.csv").open(encoding="utf-8", errors="replace", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    last = rows[-1] if rows else {}
    return Figures(
        created=int(last.get("TotalCallCreated", 0)),
        successful=int(last.get("SuccessfulCall(C)", 0)),
        failed=int(last.get("FailedCall(C)", 0)),
        retransmissions=int(last.get("Retransmissions(C)", 0)),
        answered_ms=_answered(folder),
        errors=_text(folder / "errors.log"),
    )


def _answered(folder: Path) -> list[float]:
    found = []
    for file in folder.glob("*_rtt.csv"):
        with file.open(encoding="utf-8", newline="") as rows:
            found += [float(row["response_time_ms"]) for row in csv.DictReader(rows, delimiter=";")]
    return sorted(found)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")[-2000:]
    except FileNotFoundError:
        return ""
