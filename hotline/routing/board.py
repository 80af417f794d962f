"""The board (派话看板): who waits, who is free, who is offered to whom; indexed, without I/O.

Every change is a method that takes the time; :func:`hotline.routing.decide.decide` reads. Time is
seconds of a clock that never goes back, so that a stepped machine clock moves nobody.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass, replace

from hotline.routing.people import Agent, Wish
from hotline.routing.policy import Policy, To
from hotline.routing.standing import (
    ANY,
    Bucket,
    Caller,
    Key,
    Lines,
    Person,
    Plan,
    Waiting,
    buckets_of,
    changes_after,
    plan_for,
)
from hotline.routing.tables import OfferOutcome

MISSED_REASON = "连续漏接"


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer that is out."""

    offer_id: str
    call_id: str
    agent_id: str
    made_at: float


class Board:
    """The state that decisions are made on."""

    def __init__(self, policy: Policy, now: float = 0.0) -> None:
        self.policy = policy
        self.now = now
        self.waiting: dict[str, Waiting] = {}
        """Everybody in line, also those to whom an offer is out."""
        self.people: dict[str, Person] = {}
        self.offers: dict[str, Offered] = {}
        """Offers that are out, by call."""
        self.free: Lines[tuple[float, str]] = Lines()
        """Free people, the longest idle first."""
        self.wanting: Lines[tuple[Key, str]] = Lines()
        """Callers without an offer, the first first."""
        self.giving_up: list[tuple[Key, str]] = []
        """Callers to be asked for a message."""
        self._on_duty: dict[Bucket, int] = {}
        self._plans: dict[tuple[str, str, str], Plan] = {}
        self._timers: list[tuple[float, str, str]] = []
        self._changed: set[str] = set()

    # -- people ------------------------------------------------------------------------------

    def set_people(self, agents: Iterable[Agent], now: float) -> None:
        """Take a new list of people; those known keep their state, those gone are dropped.

        Somebody who is gone but still talks is dropped with the first list after the talk.
        """
        self.advance(now)
        fresh = {agent.id: agent for agent in agents}
        for agent_id in [a for a in self.people if a not in fresh]:
            person = self.people[agent_id]
            person.wish = Wish.OFFLINE
            self._refresh(person)
            if not (person.offer or person.talks):
                del self.people[agent_id]
        for agent in fresh.values():
            known = self.people.get(agent.id)
            if known is None:
                self.people[agent.id] = Person(agent, idle_since=now)
            elif known.agent != agent:
                wish, known.wish = known.wish, Wish.OFFLINE
                self._refresh(known)
                known.agent, known.buckets, known.wish = agent, buckets_of(agent), wish
                self._refresh(known)

    def set_wish(self, agent_id: str, wish: Wish, reason: str, now: float) -> bool:
        """Apply what a person asked to be; ``False`` where nobody knows them.

        Asking to be ready ends a wrap-up early and forgets missed offers.
        """
        self.advance(now)
        person = self.people.get(agent_id)
        if person is None:
            return False
        if wish is Wish.READY:
            person.missed = 0
            if person.wish is not Wish.READY or person.wrapup:
                person.idle_since = now
            if person.wrapup:
                person.wrapup, person.rest_until = False, now
        person.wish, person.reason = wish, reason
        self._refresh(person)
        return True

    def set_reachable(self, agent_id: str, now: float, *, reachable: bool) -> None:
        """Note whether the telephone is registered and answers; news of it end a rest."""
        self.advance(now)
        person = self.people.get(agent_id)
        if person is None:
            return
        if reachable and not person.wrapup:
            person.failures, person.rest_until = 0, min(person.rest_until, now)
        person.reachable = reachable
        self._refresh(person)

    def set_open(self, agent_id: str, now: float, *, is_open: bool) -> None:
        """Note whether the opening hours run."""
        self.advance(now)
        person = self.people.get(agent_id)
        if person is not None and person.open != is_open:
            person.open = is_open
            self._refresh(person)

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
                person.reachable,
                person.missed,
            )
            if shown != person.shown:
                person.shown = shown
                changed.append(person)
        self._changed.clear()
        return changed

    def on_duty(self, bucket: Bucket) -> bool:
        """Whether anybody of a bucket is free or will be sooner or later."""
        return bool(self._on_duty.get(bucket))

    # -- callers -----------------------------------------------------------------------------

    def waits(self, caller: Caller, now: float) -> bool:
        """Put a caller in line; telling it again changes only what is known of the caller.

        Returns:
            Whether the caller was not in line before.
        """
        self.advance(now)
        known = self.waiting.get(caller.call_id)
        if known is None:
            self.waiting[caller.call_id] = fresh = Waiting(caller)
            self._enter(fresh)
            return True
        # A caller keeps the earliest time: nobody moves back by being announced again.
        caller = replace(
            caller,
            since=min(caller.since, known.caller.since),
            tries=max(caller.tries, known.caller.tries),
        )
        if caller != known.caller:
            self._leave(known)
            known.caller = caller
            if caller.call_id not in self.offers:
                self._enter(known)
        return False

    def leaves(self, call_id: str, now: float) -> Offered | None:
        """Take a caller out of line, because they hung up or went to leave a message.

        Returns:
            The offer that this cancels, where one was out; its person is free again at once.
        """
        self.advance(now)
        cancelled = self.offer_ended(call_id, OfferOutcome.CANCELLED, now)
        gone = self.waiting.pop(call_id, None)
        if gone is not None:
            self._leave(gone)
        return cancelled

    # -- offers ------------------------------------------------------------------------------

    def offer(self, offer_id: str, call_id: str, agent_id: str, now: float) -> Offered:
        """Note that a caller is offered to a person.

        Raises:
            ValueError: the caller or the person already has an offer, or is not there.
        """
        self.advance(now)
        waiting, person = self.waiting.get(call_id), self.people.get(agent_id)
        if waiting is None or call_id in self.offers:
            raise ValueError(f"call {call_id} cannot be offered")
        if person is None or person.entry is None:
            raise ValueError(f"{agent_id} cannot be offered a call")
        offered = self.adopt(offer_id, call_id, agent_id, now)
        if offered is None:
            raise ValueError(f"{agent_id} already has an offer")
        return offered

    def adopt(self, offer_id: str, call_id: str, agent_id: str, now: float) -> Offered | None:
        """Note an offer that was found ringing, whether or not it would be made now."""
        self.advance(now)
        waiting, person = self.waiting.get(call_id), self.people.get(agent_id)
        if waiting is None or person is None or person.offer or call_id in self.offers:
            return None
        offered = Offered(offer_id, call_id, agent_id, now)
        self._leave(waiting)
        self.offers[call_id] = offered
        person.offer = call_id
        self._refresh(person)
        return offered

    def offer_ended(self, call_id: str, outcome: OfferOutcome, now: float) -> Offered | None:
        """Note what came of the offer of a call; a call without one changes nothing.

        An answered caller leaves the line; any other keeps their place in it.
        """
        self.advance(now)
        offered = self.offers.pop(call_id, None)
        if offered is None:
            return None
        person = self.people[offered.agent_id]
        person.offer = ""
        if outcome is OfferOutcome.ANSWERED:
            person.talks.add(call_id)
            person.missed = person.failures = 0
            self.waiting.pop(call_id, None)
        else:
            self._not_answered(person, outcome, now)
            waiting = self.waiting[call_id]
            if outcome is not OfferOutcome.CANCELLED:
                waiting.excluded[offered.agent_id] = now + self.policy.again_after
            waiting.caller = replace(waiting.caller, tries=waiting.caller.tries + 1)
            self._enter(waiting)
        self._refresh(person)
        return offered

    def _not_answered(self, person: Person, outcome: OfferOutcome, now: float) -> None:
        match outcome:
            case OfferOutcome.MISSED | OfferOutcome.REFUSED:
                person.missed += 1
                person.idle_since = now
                if person.missed >= self.policy.missed_limit and person.wish is Wish.READY:
                    person.wish = Wish.PAUSED
                    person.reason = f"{MISSED_REASON} {person.missed} 次"
            case OfferOutcome.UNREACHABLE:
                person.failures += 1
                # A telephone that fails twice is broken; once may be chance.
                rest = self.policy.broken_seconds if person.failures > 1 else 1.0
                self._rest(person, now + rest)
            case _:
                pass

    def talks(self, call_id: str, agent_id: str, now: float) -> None:
        """Note a talk that the board did not arrange: found at a restart, or by the plain queue."""
        self.advance(now)
        person = self.people.get(agent_id)
        offered = self.offers.get(call_id)
        if offered is not None and offered.agent_id == agent_id:
            self.offer_ended(call_id, OfferOutcome.ANSWERED, now)
            return
        self.leaves(call_id, now)
        if person is not None:
            person.talks.add(call_id)
            self._refresh(person)

    def talk_ended(self, call_id: str, agent_id: str, now: float) -> None:
        """Note the end of a talk: wrap-up begins, for the person and not for a queue."""
        self.advance(now)
        person = self.people.get(agent_id)
        if person is None or call_id not in person.talks:
            return
        person.talks.discard(call_id)
        seconds = self.policy.wrapup(person.agent.kind)
        person.idle_since = now + seconds
        if seconds > 0:
            person.wrapup = True
            self._rest(person, now + seconds)
        self._refresh(person)

    # -- time and policy ---------------------------------------------------------------------

    def set_policy(self, policy: Policy, now: float) -> None:
        """Follow a new policy: everybody keeps their place and their state."""
        self.advance(now)
        self.policy = policy
        self._plans.clear()
        for waiting in self.waiting.values():
            self._stand_anew(waiting)

    def advance(self, now: float) -> None:
        """Let the time come to ``now``: ladders widen, wrap-ups end. An earlier time is ignored."""
        self.now = now = max(self.now, now)
        while self._timers and self._timers[0][0] <= now:
            _, kind, name = heapq.heappop(self._timers)
            if kind == "caller":
                waiting = self.waiting.get(name)
                if waiting is not None:
                    self._stand_anew(waiting)
            elif (person := self.people.get(name)) is not None and person.rest_until <= now:
                person.wrapup = False
                self._refresh(person)

    def next_change(self) -> float | None:
        """Return when time alone may change something; ``None`` where it will not."""
        return self._timers[0][0] if self._timers else None

    def _rest(self, person: Person, until: float) -> None:
        person.rest_until = until
        heapq.heappush(self._timers, (until, "person", person.agent.id))

    # -- standing ----------------------------------------------------------------------------

    def _stand_anew(self, waiting: Waiting) -> None:
        if waiting.caller.call_id not in self.offers:
            self._leave(waiting)
            self._enter(waiting)

    def _enter(self, waiting: Waiting) -> None:
        """Put a caller where time, policy and the people on duty say."""
        caller, policy = waiting.caller, self.policy
        waited = self.now - caller.since
        steps = policy.steps(caller.topic)
        waiting.excluded = {a: until for a, until in waiting.excluded.items() if until > self.now}
        waiting.plan = self._plan(
            caller.topic,
            ANY if waited >= policy.any_language_after else caller.language,
            caller.place,
        )
        waiting.step = max(i for i, step in enumerate(steps) if step.after <= waited or i == 0)
        self._reach(waiting)
        ladder_ends = steps[-1].to is To.VOICEMAIL
        waiting.gives_up = ladder_ends and (
            waiting.step == len(steps) - 1 or (not waiting.hope and waited >= policy.nobody_seconds)
        )
        priority = policy.priority(caller.priority)
        waiting.key = (
            0 if waited >= priority.longest else 1,
            caller.since - priority.head_start,
            caller.call_id,
        )
        entry = (waiting.key, caller.call_id)
        waiting.buckets = tuple({b: None for at in waiting.plan[: waiting.reach + 1] for b in at})
        self.wanting.enter(waiting.buckets, entry)
        if waiting.gives_up:
            insort(self.giving_up, entry)
        due = changes_after(waiting, policy, self.now)
        if due is not None:
            heapq.heappush(self._timers, (due, "caller", caller.call_id))

    def _leave(self, waiting: Waiting) -> None:
        entry = (waiting.key, waiting.caller.call_id)
        self.wanting.leave(waiting.buckets, entry)
        waiting.buckets = ()
        if waiting.gives_up:
            waiting.gives_up = False
            del self.giving_up[bisect_left(self.giving_up, entry)]

    def _reach(self, waiting: Waiting) -> None:
        waiting.reach, waiting.hope = waiting.step, False
        for step, buckets in enumerate(waiting.plan):
            if any(self._on_duty.get(bucket) for bucket in buckets):
                waiting.reach, waiting.hope = max(step, waiting.step), True
                return

    def _plan(self, topic: str, language: str, place: str) -> Plan:
        plan = self._plans.get((topic, language, place))
        if plan is None:
            plan = plan_for(self.policy.steps(topic), topic, language, place)
            self._plans[topic, language, place] = plan
        return plan

    def _refresh(self, person: Person) -> None:
        """Put a person where their state says."""
        self._changed.add(person.agent.id)
        on_duty = person.wish is Wish.READY and person.reachable and person.open
        if on_duty != person.on_duty:
            person.on_duty = on_duty
            self._duty_changed(person)
        free = person.is_free(self.now)
        if free and person.entry is None:
            person.idle_since = min(person.idle_since, self.now)
            person.entry = (person.idle_since, person.agent.id)
            self.free.enter(person.buckets, person.entry)
        elif not free and person.entry is not None:
            self.free.leave(person.buckets, person.entry)
            person.entry = None

    def _duty_changed(self, person: Person) -> None:
        turned = set()
        for bucket in person.buckets:
            count = self._on_duty.get(bucket, 0) + (1 if person.on_duty else -1)
            self._on_duty[bucket] = count
            if count == (1 if person.on_duty else 0):
                turned.add(bucket)
        if not turned:
            return
        # The first of a bucket came or the last one left: callers who hoped for it, or had
        # stopped hoping, reach differently far now.
        for waiting in list(self.waiting.values()):
            if any(bucket in turned for buckets in waiting.plan for bucket in buckets):
                self._stand_anew(waiting)
