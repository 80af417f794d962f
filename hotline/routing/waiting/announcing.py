"""What a caller in line is told next (排队播报). Pure.

The promise: neither the position nor the wait that a caller hears ever rises without its reason
being said. Where it rises and there is no reason to give, the caller hears the earlier figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hotline.routing.waiting.forecast import Range, within


class Why(StrEnum):
    """Why a figure rises; the prompt is ``wait/why-…``."""

    URGENT = "urgent"
    """A caller of a preferred class stands ahead who came later."""
    CALLBACK = "callback"
    """Somebody who keeps their place by a call-back stands ahead."""
    FEWER = "fewer"
    """Fewer people are on duty than when it was told."""
    LONGER = "longer"
    """The time that was told is over: talks take longer than usual."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is so for one caller now."""

    now: float
    ahead: int
    """Callers who come before them."""
    people: int
    """People on duty who may answer them."""
    pace: float
    """Seconds of a talk with its wrap-up."""
    urgent: bool = False
    """Whether somebody of a preferred class, come later, stands ahead."""
    callback: bool = False
    """Whether a call-back stands ahead."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a caller was told last."""

    at: float
    ahead: int
    range: Range
    promised_at: float
    """Since when this range, or a shorter one, stands."""
    people: int
    times: int = 1


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is to be said."""

    ahead: int
    range: Range
    why: Why | None = None
    same: bool = False
    """The figures are those told before: a short sentence instead."""
    comfort: bool = False
    """Also what to have at hand."""


def announce(told: Told | None, seen: Seen) -> tuple[Announcement, Told]:
    """Return what to say now, and what has then been told."""
    if told is None:
        found = within(seen.ahead, seen.people, seen.pace)
        first = Told(seen.now, seen.ahead, found, seen.now, seen.people)
        return Announcement(seen.ahead, found), first
    ahead, why = seen.ahead, None
    if ahead > told.ahead:
        why = _why_later(seen)
        ahead = ahead if why else told.ahead
    found = within(ahead, seen.people, seen.pace)
    if _longer(found, told.range):
        why = why or _why_longer(told, seen)
        if why is None:
            most = min(found.most, told.range.most)
            found = Range(min(found.least, told.range.least, most), most)
    same = why is None and ahead == told.ahead and found == told.range
    promised = told.promised_at if found == told.range and why is None else seen.now
    now_told = Told(seen.now, ahead, found, promised, seen.people, told.times + 1)
    comfort = told.times % 4 == 1
    return Announcement(ahead, found, why, same, comfort), now_told


def _longer(new: Range, old: Range) -> bool:
    return new.most > old.most or new.least > old.least


def _why_later(seen: Seen) -> Why | None:
    if seen.urgent:
        return Why.URGENT
    return Why.CALLBACK if seen.callback else None


def _why_longer(told: Told, seen: Seen) -> Why | None:
    if seen.people < told.people:
        return Why.FEWER
    return Why.LONGER if seen.now - told.promised_at >= told.range.most * 60 else None
