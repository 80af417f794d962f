"""Debian packages, fetched and extracted without root into the cache folder.

Two modes (:class:`Mode`): *isolated* extracts a whole closure of another suite and runs it with
its own loader and C library (Asterisk); *overlay* extracts only what the machine lacks from its
own suite and runs it with ``LD_LIBRARY_PATH`` (SIPp, Chromium, PostgreSQL).

    >>> from hotline import debian
    >>> tool = debian.sipp()                        # doctest: +SKIP
    >>> subprocess.run([*tool.command, "-v"], env=tool.environment())   # doctest: +SKIP
"""

from hotline.debian.errors import DiskFullError, DownloadError, NoAptError, PackagesError
from hotline.debian.install import Installed, Mode, Wanted, install, installed
from hotline.debian.tools import (
    ASTERISK,
    CHROMIUM,
    POSTGRESQL,
    SIPP,
    Tool,
    chromium,
    ensure,
    find,
    sipp,
)

__all__ = [
    "ASTERISK",
    "CHROMIUM",
    "POSTGRESQL",
    "SIPP",
    "DiskFullError",
    "DownloadError",
    "Installed",
    "Mode",
    "NoAptError",
    "PackagesError",
    "Tool",
    "Wanted",
    "chromium",
    "ensure",
    "find",
    "install",
    "installed",
    "sipp",
]
