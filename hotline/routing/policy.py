"""The policy (派话策略) that a bureau edits: ``config/routing.yaml``.

All times are seconds. Every figure is the bureau's to set; none is a norm.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

import config
from hotline import configfiles
from hotline.routing.people import AgentKind

NORMAL = "normal"
"""The priority class of a caller about whom nothing is known."""

Seconds = Annotated[float, Field(ge=0)]


class To(StrEnum):
    """Whom a step of the ladder allows."""

    SKILLED = "skilled"
    LAWYERS = "lawyers"
    HOME_STATION = "home_station"
    STATIONS = "stations"
    MOBILES = "mobiles"
    DISTRICTS = "districts"
    VOICEMAIL = "voicemail"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Part):
    """One step (一级) of the ladder: from ``after`` seconds of waiting on, these are allowed."""

    after: Seconds
    to: To
    level: int = Field(default=1, ge=1, le=5)
    district: str = ""
    """With ``districts``: the code of the one that is asked; empty: any."""
    predicted: Seconds | None = None
    """Also allowed sooner, where the first step's people alone would take this long."""


def _sound_ladder(ladder: tuple[Step, ...]) -> tuple[Step, ...]:
    if not ladder or ladder[0].after != 0:
        raise ValueError("第一级的 after 应为 0，否则刚来电的人谁也不能派")
    if any(later.after < earlier.after for earlier, later in pairwise(ladder)):
        raise ValueError("各级的 after 应从小到大")
    if any(step.to is To.VOICEMAIL for step in ladder[:-1]):
        raise ValueError("voicemail（留言）只能是最后一级")
    if any(step.district and step.to is not To.DISTRICTS for step in ladder):
        raise ValueError("district 只能写在 to: districts 那一级")
    return ladder


Ladder = Annotated[tuple[Step, ...], AfterValidator(_sound_ladder)]


class Priority(_Part):
    """A priority class (优先类别)."""

    name: str
    head_start: Seconds = 0
    """The caller stands in line as if they had come this much earlier."""
    longest: Seconds = 120
    """Who has waited this long stands before all who have not waited their own."""


class Announce(_Part):
    """When callers in line hear of their position and wait (排队播报)."""

    first: float = Field(default=12, ge=3)
    """Seconds of waiting before the first; who is served sooner hears nothing."""
    every: float = Field(default=30, ge=10)


class CallBack(_Part):
    """Calling back (回电): who asked for it, who was missed, and when."""

    enabled: bool = True
    hours: str = "hotline"
    """When we call: a name of ``calendar/hours.yaml``."""
    tries: int = Field(default=3, ge=1, le=10)
    pauses: tuple[float, ...] = Field(default=(10, 60), min_length=1)
    """Minutes before the second try, the third, …; the last one stands for all later ones."""
    behind: Seconds = 600
    """Who keeps no place (missed, message, public page) stands so many seconds behind those who
    call now, so that a night's call-backs are not all served before the first caller of the day."""
    ring_seconds: float = Field(default=30, ge=5, le=120)
    accept_seconds: float = Field(default=12, ge=2, le=60)
    """Within so long, beside what is said, who picks up presses 1: a mailbox never does. The
    lawyer stays reserved meanwhile."""
    patience_share: float = Field(default=0.5, gt=0, le=1)
    """The call-back is offered in words where fewer callers than this share would wait so long."""
    offer_after: Seconds = 120
    """The same by the expected wait alone, until enough is known of callers' patience."""
    missed_after: Seconds | None = 5
    """Who gave up after so many seconds in line is called back; none: nobody is."""
    menu_after: Seconds | None = 20
    """Who hung up in the menu after so many seconds is called back."""
    voicemail: bool = True
    """Who was asked for a message is called back."""
    numbers: str = r"1[3-9]\d{9}|0[1-9]\d{8,10}"
    """What may be dialled. A caller's number can be forged: nobody is to make us call abroad."""

    @field_validator("numbers")
    @classmethod
    def _is_a_pattern(cls, text: str) -> str:
        try:
            re.compile(text)
        except re.error as error:
            raise ValueError(f"不是有效的正则表达式：{error}") from error
        return text

    def may_dial(self, number: str) -> bool:
        """Whether this number may be called back."""
        return self.enabled and re.fullmatch(self.numbers, number, re.ASCII) is not None

    def pause(self, tries: int) -> float:
        """Return the seconds before the next try, after ``tries`` of them."""
        return self.pauses[min(tries, len(self.pauses)) - 1] * 60


class Policy(_Part):
    """How callers and people are brought together."""

    version: int = 1
    ring_seconds: float = Field(default=15, ge=3, le=120)
    ladder: Ladder = (
        Step(after=0, to=To.SKILLED, level=2),
        Step(after=4, to=To.SKILLED, level=1),
        Step(after=8, to=To.LAWYERS),
        Step(after=30, to=To.HOME_STATION),
        Step(after=60, to=To.STATIONS),
        Step(after=180, to=To.VOICEMAIL),
    )
    ladders: Mapping[str, Ladder] = Field(default_factory=dict)
    """Own ladders of some topics, instead of ``ladder``."""
    nobody_seconds: Seconds = 20
    any_language_after: Seconds = 40
    priorities: Mapping[str, Priority] = Field(
        default_factory=lambda: {NORMAL: Priority(name="普通")}
    )
    wrapup_seconds: Mapping[AgentKind, Seconds] = Field(default_factory=dict)
    missed_limit: int = Field(default=3, ge=1)
    again_after: Seconds = 60
    broken_seconds: Seconds = 30
    handling_seconds: float = Field(default=420, ge=10)
    """A talk with its wrap-up, until the day has told better."""
    last_agent_days: int = Field(default=30, ge=0)
    group_days: int = Field(default=365, ge=0)
    """For so long a ticket's special group (特殊群体) gives the caller's number its class."""
    skip_menu: tuple[Literal["elderly", "repeat"], ...] = ("elderly", "repeat")
    """Priority classes that are put through without the menu."""
    announce: Announce = Announce()
    callback: CallBack = CallBack()

    @field_validator("priorities")
    @classmethod
    def _has_normal(cls, priorities: Mapping[str, Priority]) -> Mapping[str, Priority]:
        if NORMAL not in priorities:
            raise ValueError(f"缺少普通类别“{NORMAL}”")
        return priorities

    def steps(self, topic: str) -> tuple[Step, ...]:
        """Return the ladder of a topic."""
        return self.ladders.get(topic, self.ladder)

    def priority(self, name: str) -> Priority:
        """Return a class; one that the policy does not know counts as normal."""
        return self.priorities.get(name) or self.priorities[NORMAL]

    def wrapup(self, kind: AgentKind) -> float:
        """Return the seconds after a call in which a person is not offered another."""
        return self.wrapup_seconds.get(kind, 0.0)


def load(file: Path | None = None) -> Policy:
    """Read the policy.

    Raises:
        hotline.configfiles.ConfigFileError: every mistake with its line.
    """
    return configfiles.load(file or config.path("routing.yaml"), Policy)
