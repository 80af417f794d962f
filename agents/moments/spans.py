"""How long people were in each state, from the changes that were kept. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from agents.moments.past import PastState
from hotline.calls.proportion import Proportion
from hotline.routing.people import Presence


@dataclass(frozen=True)
class Times:
    """Seconds of one person in each state."""

    seconds: Mapping[Presence, float] = field(default_factory=dict)
    pauses: Mapping[str, float] = field(default_factory=dict)
    """Of the pauses, by their reason; the longest first."""

    def of(self, *states: Presence) -> float:
        """Return the seconds in any of these states."""
        return sum(self.seconds.get(state, 0.0) for state in states)

    @property
    def signed_in(self) -> float:
        """Seconds in any state but signed out."""
        return self.of(Presence.READY, Presence.BUSY, Presence.WRAPUP, Presence.PAUSED)

    @property
    def occupancy(self) -> Proportion:
        """Rung, talking or writing it down, of the time that one was there for callers."""
        working = round(self.of(Presence.BUSY, Presence.WRAPUP))
        return Proportion(working, working + round(self.of(Presence.READY)))


def times(changes: Iterable[PastState], since: datetime, until: datetime) -> dict[str, Times]:
    """Add up, by person, what they were from ``since`` to ``until``.

    The last change before ``since`` tells what a person was then; before anything was heard of
    them they were not there.
    """
    by_person: dict[str, list[PastState]] = defaultdict(list)
    for change in changes:
        by_person[change.agent_id].append(change)
    return {person: _times(found, since, until) for person, found in by_person.items()}


def _times(changes: list[PastState], since: datetime, until: datetime) -> Times:
    # Two changes of one moment stay in the order in which they were written.
    ordered = sorted(changes, key=lambda change: change.at)
    ends = [change.at for change in ordered[1:]] + [until]
    seconds: dict[Presence, float] = defaultdict(float)
    pauses: dict[str, float] = defaultdict(float)
    for change, end in zip(ordered, ends, strict=True):
        length = (min(end, until) - max(change.at, since)).total_seconds()
        if length <= 0:
            continue
        state = Presence(change.state)
        seconds[state] += length
        if state is Presence.PAUSED:
            pauses[change.reason] += length
    longest_first = sorted(pauses.items(), key=lambda one: (-one[1], one[0]))
    return Times(dict(seconds), dict(longest_first))
