"""Who stands where: a caller in line, a person on duty, and the buckets in which they meet.

A bucket is one thing that can be asked for: a topic at a level in a language, any lawyer, the
station of a place. A free person stands in every bucket that they can serve; a waiting caller in
every bucket that their step of the ladder allows.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from hotline.routing.people import Agent, AgentKind, Presence, Wish
from hotline.routing.policy import Policy, Step, To

ANY = "*"
LEVELS = range(1, 6)

Bucket = tuple[str, ...]
"""Such as ``("skill", "wages", "3", "zh")``, ``("lawyer", "*")``, ``("station", "qingshi")``."""

Plan = tuple[tuple[Bucket, ...], ...]
"""Where each step of a caller's ladder looks."""

Key = tuple[int, float, str]
"""The order of callers: who has waited too long first, then head start and time, then id."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who waits. ``since`` is when, on the board's clock."""

    call_id: str
    since: float
    topic: str = ""
    language: str = "zh"
    place: str = ""
    priority: str = ""
    last_agent: str = ""
    """Who talked with this number before."""
    tries: int = 0
    """Offers made before."""
    entered: float | None = None
    """When the ladder began to widen, where that is later than ``since``: a place that was kept
    overnight is no reason to pass the right lawyer by."""
    absent: bool = False
    """Nobody is on the line: a call-back keeps the place."""

    @property
    def widens_from(self) -> float:
        """From when on the ladder widens."""
        return self.since if self.entered is None else self.entered


@dataclass(slots=True)
class Waiting:
    """A caller's place. Only the board changes it."""

    caller: Caller
    key: Key = (1, 0.0, "")
    plan: Plan = ()
    step: int = 0
    """How far up the ladder by time alone."""
    reach: int = 0
    """How far in fact: further, where nobody of the steps so far is on duty."""
    hope: bool = True
    """Whether anybody whom the ladder allows is on duty."""
    gives_up: bool = False
    """Whether the caller is to be asked for a message."""
    excluded: dict[str, float] = field(default_factory=dict)
    """People not to be offered again, until when."""
    unreached: set[str] = field(default_factory=set)
    """Those of them whose telephone failed; they may be again as soon as it is back."""
    buckets: tuple[Bucket, ...] = ()
    """Where the caller stands now."""


@dataclass(slots=True)
class Person:
    """An agent and what they are doing. Only the board changes it."""

    agent: Agent
    wish: Wish = Wish.OFFLINE
    reason: str = ""
    reachable: bool = True
    outside: bool = True
    """Whether anybody can be called outside just now."""
    open: bool = True
    """Within the opening hours."""
    offer: str = ""
    """The call that rings."""
    talks: set[str] = field(default_factory=set)
    rest_until: float = 0.0
    """Wrap-up after a call, or a short rest after a telephone that failed."""
    wrapup: bool = False
    idle_since: float = 0.0
    missed: int = 0
    failures: int = 0
    broken: bool = False
    """The telephone failed twice in a row: it is left alone for a while (circuit-breaker)."""
    buckets: tuple[Bucket, ...] = ()
    """What they can be asked for at their desk."""
    standing: tuple[Bucket, ...] = ()
    """What they can be asked for now; nothing while they are not on duty."""
    gone: tuple[Bucket, ...] = ()
    """What they could be asked for now, did their telephone answer."""
    resting: tuple[Bucket, ...] = ()
    """The same where the telephone is only left alone for a while, and then tried again."""
    entry: tuple[float, str] | None = None
    """How they stand in line; ``None`` where they are not free."""
    shown: tuple[Presence, str, str, bool, int] | None = None
    """What was last told of them."""

    def __post_init__(self) -> None:
        self.buckets = buckets_of(self.agent)

    @property
    def answers(self) -> bool:
        """Whether the telephone is there and, as far as we know, works."""
        return self.there and not self.broken

    @property
    def chose_mobile(self) -> bool:
        """Whether they asked to be rung on the mobile, as at a desk: a number of the trunk's."""
        own = not self.agent.district and self.agent.kind is not AgentKind.DISTRICT
        return own and bool(self.agent.mobile) and "@" in self.agent.endpoint

    @property
    def there(self) -> bool:
        """Whether what they chose to be rung on can be reached; a mobile, as the trunk can."""
        return self.outside if self.chose_mobile else self.reachable

    @property
    def on_duty(self) -> bool:
        """Whether calls may be offered now or after the present one."""
        return bool(self.standing)

    @property
    def on_mobile(self) -> bool:
        """Whether they can be rung on the mobile only: chosen, or the desk does not answer."""
        return bool(self.agent.mobile) and (self.chose_mobile or not self.reachable)

    def wanted_standing(self) -> tuple[Bucket, ...]:
        """Return where their wish, their telephone and the hours put them."""
        if self.wish is not Wish.READY or not self.open or self.broken:
            return ()
        if self.there:
            return self.buckets
        return mobile_buckets(self.agent) if self.outside else ()

    def wanted_gone(self) -> tuple[Bucket, ...]:
        """Return where they would stand, did their telephone answer."""
        gone = self.wish is Wish.READY and self.open and not self.answers
        return self.buckets if gone else ()

    def wanted_resting(self) -> tuple[Bucket, ...]:
        """Return where they will stand again when their telephone has been left alone enough."""
        if not self.broken or self.wish is not Wish.READY or not self.open:
            return ()
        return self.buckets if self.there else mobile_buckets(self.agent)

    @property
    def presence(self) -> Presence:
        """What the pages show."""
        if self.offer or self.talks:
            return Presence.BUSY
        if self.wish is Wish.OFFLINE:
            return Presence.OFFLINE
        if self.wish is Wish.PAUSED:
            return Presence.PAUSED
        return Presence.WRAPUP if self.wrapup else Presence.READY

    @property
    def call_id(self) -> str:
        """The call that rings, or one that is talked on."""
        return self.offer or next(iter(self.talks), "")

    def is_free(self, now: float) -> bool:
        """Whether a call may be offered now."""
        return (
            self.on_duty
            and not self.offer
            and len(self.talks) < self.agent.capacity
            and self.rest_until <= now
        )


