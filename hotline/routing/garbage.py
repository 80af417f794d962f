"""Keeps Python's search for garbage short, which stops callers and all else while it goes on."""

from __future__ import annotations

import gc


def set_aside() -> None:
    """Let what is there now stay for good, so that it is not looked through again and again.

    To look through all that a controller has loaded takes tens of milliseconds. The second
    collection finds next to nothing; from it Python knows how little is left to look through, and
    does so often enough that memory stays flat.
    """
    gc.collect()
    gc.freeze()
    gc.collect()
