"""Figures of a simulated run: what callers met, and how evenly the work fell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

from agents.staffing.simulation import Duty, End, Run, Spans
from hotline.routing.people import AgentKind

WITHIN = 15.0
"""Seconds within which a person should answer (GB/T 33358-2016)."""


@dataclass(frozen=True)
class Figures:
    """A policy's figures. Shares are of all offered calls unless told otherwise."""

    name: str
    offered: int
    answered: int
    abandoned: int
    voicemail: int
    unserved: int
    within: int
    """Answered within the target."""
    within_seconds: float
    mean_wait: float
    """Seconds until answered or gone, over all calls."""
    p95_wait: float
    right: int
    """Answered by somebody who has the topic."""
    right_of: int
    """Answered calls with a topic that anybody has."""
    occupancy: float
    """Share of their time on duty that lawyers ring, talk or wrap up; the mean over people."""
    occupancy_spread: float
    """Standard deviation over people."""
    occupancy_lowest: float
    occupancy_highest: float
    people: int
    """Lawyers on duty at any time."""

    def share(self, count: int) -> float:
        """Return ``count`` as a share of all offered calls."""
        return count / self.offered if self.offered else 0.0

    @property
    def right_share(self) -> float | None:
        """Share of right-skill answers; ``None`` where no caller asked for a held topic."""
        return self.right / self.right_of if self.right_of else None


def figures(name: str, run: Run, within: float = WITHIN) -> Figures:
    """Sum up a run."""
    ends = Counter(ending.end for ending in run.endings)
    waits = sorted(ending.waited for ending in run.endings)
    answered = [ending for ending in run.endings if ending.end is End.ANSWERED]
    judged = [ending.right for ending in answered if ending.right is not None]
    loads = occupancies(run)
    return Figures(
        name=name,
        offered=len(run.endings),
        answered=ends[End.ANSWERED],
        abandoned=ends[End.ABANDONED],
        voicemail=ends[End.VOICEMAIL],
        unserved=ends[End.UNSERVED],
        within=sum(ending.waited <= within for ending in answered),
        within_seconds=within,
        mean_wait=fmean(waits) if waits else 0.0,
        p95_wait=waits[max(0, -(-len(waits) * 95 // 100) - 1)] if waits else 0.0,
        right=sum(judged),
        right_of=len(judged),
        occupancy=fmean(loads) if loads else 0.0,
        occupancy_spread=pstdev(loads) if loads else 0.0,
        occupancy_lowest=min(loads, default=0.0),
        occupancy_highest=max(loads, default=0.0),
        people=len(loads),
    )


def occupancies(run: Run) -> list[float]:
    """Return each lawyer's occupancy; stations only help out and are not looked at."""
    found = []
    for duty in run.duties:
        if duty.agent.kind is AgentKind.LAWYER and (there := _presence(duty, run.horizon)):
            seconds = sum(end - start for start, end in there) * duty.agent.capacity
            busy = run.busy.get(duty.agent.id, ())
            found.append(sum(_overlap(spell, there) for spell in busy) / seconds)
    return found


def _presence(duty: Duty, horizon: float) -> Spans:
    spans = duty.spans or ((0.0, horizon),)
    return tuple((start, min(end, horizon)) for start, end in spans if start < min(end, horizon))


def _overlap(spell: tuple[float, float], spans: Sequence[tuple[float, float]]) -> float:
    return sum(max(0.0, min(spell[1], end) - max(spell[0], start)) for start, end in spans)
