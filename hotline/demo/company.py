"""The demonstration's processes: each part of the house runs as it does in production."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from hotline.errors import HotlineError

STOP_SECONDS = 15.0


class PartEndedError(HotlineError):
    """演示的一个进程意外退出了，请查看它的日志。"""

    error_id = "demo-part-ended"


class Company:
    """Starts parts of the house as processes with their logs, and stops all of them.

    Args:
        environment: variables that point at the demonstration's own installation.
        logs: folder of ``NAME.log``.
    """

    def __init__(self, environment: Mapping[str, str], logs: Path) -> None:
        self._environment = {**os.environ, **environment}
        self.logs = logs
        self._parts: dict[str, asyncio.subprocess.Process] = {}

    async def start(self, name: str, *words: str) -> None:
        """Start ``hotline WORDS`` under a name."""
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{name}.log").open("ab") as log:
            self._parts[name] = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "hotline.app",
                *words,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )

    def check(self) -> None:
        """See that every part still runs.

        Raises:
            PartEndedError: one does not; the end of its log is told.
        """
        for name, part in self._parts.items():
            if part.returncode is not None:
                log = self.logs / f"{name}.log"
                tail = "\n".join(
                    log.read_text(encoding="utf-8", errors="replace").splitlines()[-8:]
                )
                raise PartEndedError(
                    f"演示进程 {name} 退出了（{part.returncode}），日志 {log} 的末尾：\n{tail}"
                )

    async def stop(self) -> None:
        """Ask every part to stop, and end those that do not."""
        for part in self._parts.values():
            _signal(part, signal.SIGTERM)
        for part in self._parts.values():
            try:
                await asyncio.wait_for(part.wait(), STOP_SECONDS)
            except TimeoutError:
                _signal(part, signal.SIGKILL)
                await part.wait()
        self._parts.clear()


def _signal(part: asyncio.subprocess.Process, number: int) -> None:
    if part.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(part.pid, number)
