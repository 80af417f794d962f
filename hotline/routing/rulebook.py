"""The policy's file, followed while calls go on: a broken one changes nothing, not even a restart.

What was last good is kept beside the controller's own files, because the moment of a restart is
the worst one to refuse to serve.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import structlog

from hotline.configfiles import ConfigFileError
from hotline.routing import policy
from hotline.routing.policy import Policy

log = structlog.get_logger(__name__)

Mark = tuple[int, int, int]
"""What changes with a file's content: modification time in ns, size, inode."""


class Rulebook:
    """See the module. ``last_good`` is where the newest sound policy is kept."""

    def __init__(self, file: Path, last_good: Path) -> None:
        self._file = file
        self._last_good = last_good
        self._seen: Mark | None = None

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
            log.warning("routing policy refused; the old one stays", reason=error.message)
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
            log.warning("routing policy refused; the old one stays", reason=error.message)
            return None
        log.info("routing policy taken", file=str(self._file))
        return fresh

    def _read(self) -> Policy:
        fresh = policy.load(self._file)
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
