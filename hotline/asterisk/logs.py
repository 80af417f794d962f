"""Keeps Asterisk's logs from filling the disk: pages are turned by size and old ones deleted."""

from __future__ import annotations

import re
from pathlib import Path

from hotline.asterisk.server import Asterisk

LIMIT = 20 * 1024 * 1024
"""Bytes at which a log's page is turned."""
KEPT = 5
"""Old pages that stay, of each log."""

_PAGE = re.compile(r"^(?P<log>.+\.(?:log|csv))\.(?P<number>\d+)\Z")


def rotate(asterisk: Asterisk, limit: int = LIMIT, kept: int = KEPT) -> list[Path]:
    """Turn the page if any log is larger than ``limit``; keep ``kept`` old ones.

    Returns:
        The logs that were too large.
    """
    folder = asterisk.layout.log
    journal = asterisk.layout.journal
    turned = []
    if journal.exists() and journal.stat().st_size > limit:
        # Asterisk opens it anew for each line. A reader that was behind still finds the old page.
        _turn(journal)
        turned.append(journal)
    grown = [file for file in sorted(folder.glob("*.log")) if file.stat().st_size > limit]
    if grown:
        if asterisk.pid():
            # Asterisk holds the files open and has to let go of them itself.
            asterisk.console("logger rotate")
        else:
            for file in grown:
                _turn(file)
    for page in (*folder.glob("*.log.*"), *journal.parent.glob("*.csv.*")):
        match = _PAGE.match(page.name)
        if match is not None and int(match["number"]) >= kept:
            page.unlink()
    return [*turned, *grown]


def _turn(file: Path) -> None:
    """Rename ``x.log`` to ``x.log.0``, ``x.log.0`` to ``x.log.1`` and so on, as Asterisk does."""
    pages = [file]
    while (older := file.with_name(f"{file.name}.{len(pages) - 1}")).exists():
        pages.append(older)
    for number in range(len(pages) - 1, -1, -1):
        pages[number].rename(file.with_name(f"{file.name}.{number}"))
