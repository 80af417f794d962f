"""The bureau's rules (``config/alarms.yaml``) and the judgement by them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

import config
from agents.pages.wall import Wall
from hotline import configfiles
from hotline.calls.proportion import Proportion
from hotline.routing.people import AgentKind, Presence

Code = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,24}$")]
NAMED = 5


@dataclass(frozen=True)
class Alarm:
    """One thing to look at."""

    key: str
    rule: str
    kind: str
    level: str
    words: str


@dataclass(frozen=True)
class Refused:
    """A file that was refused."""

    file: str
    mistakes: str
    """Each with its line."""
    holds: str
    """What is followed meanwhile."""


@dataclass(frozen=True)
class Facts:
    """What is judged."""

    wall: Wall
    rates: Mapping[int, Proportion]
    """Connect rate by the minutes looked back."""
    crowds: Mapping[tuple[str, int], Mapping[str, int]]
    """Different callers by code, for ``topic`` or ``place`` and the minutes looked back."""
    emergencies: Sequence[tuple[str, str]]
    """Call and person of each that nobody has confirmed."""
    late: Sequence[tuple[str, str, timedelta]]
    """Person, name, and how long the shift has run without them."""
    trunks: Sequence[str] = ()
    """Trunks that do not answer."""
    refused: Sequence[Refused] = ()
    """Configuration that cannot be followed as it stands."""


@dataclass(frozen=True)
class Names:
    """How codes are called."""

    topic: Callable[[str], str]
    place: Callable[[str], str]


Met = Iterable[tuple[str, str]]
"""Each subject that meets a rule (nothing where there is but one), with the words."""


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Code
    level: Literal["bad", "warn"] = "warn"


class LongestWait(_Rule):
    """Somebody waits too long."""

    kind: Literal["longest_wait"]
    seconds: float = Field(gt=0)

    def met(self, facts: Facts, names: Names) -> Met:
        """Tell how many wait too long; not for how long: who reads words that never stand still?"""
        del names
        limit = timedelta(seconds=self.seconds)
        over = [c for c in facts.wall.waiting if facts.wall.now - c.since >= limit]
        if over:
            whole = self.seconds % 60 == 0
            told = f"{self.seconds / 60:g} 分钟" if whole else f"{self.seconds:g} 秒"
            yield "", f"{len(over)} 位来电人等待超过 {told}"


class NobodyReady(_Rule):
    """Callers wait and no lawyer is free."""

    kind: Literal["nobody_ready"]
    waiting: int = Field(default=1, ge=1)

    def met(self, facts: Facts, names: Names) -> Met:
        """Tell how many wait."""
        del names
        lawyers = facts.wall.of_kind(AgentKind.LAWYER)
        free = any(p.state is Presence.READY and p.reachable for p in lawyers)
        if len(facts.wall.waiting) >= self.waiting and not free:
            yield "", f"{len(facts.wall.waiting)} 人等待，没有空闲律师"


class Unreachable(_Rule):
    """A telephone of somebody who is signed in does not answer."""

    kind: Literal["unreachable"]

    def met(self, facts: Facts, names: Names) -> Met:
        """Tell whose."""
        del names
        people = facts.wall.people
        gone = [p.name for p in people if not p.reachable and p.state is not Presence.OFFLINE]
        if gone:
            more = f"等 {len(gone)} 处" if len(gone) > NAMED else ""
            yield "", f"话机不通：{'、'.join(gone[:NAMED])}{more}"


class ConnectRate(_Rule):
    """Too few callers are answered."""

    kind: Literal["connect_rate"]
    below: float = Field(gt=0, le=1)
    minutes: int = Field(default=1440, ge=5, le=7 * 1440)
    at_least: int = Field(default=20, ge=1)

    def met(self, facts: Facts, names: Names) -> Met:
        """Tell the rate."""
        del names
        rate = facts.rates.get(self.minutes)
        if rate is None or rate.value is None or rate.denominator < self.at_least:
            return
        if rate.value < self.below:
            yield (
                "",
                f"最近{_span(self.minutes)}接通率 {rate.value:.1%}，低于 {self.below:.0%}",
            )


class Mass(_Rule):
    """Many different callers within a short time have one theme or come from one place."""

    kind: Literal["mass"]
    by: Literal["topic", "place"]
    callers: int = Field(ge=2)
    minutes: int = Field(ge=1, le=1440)

    def met(self, facts: Facts, names: Names) -> Met:
        """Tell each theme or place."""
        for code, callers in sorted(facts.crowds.get((self.by, self.minutes), {}).items()):
            if callers < self.callers:
                continue
            what = (
                f" {callers} 人咨询“{names.topic(code)}”"
                if self.by == "topic"
                else f" {names.place(code)}有 {callers} 人来电"
            )
            yield code, f"集中来电：{_span(self.minutes).strip()}内{what}"


class Emergency(_Rule):
    """The emergency key was pressed and nobody has confirmed it."""

    kind: Literal["emergency"]

    def met(self, facts: Facts, names: Names) -> Met:
        """Tell each call."""
        del names
        for call_id, who in facts.emergencies:
            yield call_id, f"{who}按了紧急求助键"


class Absent(_Rule):
    """Somebody's shift has begun and they are not signed in."""

    kind: Literal["absent"]
    minutes: int = Field(default=10, ge=0, le=240)

    def met(self, facts: Facts, names: Names) -> Met:
        """Tell each person; not for how many minutes."""
        del names
        for agent_id, name, late in facts.late:
            if late >= timedelta(minutes=self.minutes):
                yield agent_id, f"{name}已开班，尚未签入"


