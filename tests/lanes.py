"""All tests, in lanes: ``python -m tests.lanes [ARGUMENTS FOR PYTEST]``.

What plays and hears calls runs in real time and mostly waits: it leaves a good part of two cores
unused. What computes takes that part, at idle priority, because speech that comes late is speech
that is lost, as on any telephone line. For the same reason one lane speaks at a time meanwhile;
calls without speech are played beside it and give way to it. What brings ten calls a second, and
what takes each word and each sample literally, has the machine to itself when all that is over.

A machine that others use too can still make speech come late. So the few tests in real time that
failed have a second go when all else is over, and both goes are told, again at the very end.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
BY_HAND = ("bench", "evaluation")
"""Not here: what measures, and what needs data that isn't part of the project."""
LONGEST_LINE = 1 << 24
"""In bytes: what a failed assertion may print in one."""
MOST_AGAIN = 3
"""So many tests of a lane may have a second go: more that fail together are no accident."""


@dataclass(frozen=True)
class Lane:
    """Tests that run one after the other, or in ``workers`` processes."""

    name: str
    paths: tuple[str, ...]
    """Folders and files below the tests' own."""
    workers: int = 1
    patient: bool = False
    """Whether it may wait while others compute: then a busy machine is no reason to fail."""
    gives_way: bool = False
    """Whether it plays in real time without speech: then who speaks comes first."""
    tool: tuple[str, ...] = ()
    """What looks at the project in place of pytest: a module and its arguments."""

    def leaves(self, others: Iterable[Lane]) -> list[str]:
        """Return what stands below its own paths, and other lanes play."""
        own = [(TESTS / path).resolve() for path in self.paths]
        theirs = [path for lane in others if lane is not self for path in lane.paths]
        return [path for path in theirs if not set(own).isdisjoint((TESTS / path).parents)]

    def command(self, others: Sequence[str], arguments: Sequence[str], notes: Path) -> list[str]:
        """Return the command.

        Args:
            others: The paths that it leaves to other lanes.
            arguments: More for pytest.
            notes: Where pytest notes which tests failed.
        """
        if self.tool:
            return [sys.executable, "-m", *self.tool]
        spread = ["-n", str(self.workers), "--dist", "loadfile", "--no-loadscope-reorder"]
        ignored = [f"--ignore={TESTS / path}" for path in others]
        paths = [str(TESTS / path) for path in self.paths]
        noted = ["-o", f"cache_dir={notes}"]
        return [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            *(spread if self.workers > 1 else ()),
            *ignored,
            *noted,
            *arguments,
            *paths,
        ]


@dataclass(frozen=True)
class Ending:
    """How a lane ended."""

    lane: Lane
    code: int
    """Pytest's exit code."""
    failed: tuple[str, ...]
    """The tests that failed, by their names in pytest."""

    @property
    def may_go_again(self) -> bool:
        """Whether the tests that failed have a second go: a few, in real time, and no other woe."""
        only_tests = self.code == pytest.ExitCode.TESTS_FAILED
        return only_tests and not self.lane.patient and 0 < len(self.failed) <= MOST_AGAIN


def _rooms(*names: str) -> tuple[str, ...]:
    return tuple(f"acceptance/{name}" for name in names)


SHOW = Lane("show", _rooms("demo"))
SEATS = Lane("seats", _rooms("seat"))
CALLS = Lane(
    "calls", _rooms("ivr", "asterisk", "waiting", "routing/test_routing_way.py"), gives_way=True
)
QUEUE = Lane("queue", _rooms("routing/test_routing_load.py"), gives_way=True)
"""A hundred who wait and five calls a second: of no sound, and with time enough."""
SOUND = Lane("sound", _rooms("telephony", "live"))
TALKS = Lane("talks", _rooms("talks"))
LOAD = Lane("load", _rooms("routing"))
REST = Lane("rest", (".",), workers=2, patient=True)
PAGES = Lane("pages", _rooms("seat/test_faults.py"), patient=True)
"""Pages of the seat without any telephone."""
TYPES = Lane("types", (), patient=True, tool=("mypy",))


@dataclass(frozen=True)
class Programme:
    """Which lanes are played, and when."""

    acts: tuple[tuple[Lane, ...], ...] = ()
    """In real time, one act after the other, the lanes of an act side by side."""
    rest: tuple[Lane, ...] = ()
    """What runs beside all acts."""
    alone: tuple[tuple[Lane, ...], ...] = ()
    """Acts in real time when all of that is over."""

    @property
    def in_real_time(self) -> tuple[Lane, ...]:
        """All lanes but the rest."""
        return tuple(chain.from_iterable((*self.acts, *self.alone)))

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """All of them."""
        return (*self.in_real_time, *self.rest)


