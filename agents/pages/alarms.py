"""What a supervisor should see before the callers feel it: rules on the wallboard's values."""

from __future__ import annotations

from dataclasses import dataclass

from agents.pages.wall import VERY_LONG_WAIT, Wall
from hotline.calls.figures import CallFigures
from hotline.routing.people import AgentKind, Presence

CONNECT_RATE = 0.95
"""Connect rate over any continuous 24 h (GB/T 33358-2016)."""

ENOUGH_CALLS = 20
"""Fewer calls make no rate worth an alarm."""


@dataclass(frozen=True)
class Alarm:
    """One thing to look at; ``bad`` before ``warn``."""

    id: str
    kind: str
    words: str


def alarms(wall: Wall, figures: CallFigures) -> list[Alarm]:
    """Return what is out of order now."""
    found = []
    lawyers = wall.of_kind(AgentKind.LAWYER)
    ready = [p for p in lawyers if p.state is Presence.READY and p.reachable]
    if wall.longest is not None and wall.now - wall.longest >= VERY_LONG_WAIT:
        found.append(Alarm("longest", "bad", "有来电人等待超过 1 分钟"))
    if wall.waiting and not ready:
        found.append(Alarm("nobody", "bad", f"{len(wall.waiting)} 人等待，没有空闲律师"))
    gone = [p.name for p in wall.people if not p.reachable and p.state is not Presence.OFFLINE]
    if gone:
        found.append(Alarm("lines", "warn", f"话机不通：{'、'.join(gone)}"))
    rate = figures.connect
    if rate.value is not None and rate.denominator >= ENOUGH_CALLS and rate.value < CONNECT_RATE:
        found.append(Alarm("connect", "warn", f"今日接通率 {rate.value:.1%}，低于国标 95%"))
    return found
