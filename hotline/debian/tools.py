"""Programs that come in Debian packages: PATH wins, else they are extracted without root."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hotline.debian.apt import Progress, quiet
from hotline.debian.errors import PackagesError
from hotline.debian.install import Mode, Wanted, install, installed

ASTERISK = Wanted("asterisk", ("asterisk",), Mode.ISOLATED, suites=("forky", "sid"))
"""Debian 12 and 13 carry no Asterisk; from the next release on there is one."""

SIPP = Wanted("sipp", ("sip-tester",), Mode.OVERLAY)
CHROMIUM = Wanted("chromium", ("chromium", "fonts-noto-cjk"), Mode.OVERLAY)
POSTGRESQL = Wanted("postgresql", ("postgresql",), Mode.OVERLAY)


@dataclass(frozen=True)
class Tool:
    """How to start a program: the words before its arguments, and variables to add."""

    command: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """Return the whole environment to start it with."""
        return {**os.environ, **self.variables}


def on_path(program: str) -> Tool | None:
    """Return the machine's own ``program``."""
    found = shutil.which(program)
    return Tool((found,)) if found else None


def find(wanted: Wanted, program: str) -> Tool | None:
    """Return ``program`` from PATH or from an already extracted set; install nothing."""
    if (own := on_path(program)) is not None:
        return own
    extracted = installed(wanted)
    file = _real(extracted.root, program) or extracted.find(program) if extracted else None
    if extracted is None or file is None:
        return None
    return Tool(tuple(extracted.command(file)), extracted.environment())


def ensure(wanted: Wanted, program: str, progress: Progress = quiet) -> Tool:
    """Return ``program``; extract its packages first where it is missing.

    Raises:
        PackagesError: it cannot be had; the message says why and what to do.
    """
    if (found := find(wanted, program)) is not None:
        return found
    install(wanted, progress)
    if (found := find(wanted, program)) is None:
        raise PackagesError(f"软件包 {'、'.join(wanted.packages)} 里没有 {program}")
    return found


def sipp(progress: Progress = quiet) -> Tool:
    """Return SIPp, the SIP caller of demo, tests and benchmark."""
    return ensure(SIPP, "sipp", progress)


def chromium(progress: Progress = quiet) -> Tool:
    """Return Chromium with Chinese fonts, for browser tests."""
    return ensure(CHROMIUM, "chromium", progress)


def _real(root: Path, program: str) -> Path | None:
    """Return the program behind Debian's start script, which names absolute folders."""
    candidate = root / "usr/lib" / program / program
    return candidate if candidate.is_file() else None
