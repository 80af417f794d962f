"""``hotline serve``, ``hotline work`` and what they share: start, log, stop in order."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import structlog
import typer

if TYPE_CHECKING:
    from hotline.settings import Settings


class Lines:
    """Writes a line an event, to one stream.

    A line that finds no room is lost: a full disk must not end the calls that it tells of.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def msg(self, line: str) -> None:
        """Write a line."""
        with contextlib.suppress(OSError):
            self._out.write(line + "\n")
            self._out.flush()

    debug = info = warning = error = critical = msg


class Part(StrEnum):
    """What ``hotline serve`` can run alone."""

    CONTROLLER = "controller"
    WEB = "web"


def configure_logging(file: Path | None = None, *, quiet: bool = False) -> None:
    """Log a line an event, to ``file`` or standard error; coloured where a person looks on.

    ``quiet`` logs only what went wrong for good.
    """
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    out = sys.stderr if file is None else file.open("a", encoding="utf-8")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
            if out.isatty()
            else structlog.processors.LogfmtRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.ERROR if quiet else logging.INFO
        ),
        logger_factory=lambda *_: Lines(out),
    )


def run_until_stopped(works: Sequence[Callable[[Settings], Awaitable[None]]]) -> None:
    """Run ``works`` side by side until SIGINT or SIGTERM; the first error ends all."""
    from hotline import settings

    configure_logging()
    asyncio.run(_run([work(settings.load()) for work in works]))


async def _run(works: Sequence[Awaitable[None]]) -> None:
    tasks = [asyncio.ensure_future(work) for work in works]
    loop = asyncio.get_running_loop()

    def stop() -> None:
        for task in tasks:
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    stop()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task
    del done


def serve(
    *,
    only: Annotated[
        Part | None, typer.Option(help="只运行一部分：controller（派话）或 web（网页）。")
    ] = None,
) -> None:
    """运行派话与网页服务，直到按 Ctrl-C。

    例：hotline serve　　多机部署时：hotline serve --only web
    """
    from hotline.app import processes

    works = {Part.CONTROLLER: processes.control, Part.WEB: processes.pages}
    run_until_stopped([works[only]] if only else list(works.values()))


def work() -> None:
    """运行后台任务（转写、评分等），直到按 Ctrl-C。可在多台机器上同时运行。

    例：hotline work
    """
    from hotline.app import processes

    run_until_stopped([processes.work])