class Trunk(_Rule):
    """A trunk does not answer: nobody can be called outside, and calls may not come in."""

    kind: Literal["trunk"]

    def met(self, facts: Facts, names: Names) -> Met:
        """Tell each."""
        del names
        for trunk in facts.trunks:
            yield trunk, f"中继 {trunk} 没有应答，打不出去，来电也可能进不来"


class Config(_Rule):
    """A file of the configuration is broken: an earlier one holds, until it is mended."""

    kind: Literal["config"]

    def met(self, facts: Facts, names: Names) -> Met:
        """Tell each file, where it is wrong, and what holds."""
        del names
        for one in facts.refused:
            yield one.file, f"{one.file} 有误，没有生效：{one.mistakes}。{one.holds}"


def _span(minutes: int) -> str:
    return f" {minutes // 60} 小时" if minutes % 60 == 0 else f" {minutes} 分钟"


Rule = Annotated[
    LongestWait
    | NobodyReady
    | Unreachable
    | ConnectRate
    | Mass
    | Emergency
    | Absent
    | Trunk
    | Config,
    Field(discriminator="kind"),
]


class Rules(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int = 1
    check_seconds: float = Field(default=5, ge=1, le=300)
    clear_after: float = Field(default=30, ge=0, le=3600)
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _distinct(self) -> Rules:
        codes = [rule.code for rule in self.rules]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise ValueError(f"规则编码重复：{'、'.join(twice)}")
        return self


def load(file: Path | None = None) -> Rules:
    """Read the rules.

    Raises:
        hotline.configfiles.ConfigFileError: every mistake with its line.
    """
    return configfiles.load(file or config.path("alarms.yaml"), Rules)


KIND_WORDS: Mapping[str, str] = {
    "longest_wait": "等待过久",
    "nobody_ready": "无人空闲",
    "unreachable": "话机不通",
    "connect_rate": "接通率",
    "mass": "集中来电",
    "emergency": "紧急求助",
    "absent": "未到岗",
    "trunk": "中继不通",
    "config": "配置有误",
}


def judge(facts: Facts, rules: Rules, names: Names) -> list[Alarm]:
    """Return what is out of order now, what is bad first."""
    found = [
        Alarm(
            f"{rule.code}:{subject}" if subject else rule.code,
            rule.code,
            rule.kind,
            rule.level,
            told,
        )
        for rule in rules.rules
        for subject, told in rule.met(facts, names)
    ]
    return sorted(found, key=lambda alarm: alarm.level != "bad")


def looked_back(rules: Rules) -> tuple[set[int], set[tuple[str, int]]]:
    """Return the minutes of rates and the groupings that the rules need to be read."""
    rates = {rule.minutes for rule in rules.rules if isinstance(rule, ConnectRate)}
    crowds: set[tuple[str, int]] = {
        (rule.by, rule.minutes) for rule in rules.rules if isinstance(rule, Mass)
    }
    return rates, crowds


def since(now: datetime, minutes: int) -> datetime:
    """Return when a span that ends now began."""
    return now - timedelta(minutes=minutes)
