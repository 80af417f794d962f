"""Values that come from outside, through Asterisk: checked where they enter."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"^\+?[0-9*#]{1,32}\Z")
_IDENTITY = re.compile(r"^[A-Za-z0-9_.:;@/+-]{1,150}\Z")
_UNSET = frozenset({"<unknown>", "<none>", "(null)", "unknown", "anonymous"})


def number(text: str) -> str:
    """Return a telephone number as dialled, or ``""`` where there is none that could be one.

    A caller can put anything into From: control characters, markup, a thousand digits.
    """
    text = text.strip()
    return text if _NUMBER.match(text) else ""


def text(value: str, longest: int = 200) -> str:
    """Return words that a caller may have chosen, without control characters and bounded."""
    if value in _UNSET:
        return ""
    kept = value if value.isprintable() else "".join(c for c in value if c.isprintable())
    return kept[:longest]


def identity(value: str) -> str:
    """Return the name or unique id of a channel or bridge, or ``""`` if it can't be one."""
    return value if _IDENTITY.match(value) else ""


def integer(value: str, default: int = 0) -> int:
    """Return a whole number, or ``default`` for anything else."""
    try:
        return int(value)
    except ValueError:
        return default


def seconds(value: str) -> float:
    """Return epoch seconds or a duration; 0.0 for anything else, infinities and NaN included."""
    try:
        found = float(value)
    except ValueError:
        return 0.0
    return found if 0.0 <= found < 1e11 else 0.0
