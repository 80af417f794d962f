"""The controller of a benchmark as a process: ``python -m hotline.bench.controller UP``."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path

from agents.switchboard import run_controller
from hotline import settings
from hotline.app.running import configure_logging

if __name__ == "__main__":
    configure_logging()
    if profile := os.environ.get("HOTLINE_BENCH_PROFILE"):
        import cProfile

        profiler = cProfile.Profile()
        profiler.enable()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run_controller(settings.load(), Path(sys.argv[1]).touch))
    if profile:
        profiler.dump_stats(profile)
