"""Counters of a window: how many have one and the same time, each stretch of hours its own number.

A stretch is written ``09:00-11:30``, with a number of its own ``09:00-11:30×2`` (two lawyers in the
morning, one in the afternoon); without one the window's number holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from hotline.clock import CHINA
from hotline.worktime import Span, Spans, spans

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_COUNTERS: Final = 50
SIGN: Final = "×"

Counters = Callable[[datetime], int]
"""How many may have a moment."""

_WRITTEN = re.compile(r"\s*[×xX*＊✕]\s*")


def one(at: datetime) -> int:
    """Return the counters of a person's calendar: one, whenever."""
    del at
    return 1


def tidied(text: str) -> str:
    """Return what was typed with one sign for a stretch's number and no spaces around it."""
    return _WRITTEN.sub(SIGN, text)


def whole(texts: Sequence[str]) -> list[str]:
    """Return a day's stretches as they are kept.

    Raises:
        ValueError: one is wrong, or two overlap; the message is Chinese.
    """
    numbers = dict(map(_read, texts))
    return [_write(span, numbers[span]) for span in spans(list(map(str, numbers)))]


def stretches(texts: Sequence[str]) -> Spans:
    """Return a day's stretches without their numbers."""
    return tuple(sorted(span for span, _ in map(_read, texts)))


def of_window(hours: Mapping[str, Sequence[str]], usual: int) -> Counters:
    """Return the counters of a window with these hours by weekday; ``usual`` where none is told."""
    told = {day: list(map(_read, texts)) for day, texts in hours.items()}

    def counters(at: datetime) -> int:
        local = at.astimezone(CHINA)
        minute = local.hour * 60 + local.minute
        for span, number in told.get(WEEKDAYS[local.weekday()], ()):
            if span.start <= minute < span.end:
                return number or usual
        return usual

    return counters


def _read(text: str) -> tuple[Span, int | None]:
    span, sign, number = tidied(text).partition(SIGN)
    if not sign:
        return Span.parse(span), None
    if not number.isdecimal() or not 1 <= int(number) <= MOST_COUNTERS:
        raise ValueError(f"“{text}”：×后面写 1 到 {MOST_COUNTERS} 的数，如 09:00-11:30×2")
    return Span.parse(span), int(number)


def _write(span: Span, number: int | None) -> str:
    return f"{span}{SIGN}{number}" if number is not None else str(span)
