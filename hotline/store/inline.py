"""SQLite without a thread of its own, for a loop whose only work is the database.

``aiosqlite`` hands every step of a statement to a thread and waits for it, so that its loop can
go on meanwhile. For short statements that costs more than the statements themselves, and a loop
with nothing else to do gains nothing by it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

import aiosqlite

T = TypeVar("T")

_ROWS_AT_ONCE = 64


class InlineConnection(aiosqlite.Connection):
    """A connection that works in the loop that asks; only opening and closing take the thread."""

    async def _execute(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        if not self._running or not self._connection:
            raise ValueError("Connection closed")
        return fn(*args, **kwargs)


def connect_inline(file: str, **options: Any) -> InlineConnection:
    """Return a connection for SQLAlchemy to open (``async_creator_fn`` of its dialect)."""
    made = InlineConnection(lambda: sqlite3.connect(file, **options), _ROWS_AT_ONCE)
    made._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does with one that it makes itself
    return made
