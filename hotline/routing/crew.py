"""The people of the board (当班人员): who is on duty, who is free, what they are doing.

The crew knows no callers. Each change returns the buckets that *turned*: where the first person
came on duty or the last one left, so that callers may reach differently far than before.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable

from hotline.routing.people import Agent, AgentKind, Wish
from hotline.routing.policy import Policy
from hotline.routing.standing import Bucket, Lines, Person, buckets_of
from hotline.routing.tables import OfferOutcome

MISSED_REASON = "连续漏接"
BROKEN_AFTER = 2
"""A telephone that fails so often is broken; once may be chance."""
FIRST_REST = 1.0
"""Seconds after which a telephone that failed once is rung again."""

Turned = set[Bucket]


class Crew:
    """Everybody who may answer. Only the board changes it."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.people: dict[str, Person] = {}
        self.free: Lines[tuple[float, str]] = Lines()
        """Free people, the longest idle first."""
        self.places: dict[Bucket, int] = {}
        """People on duty in each bucket."""
        self.gone: Counter[Bucket] = Counter()
        """People in each bucket who would be on duty, did their telephone answer."""
        self.resting: Counter[Bucket] = Counter()
        """People in each bucket whose telephone is left alone for a while (circuit-breaker)."""
        self._outside = True
        self._timers: list[tuple[float, str]] = []
        self._changed: set[str] = set()

    # -- who they are --------------------------------------------------------------------------

    def set_people(self, agents: Iterable[Agent], now: float) -> Turned:
        """Take a new list of people; those known keep their state, those gone are dropped.

        Somebody who is gone but still talks is dropped with the first list after the talk.
        """
        turned: Turned = set()
        fresh = {agent.id: agent for agent in agents}
        for agent_id in [a for a in self.people if a not in fresh]:
            person = self.people[agent_id]
            person.wish = Wish.OFFLINE
            turned |= self.refresh(person, now)
            if not (person.offer or person.talks):
                del self.people[agent_id]
        for agent in fresh.values():
            known = self.people.get(agent.id)
            if known is None:
                self.people[agent.id] = Person(agent, idle_since=now, outside=self._outside)
            elif known.agent != agent:
                wish, known.wish = known.wish, Wish.OFFLINE
                turned |= self.refresh(known, now)
                known.agent, known.buckets, known.wish = agent, buckets_of(agent), wish
                turned |= self.refresh(known, now)
        return turned

    def set_wish(self, person: Person, wish: Wish, reason: str, now: float) -> Turned:
        """Apply what a person asked to be.

        Asking to be ready ends a wrap-up early and forgets missed offers.
        """
        if wish is Wish.READY:
            person.missed = 0
            if person.wish is not Wish.READY or person.wrapup:
                person.idle_since = now
            if person.wrapup:
                person.wrapup, person.rest_until = False, now
        person.wish, person.reason = wish, reason
        return self.refresh(person, now)

    def set_reachable(self, person: Person, now: float, *, reachable: bool) -> Turned:
        """Note whether the telephone is registered and answers; news of it end a rest.

        So does its going: what is rung from now on is the mobile, which did not fail.
        """
        if reachable or person.reachable:
            person.broken, person.failures = False, 0
            if not person.wrapup:
                person.rest_until = min(person.rest_until, now)
        person.reachable = reachable
        return self.refresh(person, now)

    def set_outside(self, now: float, *, reachable: bool) -> Turned:
        """Note whether anybody can be called outside: a mobile is no way without the trunk."""
        turned: Turned = set()
        if reachable != self._outside:
            self._outside = reachable
            for person in self.people.values():
                person.outside = reachable
                turned |= self.refresh(person, now)
        return turned

    def set_open(self, person: Person, now: float, *, is_open: bool) -> Turned:
        """Note whether the opening hours run."""
        person.open = is_open
        return self.refresh(person, now)

    # -- what they do --------------------------------------------------------------------------

    def answered(self, person: Person, call_id: str) -> None:
        """Note that the person took an offer."""
        person.talks.add(call_id)
        person.missed = person.failures = 0
        person.broken = False

    def not_answered(self, person: Person, outcome: OfferOutcome, now: float) -> None:
        """Note that an offer came to nothing: too many pause the person, with the reason."""
        match outcome:
            case OfferOutcome.MISSED | OfferOutcome.REFUSED if (
                person.agent.kind is AgentKind.DISTRICT
            ):
                # Nobody there could say that they are ready again.
                self._rest(person, now + self.policy.again_after)
            case OfferOutcome.MISSED | OfferOutcome.REFUSED:
                person.missed += 1
                person.idle_since = now
                if person.missed >= self.policy.missed_limit and person.wish is Wish.READY:
                    person.wish = Wish.PAUSED
                    person.reason = f"{MISSED_REASON} {person.missed} 次"
            case OfferOutcome.UNREACHABLE:
                person.failures += 1
                person.broken = person.failures >= BROKEN_AFTER
                rest = self.policy.broken_seconds if person.broken else FIRST_REST
                self._rest(person, now + rest)
            case _:
                pass

    def talk_ended(self, person: Person, call_id: str, now: float) -> Turned:
        """Note the end of a talk: wrap-up begins, for the person and not for a queue."""
        person.talks.discard(call_id)
        seconds = self.policy.wrapup(person.agent.kind)
        person.idle_since = now + seconds
        if seconds > 0:
            person.wrapup = True
            self._rest(person, now + seconds)
        return self.refresh(person, now)

    # -- time ----------------------------------------------------------------------------------

    def advance(self, now: float) -> Turned:
        """Let rests end."""
        turned: Turned = set()
        while self._timers and self._timers[0][0] <= now:
            _, agent_id = heapq.heappop(self._timers)
            person = self.people.get(agent_id)
            if person is not None and person.rest_until <= now:
                person.wrapup = person.broken = False
                turned |= self.refresh(person, now)
        return turned

    def next_change(self) -> float | None:
        """Return when time alone frees somebody next."""
        return self._timers[0][0] if self._timers else None

    def _rest(self, person: Person, until: float) -> None:
        person.rest_until = max(person.rest_until, until)
        heapq.heappush(self._timers, (person.rest_until, person.agent.id))

    # -- where they stand ----------------------------------------------------------------------

    def refresh(self, person: Person, now: float) -> Turned:
        """Put a person where their state says."""
        self._changed.add(person.agent.id)
        standing = person.wanted_standing()
        turned = self._stand(person, standing) if standing != person.standing else set()
        gone, resting = person.wanted_gone(), person.wanted_resting()
        if gone != person.gone:
            self.gone.subtract(person.gone)
            self.gone.update(gone)
            person.gone = gone
        if resting != person.resting:
            self.resting.subtract(person.resting)
            self.resting.update(resting)
            turned |= {*person.resting, *resting}
            person.resting = resting
        free = person.is_free(now)
        if person.entry is not None and person.entry[0] != person.idle_since:
            # Somebody with several lines was free all along, and goes behind after each talk.
            self._no_longer_free(person)
        if free and person.entry is None:
            person.idle_since = min(person.idle_since, now)
            person.entry = (person.idle_since, person.agent.id)
            self.free.enter(person.standing, person.entry)
        elif not free and person.entry is not None:
            self._no_longer_free(person)
        return turned

    def _stand(self, person: Person, standing: tuple[Bucket, ...]) -> Turned:
        if person.entry is not None:
            self._no_longer_free(person)
        before, after = set(person.standing), set(standing)
        turned: Turned = set()
        for bucket in before - after:
            self.places[bucket] -= 1
            if not self.places[bucket]:
                turned.add(bucket)
        for bucket in after - before:
            self.places[bucket] = self.places.get(bucket, 0) + 1
            if self.places[bucket] == 1:
                turned.add(bucket)
        person.standing = standing
        return turned

    def _no_longer_free(self, person: Person) -> None:
        if person.entry is not None:
            self.free.leave(person.standing, person.entry)
            person.entry = None

    def take_changes(self) -> list[Person]:
        """Return the people whose presence is not what was last taken, each once."""
        changed = []
        for agent_id in sorted(self._changed):
            person = self.people.get(agent_id)
            if person is None:
                continue
            shown = (
                person.presence,
                person.reason,
                person.call_id,
                person.answers,
                person.missed,
            )
            if shown != person.shown:
                person.shown = shown
                changed.append(person)
        self._changed.clear()
        return changed
