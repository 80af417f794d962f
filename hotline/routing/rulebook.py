"""The policy's file, followed while calls go on: a broken one changes nothing, not even a restart.

What was last good is kept beside the controller's own files, because the moment of a restart is
the worst one to refuse to serve.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from hotline.configfiles import ConfigFileError
from hotline.routing import policy
from hotline.routing.policy import Policy
from hotline.routing.tables import PolicyTroubleTable
from hotline.store import Database

log = structlog.get_logger(__name__)

Mark = tuple[int, int, int]
"""What changes with a file's content: modification time in ns, size, inode."""


SHOWN = 2
"""So many mistakes are told in full."""


@dataclass(frozen=True)
class Trouble:
    """A file that was refused."""

    file: str
    words: str
    holds_since: datetime | None
    """When the policy that holds meanwhile was taken."""


class Rulebook:
    """See the module. ``last_good`` is where the newest sound policy is kept."""

    def __init__(self, file: Path, last_good: Path) -> None:
        self._file = file
        self._last_good = last_good
        self._seen: Mark | None = None
        self.trouble: Trouble | None = None
        """What is wrong with the file as it stands."""
        self._told: Trouble | None = None
        self._has_told = False

    def open(self) -> Policy:
        """Read the policy to begin with.

        Raises:
            ConfigFileError: it is broken, and no earlier one is kept.
        """
        self._seen = self._mark()
        try:
            return self._read()
        except ConfigFileError as error:
            if not self._last_good.is_file():
                raise
            kept = policy.load(self._last_good)
            self._refuse(error)
            return kept

    def changed(self) -> Policy | None:
        """Return the policy where its file has changed and is sound, else ``None``."""
        mark = self._mark()
        if mark == self._seen:
            return None
        self._seen = mark
        try:
            fresh = self._read()
        except ConfigFileError as error:
            self._refuse(error)
            return None
        log.info("routing policy taken", file=str(self._file))
        return fresh

    async def tell(self, database: Database, now: datetime) -> None:
        """Write down what is wrong with the file, or that nothing is any more.

        Raises:
            DatabaseUnavailableError: it will be told the next time.
        """
        trouble = self.trouble
        if self._has_told and trouble == self._told:
            return
        async with database.write() as session:
            row = await session.get(PolicyTroubleTable, self._file.name)
            if row is not None and trouble is None:
                await session.delete(row)
            elif trouble is not None:
                row = row or PolicyTroubleTable(file=trouble.file, since=now)
                row.words, row.holds_since = trouble.words, trouble.holds_since
                session.add(row)
        self._has_told, self._told = True, trouble

    def _refuse(self, error: ConfigFileError) -> None:
        log.warning("routing policy refused; the old one stays", reason=error.message)
        taken = None
        if self._last_good.is_file():
            taken = datetime.fromtimestamp(self._last_good.stat().st_mtime, UTC)
        self.trouble = Trouble(self._file.name, _words(error), taken)

    def _read(self) -> Policy:
        fresh = policy.load(self._file)
        self.trouble = None
        try:
            unfinished = self._last_good.with_suffix(".part")
            shutil.copyfile(self._file, unfinished)
            unfinished.replace(self._last_good)
        except OSError as error:
            # Only a restart with a broken file would miss it.
            log.warning("the policy's copy is not kept", reason=str(error))
        return fresh

    def _mark(self) -> Mark | None:
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def _words(error: ConfigFileError) -> str:
    told = [f"第 {one.line} 行 {one.message}" for one in error.problems]
    more = f"等 {len(told)} 处" if len(told) > SHOWN else ""
    return "；".join(told[:SHOWN]) + more
