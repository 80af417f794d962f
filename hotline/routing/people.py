"""The people whom routing chooses among, as values. Where they are kept is others' business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from hotline import worktime
from hotline.clock import CHINA


class AgentKind(StrEnum):
    """Who answers."""

    LAWYER = "lawyer"
    STATION = "station"
    DISTRICT = "district"
    """Another district's centre (邻近区县中心) as a number outside, rung through the trunk."""


class Presence(StrEnum):
    """What a person is doing (坐席状态)."""

    READY = "ready"
    """空闲"""
    BUSY = "busy"
    """振铃或通话中"""
    WRAPUP = "wrapup"
    """话后处理"""
    PAUSED = "paused"
    """小休"""
    OFFLINE = "offline"
    """未签入"""


class Wish(StrEnum):
    """What a person asked to be; it outlives calls."""

    READY = "ready"
    PAUSED = "paused"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Agent:
    """A person or station that may answer.

    ``skills`` maps a topic code to a level from 1 (can help) to 3 (expert); ``capacity`` is how
    many calls they hold at once; ``place`` is the code of the organisation they belong to.
    """

    id: str
    name: str
    kind: AgentKind
    endpoint: str
    skills: Mapping[str, int] = field(default_factory=dict)
    languages: frozenset[str] = frozenset({"zh"})
    place: str = ""
    staff_no: str = ""
    mobile: str = ""
    capacity: int = 1
    hours: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Opening hours of a station: weekday (``mon`` …) to ``("09:00-12:00", …)``; empty: always."""
    district: str = ""
    """Code of the other district that they belong to; empty: our own. They help out only."""
    district_name: str = ""
    shifts: Sequence[tuple[datetime, datetime]] | None = None
    """When the rota (排班) has a lawyer on duty, around now; ``None``: no rota, always."""

    def is_open(self, when: datetime) -> bool:
        """Whether ``when`` lies within the opening hours and on a shift of the rota."""
        if self.shifts is not None and not any(start <= when < end for start, end in self.shifts):
            return False
        if not self.hours:
            return True
        local = when.astimezone(CHINA)
        minute = local.hour * 60 + local.minute
        texts = self.hours.get(_DAYS[local.weekday()], ())
        return any(span.start <= minute < span.end for span in worktime.spans(texts))


_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
