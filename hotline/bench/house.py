"""A house for a benchmark: an Asterisk, 200 telephones and a controller of their own.

All sides run on the same Asterisk, in turn. ``OURS`` goes the whole way of a call: arrival (its
number cleaned, its journal begun), the end of a menu, waiting room, offer. ``PEER_ARRIVED`` goes
the same way and then into Asterisk's own queue: what differs is who distributes. ``PEER`` is
answered and put into the queue without any arrival or menu. All record what is talked.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from agents.tables import AgentTable, OrganisationTable, PresenceTable
from hotline import settings
from hotline.asterisk import Asterisk, Endpoint, Rendering
from hotline.bench.exchange import Exchange, Manner
from hotline.debian.apt import Progress
from hotline.errors import HotlineError
from hotline.settings import Settings
from hotline.store import Database
from hotline.store.discovery import all_tables

OURS, PEER, PEER_ARRIVED = "12348", "9000", "9001"
AGENTS = 200
BOOT_SECONDS = 60.0
_TICKS = os.sysconf("SC_CLK_TCK")

_NUMBER = "${FILTER(0-9+*#,${CALLERID(num)})}"
_ARRIVAL = (
    f"CALLERID(num)={_NUMBER},CALLERID(name)=,_HL_CALL=${{UNIQUEID}},HL_NUMBER={_NUMBER},"
    "HL_DIALLED=${FILTER(0-9+*#,${EXTEN})}"
)
# The peer's calls bear no id of ours: the controller would find them in Asterisk's journal, take
# them for calls that nobody watched, and write them all down.
_DIALPLAN = f"""
[ivr-numbers]
exten => {OURS},1,Answer(,i)
 same => n,MSet(HL_LANG=zh,HL_TOPIC=wages,HL_PATH=1)
 same => n,UserEvent(HLMenuDone,Call: ${{HL_CALL}},Topic: wages,Lang: zh,Path: 1)
 same => n,Goto(waiting-room,s,1)
[survey]
exten => s,1,Hangup(16)
[from-trunk](+)
exten => {PEER},1,Answer(,i)
 same => n,Queue(fallback,c,,,60)
 same => n,Hangup()
exten => {PEER_ARRIVED},1,MSet({_ARRIVAL.replace("${UNIQUEID}", "${UNIQUEID}-")})
 same => n,Set(CHANNEL(hangup_handler_push)=call-ends,s,1)
 same => n,UserEvent(Arrived,Call: ${{HL_CALL}},Number: ${{HL_NUMBER}},Dialled: ${{HL_DIALLED}})
 same => n,Goto(peer-menu,s,1)
[peer-menu]
exten => s,1,Answer(,i)
 same => n,MSet(HL_LANG=zh,HL_TOPIC=wages,HL_PATH=1)
 same => n,UserEvent(MenuDone,Call: ${{HL_CALL}},Topic: wages,Lang: zh,Path: 1)
 same => n,Queue(fallback,c,,,60)
 same => n,Hangup()
"""
_QUEUE = {"wrapuptime = 15": "wrapuptime = 0"}
"""What a day's plain queue has and a benchmark can't: 200 people take 50 calls a second."""
_POLICY = """
version: 1
ring_seconds: 15
ladder:
  - {after: 0, to: skilled, level: 2}
  - {after: 8, to: skilled, level: 1}
  - {after: 15, to: lawyers}
  - {after: 180, to: voicemail}
priorities: {normal: {name: 普通, longest: 120}}
callback: {enabled: false}
wrapup_seconds: {lawyer: 0}
"""


class BenchError(HotlineError):
    """基准测试没能完成。"""

    error_id = "bench"


@dataclass(frozen=True)
class Process:
    """A process whose processor time is read."""

    pid: int

    @property
    def cpu(self) -> float:
        """Seconds of processor time so far, its threads included."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2]
        user, system = fields.split()[11:13]
        return (int(user) + int(system)) / _TICKS

    @property
    def resident(self) -> int:
        """Bytes in memory now."""
        return self._memory("VmRSS")

    @property
    def own_memory(self) -> int:
        """Bytes in memory that are the process' own: without files, such as a mapped database."""
        return self._memory("RssAnon")

    def _memory(self, name: str) -> int:
        lines = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


@dataclass(frozen=True)
class House:
    """What a benchmark needs."""

    settings: Settings
    database: Database
    exchange: Exchange
    asterisk: Process
    controller: Process