class Pace:
    """How long a talk with its wrap-up takes: a mean that follows the day."""

    MEMORY = 50
    """So many talks make the mean their own."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def heard(self, seconds: float) -> None:
        """Take one more talk into the mean."""
        self.seconds += (seconds - self.seconds) / self.MEMORY


Entry = TypeVar("Entry", bound=tuple[object, ...])


class Lines(Generic[Entry]):
    """Sorted lines by bucket; only those with somebody in them exist."""

    def __init__(self) -> None:
        self.by_bucket: dict[Bucket, list[Entry]] = {}
        self.changes = 0
        """How often somebody came or went."""

    def enter(self, buckets: Iterable[Bucket], entry: Entry) -> None:
        """Put ``entry`` in its place in each of ``buckets``."""
        self.changes += 1
        for bucket in buckets:
            insort(self.by_bucket.setdefault(bucket, []), entry)

    def leave(self, buckets: Iterable[Bucket], entry: Entry) -> None:
        """Take ``entry`` out of each of ``buckets``, where it stands."""
        self.changes += 1
        for bucket in buckets:
            line = self.by_bucket[bucket]
            del line[bisect_left(line, entry)]
            if not line:
                del self.by_bucket[bucket]


def buckets_of(agent: Agent) -> tuple[Bucket, ...]:
    """Return everything that this person can be asked for."""
    languages = _languages(agent)
    if agent.district or agent.kind is AgentKind.DISTRICT:
        return _of_another_district(agent, languages)
    if agent.kind is AgentKind.STATION:
        return (("station", agent.place), ("station", ANY))
    skills = tuple(
        ("skill", topic, str(level), language)
        for topic, level in agent.skills.items()
        for language in languages
    )
    everyone = tuple(("lawyer", language) for language in languages)
    return (*skills, *everyone)


def _of_another_district(agent: Agent, languages: tuple[str, ...]) -> tuple[Bucket, ...]:
    """They are asked as a whole, or their district by name; a station also for its own place."""
    names = tuple(dict.fromkeys((agent.district or ANY, ANY)))
    buckets = tuple(("district", name, language) for name in names for language in languages)
    is_station = agent.kind is AgentKind.STATION
    return ((("station", agent.place), *buckets)) if is_station else buckets


def mobile_buckets(agent: Agent) -> tuple[Bucket, ...]:
    """Return what this person can be asked for on the mobile."""
    if not agent.mobile or agent.district or agent.kind is AgentKind.DISTRICT:
        return ()
    return tuple(("mobile", language) for language in _languages(agent))


def _languages(agent: Agent) -> tuple[str, ...]:
    return (*sorted(agent.languages), ANY)


def step_for(steps: tuple[Step, ...], waited: float, predicted: float) -> int:
    """Return how far up the ladder a caller is, by time or by the wait to be expected."""
    reached = 0
    for number, step in enumerate(steps):
        soon = step.predicted is not None and predicted >= step.predicted
        if step.after <= waited or soon:
            reached = number
    return reached


def plan_for(steps: tuple[Step, ...], topic: str, language: str, place: str) -> Plan:
    """Return where each step looks for a caller who needs this."""
    return tuple(_buckets_for(step, topic, language, place) for step in steps)


def _buckets_for(step: Step, topic: str, language: str, place: str) -> tuple[Bucket, ...]:
    if step.to is To.SKILLED and topic:
        return tuple(
            ("skill", topic, str(level), language) for level in LEVELS if level >= step.level
        )
    if step.to is To.HOME_STATION and not place:
        return ()
    one: Bucket | None = {
        To.SKILLED: ("lawyer", language),
        To.LAWYERS: ("lawyer", language),
        To.HOME_STATION: ("station", place),
        To.STATIONS: ("station", ANY),
        To.MOBILES: ("mobile", language),
        To.DISTRICTS: ("district", step.district or ANY, language),
    }.get(step.to)
    return (one,) if one is not None else ()


def changes_after(waiting: Waiting, policy: Policy, now: float) -> float | None:
    """Return when time alone changes a caller's standing next; ``None`` where it never will."""
    return min((due for due in _dues(waiting, policy) if due > now), default=None)


def _dues(waiting: Waiting, policy: Policy) -> Iterator[float]:
    caller = waiting.caller
    steps = policy.steps(caller.topic)
    if waiting.step + 1 < len(steps):
        yield caller.widens_from + steps[waiting.step + 1].after
    yield caller.since + policy.priority(caller.priority).longest
    yield caller.widens_from + policy.any_language_after
    yield caller.widens_from + policy.nobody_seconds
    yield from waiting.excluded.values()
