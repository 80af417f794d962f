"""The controller of a benchmark as a process: ``python -m hotline.bench.controller UP``."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from pathlib import Path

import structlog

from agents.switchboard import run_controller
from hotline import settings

if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run_controller(settings.load(), Path(sys.argv[1]).touch))
