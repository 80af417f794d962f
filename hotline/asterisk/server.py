"""One Asterisk of ours: rendered, started, watched over its boot, stopped.

    asterisk = Asterisk(settings)
    asterisk.render(Rendering(endpoints=phones))
    await asterisk.start()
    link = Link(asterisk.address, on_event=handle)
    asterisk.console("core show channels count")
    await asterisk.stop()

It runs as whoever starts it: as root in a container or a try-out, as a service user of its own
in production (``docs``), so that the recordings it writes are ours to read.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sqlite3
import subprocess
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from hotline.ami import Address, AuthenticationError, Link, LinkDownError
from hotline.asterisk import diagnosis, ports
from hotline.asterisk import render as rendering_
from hotline.asterisk.endpoints import AUTH_FAMILY, Endpoint, auth_record
from hotline.asterisk.errors import (
    AsteriskError,
    ManagedByOthersError,
    NotRunningError,
    PortInUseError,
    StartFailedError,
)
from hotline.asterisk.installation import Installation, ensure
from hotline.asterisk.render import AMI_SECRET, Layout, Rendering
from hotline.debian.apt import Progress, quiet
from hotline.secretsfile import SecretsFile
from hotline.settings import Settings

_POLL = 0.05
_GOING = 3.0
"""Seconds that a killed Asterisk may take to let go of its ports."""


@dataclass(frozen=True)
class Status:
    """Whether Asterisk runs, and how it is."""

    running: bool
    pid: int = 0
    version: str = ""
    uptime: int = 0
    calls: int = 0


class Asterisk:
    """The Asterisk of one installation's settings."""

    def __init__(self, settings: Settings, *, installation: Installation | None = None) -> None:
        self.settings = settings
        self.layout: Layout = rendering_.layout(settings)
        self._installation = installation
        self._process: subprocess.Popen[bytes] | None = None

    def install(self, progress: Progress = quiet) -> Installation:
        """Return the Asterisk that is used; extract one first where there is none."""
        if self._installation is None:
            self._installation = ensure(self.settings, progress)
        return self._installation

    @property
    def address(self) -> Address:
        """Where and as whom to log in to its manager."""
        own = self.settings.asterisk
        secret = SecretsFile(self.settings.home).get(AMI_SECRET)
        return Address(own.ami_host, own.ami_port, own.ami_user, secret)

    def render(self, rendering: Rendering | None = None) -> list[Path]:
        """Write its configuration and, while it doesn't run, the phones' secrets.

        For a running Asterisk see :func:`hotline.asterisk.phones.apply`.
        """
        rendering = rendering or Rendering()
        changed = rendering_.render(self.settings, self.install(), rendering)
        if not self.pid():
            self._write_secrets(rendering.endpoints)
        return changed

    def _write_secrets(self, endpoints: Sequence[Endpoint]) -> None:
        file = self.layout.home / "db" / "astdb.sqlite3"
        rows = [
            (f"/{AUTH_FAMILY}/{one.name}", auth_record(one.name, one.secret))
            for one in endpoints
            if one.contact is None and not one.handed_out
        ]
        with closing(sqlite3.connect(file)) as database, database:
            database.execute(
                "CREATE TABLE IF NOT EXISTS astdb("
                "key VARCHAR(256), value VARCHAR(256), PRIMARY KEY(key))"
            )
            database.execute("DELETE FROM astdb WHERE key LIKE ?", (f"/{AUTH_FAMILY}/%",))
            database.executemany("INSERT INTO astdb VALUES(?, ?)", rows)
        file.chmod(0o600)

    async def start(self, within: float = 30.0) -> Status:
        """Start it in the background and wait until it has fully booted.

        Returns at once when it already runs.

        Raises:
            ManagedByOthersError: the settings say that it isn't ours to start.
            PortInUseError, MissingModulesError, StartFailedError: why not, in words.
        """
        if not self.settings.asterisk.manage:
            raise ManagedByOthersError
        if self.pid():
            return await self.status()
        if not (self.layout.etc / "asterisk.conf").exists():
            self.render()
        if self._process is not None:  # killed, and about to be gone
            await asyncio.to_thread(self._process.wait, _GOING)
        await self._ports_free()
        self._spawn()
        try:
            await self._booted(within)
        except AsteriskError:
            await self.stop()
            raise
        return await self.status()

    async def _ports_free(self) -> None:
        """Check the ports, with patience for a process that is just going."""
        deadline = time.monotonic() + _GOING
        while True:
            try:
                return ports.check(self.settings)
            except PortInUseError as error:
                if error.details["held"] or time.monotonic() > deadline:
                    raise
            await asyncio.sleep(_POLL)

    def _spawn(self) -> None:
        installation = self.install()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != hard:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        command = [*installation.command, "-f", "-q", "-C", str(self.layout.etc / "asterisk.conf")]
        diagnosis.mark(self.layout)
        with (self.layout.log / "console.log").open("wb") as out:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=self.layout.home,
                env={**os.environ, **installation.variables},
                start_new_session=True,
                umask=0o027,
            )

    async def _booted(self, within: float) -> None:
        process = self._process
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if process is not None and process.poll() is not None:
                raise diagnosis.explain(self.layout, process.returncode)
            if not await self._listens():
                await asyncio.sleep(_POLL)
                continue
            link = Link(self.address, on_event=lambda _: None)
            try:
                await link.start(patience=max(_POLL, min(3.0, deadline - time.monotonic())))
            except LinkDownError:
                await asyncio.sleep(_POLL)
            except AuthenticationError as error:
                raise StartFailedError(
                    f"管理端口 {self.settings.asterisk.ami_port} 上的 Asterisk 不认我们的密钥，"
                    "多半是另一个 Asterisk。请停掉它，或修改 hotline.toml 的 [asterisk] ami_port。"
                ) from error
            else:
                await link.close()
                return
        tail = diagnosis.tail(self.layout)
        raise StartFailedError(f"Asterisk 在 {within:g} 秒内没有启动完成。日志末尾：\n{tail}")

    async def _listens(self) -> bool:
        own = self.settings.asterisk
        try:
            _, writer = await asyncio.open_connection(own.ami_host, own.ami_port)
        except OSError:
            return False
        writer.close()
        return True

    async def stop(self, within: float = 10.0) -> bool:
        """Stop it, calls and all; return whether there was anything to stop."""
        pid = self._process.pid if self._process is not None else self.pid()
        if not pid or not self._alive(pid):
            self._process = None
            return False
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                break
            deadline = time.monotonic() + within
            while self._alive(pid) and time.monotonic() < deadline:  # noqa: ASYNC110 - a process tells nobody
                await asyncio.sleep(_POLL)
            if not self._alive(pid):
                break
        self._process = None
        return True

    def _alive(self, pid: int) -> bool:
        if self._process is not None and self._process.pid == pid:
            return self._process.poll() is None
        return self.pid() == pid

    def pid(self) -> int:
        """Return the process id of the running Asterisk of this configuration, or 0."""
        if self._process is not None and self._process.poll() is not None:
            self._process = None
        try:
            pid = int((self.layout.run / "asterisk.pid").read_text(encoding="ascii"))
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        except (OSError, ValueError):
            return 0
        is_zombie = state.rpartition(")")[2].split()[:1] == ["Z"]
        is_ours = str(self.layout.etc / "asterisk.conf").encode() in command
        return pid if is_ours and not is_zombie else 0

    def console(self, command: str, within: float = 10.0) -> str:
        """Run a command on its console and return what it says.

        Raises:
            NotRunningError: it doesn't run.
            AsteriskError: it doesn't answer.
        """
        if not self.pid():
            raise NotRunningError
        installation = self.install()
        configuration = str(self.layout.etc / "asterisk.conf")
        words = [*installation.command, "-C", configuration, "-rx", command]
        environment = {**os.environ, **installation.variables}
        try:
            result = subprocess.run(
                words, capture_output=True, check=False, timeout=within, env=environment
            )
        except subprocess.TimeoutExpired as error:
            raise AsteriskError(f"Asterisk 控制台在 {within:g} 秒内没有答复：{command}") from error
        text = result.stdout.decode(errors="replace")
        if result.returncode and not text:
            raise NotRunningError
        return text

    async def status(self) -> Status:
        """Return how it is."""
        pid = self.pid()
        if not pid:
            return Status(running=False)
        try:
            uptime, calls = await asyncio.gather(
                asyncio.to_thread(self.console, "core show uptime seconds"),
                asyncio.to_thread(self.console, "core show channels count"),
            )
        except NotRunningError:
            return Status(running=False)
        return Status(
            running=True,
            pid=pid,
            version=".".join(map(str, self.install().version)),
            uptime=_number(uptime, "System uptime:"),
            calls=_number(calls, "active call"),
        )


def _number(text: str, mark: str) -> int:
    for line in text.splitlines():
        if mark in line:
            return next((int(word) for word in line.split() if word.isdigit()), 0)
    return 0
