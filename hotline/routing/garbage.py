"""Keeps Python's search for garbage short, which stops callers and all else while it goes on."""

from __future__ import annotations

import ctypes
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


async def give_back() -> None:
    """Give the system what C's allocator has free; without this it keeps what batches left.

    Only glibc can; it lets other threads run meanwhile and takes a few milliseconds.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