ALL = Programme(
    ((SHOW, CALLS), (SEATS, QUEUE), (TALKS,)), (REST, PAGES, TYPES), ((LOAD,), (SOUND,))
)


def _environment() -> dict[str, str]:
    # Some sixty processes import half of the product: what they compile is kept, also where the
    # environment says not to.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONUNBUFFERED": "1"}


async def run(lane: Lane, others: Sequence[str], arguments: Sequence[str], notes: Path) -> Ending:
    """Run a lane, its lines told with its name; ``notes`` is a folder of the lane's own."""
    started = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *lane.command(others, arguments, notes),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        limit=LONGEST_LINE,
        env=_environment(),
    )
    if lane.patient:
        _be_patient(process.pid)
    elif lane.gives_way:
        _give_way(process.pid)
    try:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            _tell(lane.name, line.decode(errors="replace").rstrip())
        code = await process.wait()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    _tell(lane.name, f"took {time.monotonic() - started:.0f} s, exit {code}")
    return Ending(lane, code, tuple(_noted(notes)))


def _noted(notes: Path) -> list[str]:
    file = notes / "v" / "cache" / "lastfailed"
    return sorted(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else []


def _tell(name: str, words: str) -> None:
    sys.stdout.write(f"{name:>6} | {words}\n")
    sys.stdout.flush()


def _be_patient(pid: int) -> None:
    _weigh(pid, 19)
    os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))


def _give_way(pid: int) -> None:
    _weigh(pid, 5)


def _weigh(pid: int, niceness: int) -> None:
    # Linux weighs sessions against each other before processes, where autogroups are on.
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(niceness), encoding="ascii")
    os.setpriority(os.PRIO_PROCESS, pid, niceness)


async def go_again(first: Ending, arguments: Sequence[str], notes: Path) -> Ending:
    """Run once more, alone, the tests that failed in a lane."""
    for test in first.failed:
        _tell(first.lane.name, f"SECOND GO: {test} failed and is run once more, alone")
    failed_only = ("--last-failed", "--last-failed-no-failures", "none")
    return await run(replace(first.lane, workers=1), (), [*arguments, *failed_only], notes)


def two_goes(first: Ending, second: Ending) -> Iterator[str]:
    """Say of each test that had a second go how both went."""
    told = second.code in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
    for test in first.failed:
        if test in second.failed:
            yield f"SECOND GO: {test} FAILED TWICE"
        elif told:
            yield f"SECOND GO: {test} failed at first and passed at the second go"
        else:
            yield f"SECOND GO: {test} failed at first; the second go ended with {second.code}"


async def play(programme: Programme, arguments: Sequence[str], notes: Path) -> bool:
    """Run lanes, and once more the few tests in real time that failed.

    Args:
        programme: The lanes.
        arguments: More for pytest.
        notes: A folder to keep notes in, one folder a lane.

    Returns:
        Whether all is well at the end.
    """

    def start(lane: Lane, *more: str) -> Coroutine[None, None, Ending]:
        others = (*lane.leaves(programme.lanes), *more)
        return run(lane, others, arguments, notes / lane.name)

    endings: list[Ending] = []
    async with asyncio.TaskGroup() as group:
        patient = [group.create_task(start(lane, *BY_HAND)) for lane in programme.rest]
        for act in programme.acts:
            endings += await asyncio.gather(*map(start, act))
    endings += [lane.result() for lane in patient]
    for act in programme.alone:
        endings += await asyncio.gather(*map(start, act))
    return await _judge(endings, arguments, notes)


async def _judge(endings: Iterable[Ending], arguments: Sequence[str], notes: Path) -> bool:
    """Give second goes, tell of them at the very end, and return whether all is well."""
    well, told = True, list[tuple[str, str]]()
    for first in endings:
        last = first
        if first.may_go_again:
            last = await go_again(first, arguments, notes / first.lane.name)
            told += [(first.lane.name, words) for words in two_goes(first, last)]
        well = well and last.code == 0
    for name, words in told:
        _tell(name, words)
    return well


async def main(arguments: list[str]) -> bool:
    """Run all tests; return whether all is well."""
    with tempfile.TemporaryDirectory() as notes:
        return await play(ALL, arguments, Path(notes))


if __name__ == "__main__":
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        task = loop.create_task(main(sys.argv[1:]))
        loop.add_signal_handler(signal.SIGTERM, task.cancel)
        try:
            sys.exit(not loop.run_until_complete(task))
        except (asyncio.CancelledError, KeyboardInterrupt):
            sys.exit(130)
