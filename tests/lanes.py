"""All tests, in lanes side by side: ``python -m tests.lanes [ARGUMENTS FOR PYTEST]``.

What plays and hears calls runs in real time, and mostly waits: it leaves a good part of two cores
unused. What computes takes that part, at idle priority, because speech that comes late is speech
that is lost, as on any telephone line. What compares sound by its samples, and what brings ten
calls a second, has the machine to itself afterwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).parent
BY_HAND = ("bench", "evaluation")
"""Not here: what measures, and what needs data that isn't part of the project."""
LONGEST_LINE = 1 << 24
"""In bytes: what a failed assertion may print in one."""


@dataclass(frozen=True)
class Lane:
    """Tests that run one after the other, or in ``workers`` processes."""

    name: str
    folders: tuple[str, ...]
    workers: int = 1
    patient: bool = False
    """Whether it may wait while others compute."""

    def command(self, others: tuple[str, ...], arguments: list[str]) -> list[str]:
        """Return the command; ``others`` are the folders that it leaves to other lanes."""
        spread = ["-n", str(self.workers), "--dist", "loadfile"] if self.workers > 1 else []
        ignored = [f"--ignore={TESTS / folder}" for folder in others]
        paths = [str(TESTS / folder) for folder in self.folders]
        return [sys.executable, "-m", "pytest", "-q", *spread, *ignored, *arguments, *paths]


def _rooms(*names: str) -> tuple[str, ...]:
    return tuple(f"acceptance/{name}" for name in names)


SHOW = Lane("show", _rooms("demo"))
SEATS = Lane("seats", _rooms("seat", "waiting"))
ALONE = Lane("alone", _rooms("live", "talks", "telephony", "routing"))
REST = Lane("rest", (".",), workers=2, patient=True)


async def run(lane: Lane, others: tuple[str, ...], arguments: list[str]) -> int:
    """Run a lane, its lines told with its name, and return pytest's exit code."""
    started = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *lane.command(others, arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        limit=LONGEST_LINE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    if lane.patient:
        _be_patient(process.pid)
    try:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            _tell(lane, line.decode(errors="replace").rstrip())
        code = await process.wait()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    _tell(lane, f"took {time.monotonic() - started:.0f} s, exit {code}")
    return code


def _tell(lane: Lane, words: str) -> None:
    sys.stdout.write(f"{lane.name:>6} | {words}\n")
    sys.stdout.flush()


def _be_patient(pid: int) -> None:
    # Linux weighs sessions against each other before processes, where autogroups are on.
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text("19", encoding="ascii")
    os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))


async def main(arguments: list[str]) -> bool:
    """Run all lanes; return whether anything failed."""
    taken = (*SHOW.folders, *SEATS.folders, *ALONE.folders)

    codes = await asyncio.gather(
        run(SHOW, (), arguments),
        run(SEATS, (), arguments),
        run(REST, (*taken, *BY_HAND), arguments),
    )
    return any([*codes, await run(ALONE, (), arguments)])


if __name__ == "__main__":
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        task = loop.create_task(main(sys.argv[1:]))
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
        try:
            sys.exit(loop.run_until_complete(task))
        except (asyncio.CancelledError, KeyboardInterrupt):
            sys.exit(130)