@contextlib.asynccontextmanager
async def opened(
    progress: Progress, *, manner: Manner | None = None, database_url: str = ""
) -> AsyncIterator[House]:
    """Open a house in a temporary folder; close all of it at the end.

    Raises:
        BenchError: the controller does not serve.
        hotline.asterisk.AsteriskError: Asterisk does not start.
    """
    async with contextlib.AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="hotline-bench-"))
        own = _settings(Path(folder), database_url)
        asterisk = Asterisk(own)
        await asyncio.to_thread(asterisk.install, progress)
        target = (own.asterisk.bind, own.asterisk.sip_port)
        exchange = Exchange(target, manner)
        stack.callback(exchange.close)
        _render(asterisk, exchange)
        status = await asterisk.start()
        stack.push_async_callback(asterisk.stop)
        database = Database(own.database_url)
        stack.push_async_callback(database.close)
        await _staff(database)
        process = await stack.enter_async_context(_controller(own))
        yield House(own, database, exchange, Process(status.pid), process)


def _settings(home: Path, database_url: str) -> Settings:
    ports = [_free_port() for _ in range(4)]
    return settings.load(
        home=home,
        database=database_url,
        asterisk={
            **dict(zip(("ami_port", "sip_port", "http_port", "https_port"), ports, strict=True)),
            "trunk_contact": "",
        },
    )


def _free_port() -> int:
    with socket.socket() as tcp:
        tcp.bind(("127.0.0.1", 0))
        return int(tcp.getsockname()[1])


def _render(asterisk: Asterisk, exchange: Exchange) -> None:
    ip, port = exchange.floor
    endpoints = [
        Endpoint(f"a{n}", contact=f"sip:a{n}@{ip}:{port}", qualify=0) for n in range(AGENTS)
    ]
    asterisk.render(Rendering(endpoints=endpoints))
    etc = asterisk.layout.etc
    (etc / "ivr.conf").write_text(_DIALPLAN, encoding="utf-8")
    queues = (etc / "queues.conf").read_text(encoding="utf-8")
    for old, new in _QUEUE.items():
        queues = queues.replace(old, new)
    (etc / "queues.conf").write_text(queues, encoding="utf-8")
    folder = asterisk.settings.home / "config"
    folder.mkdir()
    (folder / "routing.yaml").write_text(_POLICY, encoding="utf-8")


async def _staff(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.run_sync(all_tables().create_all)
    now = datetime.now(UTC)
    async with database.write() as session:
        place = OrganisationTable(kind="district", code="district", name="基准测试", numbers=[])
        session.add(place)
        await session.flush()
        people = [
            AgentTable(
                id=f"a{n}",
                staff_no=str(1000 + n),
                name=f"律师{n}",
                kind="lawyer",
                organisation_id=place.id,
                skills={"wages": 3},
                endpoint=f"PJSIP/a{n}",
            )
            for n in range(AGENTS)
        ]
        session.add_all(people)
        await session.flush()
        session.add_all(
            PresenceTable(agent_id=f"a{n}", state="ready", wish="ready", since=now)
            for n in range(AGENTS)
        )


@contextlib.asynccontextmanager
async def _controller(own: Settings) -> AsyncIterator[Process]:
    """Start a controller as a process of its own, and wait until it serves."""
    up, log = own.home / "up", own.home / "controller.log"
    environment = {
        **os.environ,
        "HOTLINE_HOME": str(own.home),
        "HOTLINE_CONFIG": str(own.home / "config"),
        "HOTLINE_DATABASE": own.database,
        "HOTLINE_ASTERISK__AMI_PORT": str(own.asterisk.ami_port),
        "HOTLINE_ASTERISK__SIP_PORT": str(own.asterisk.sip_port),
        "HOTLINE_TOML": str(own.home / "none.toml"),
    }
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hotline.bench.controller", str(up)),
            stdout=out,
            stderr=out,
            env=environment,
        )
    try:
        deadline = asyncio.get_running_loop().time() + BOOT_SECONDS
        while not up.exists():
            if process.returncode is not None or asyncio.get_running_loop().time() > deadline:
                tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
                raise BenchError(f"控制器没能开始服务：{tail}")
            await asyncio.sleep(0.1)
        yield Process(process.pid)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            try:
                await asyncio.wait_for(process.wait(), 10)
            except TimeoutError:
                process.kill()
                await process.wait()
