"""The board (派话看板): who waits, who is free, who is offered to whom; indexed, without I/O.

Every change is a method that takes the time; :func:`hotline.routing.decide.decide` reads. Time is
seconds of a clock that never goes back, so that a stepped machine clock moves nobody.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import dataclass, replace

from hotline.routing.crew import Crew
from hotline.routing.people import Agent, Wish
from hotline.routing.policy import Policy, Step, To
from hotline.routing.standing import (
    ANY,
    Bucket,
    Caller,
    Key,
    Lines,
    Pace,
    Person,
    Plan,
    Waiting,
    changes_after,
    plan_for,
    step_for,
)
from hotline.routing.tables import OfferOutcome


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
        self.crew = Crew(policy)
        self.pace = Pace(policy.handling_seconds)
        """How long a talk with its wrap-up takes these days."""
        self.waiting: dict[str, Waiting] = {}
        """Everybody in line, also those to whom an offer is out."""
        self.offers: dict[str, Offered] = {}
        """Offers that are out, by call."""
        self.wanting: Lines[tuple[Key, str]] = Lines()
        """Callers without an offer, the first first."""
        self.giving_up: list[tuple[Key, str]] = []
        """Callers to be asked for a message."""
        self._plans: dict[tuple[str, str, str], Plan] = {}
        self._timers: list[tuple[float, str]] = []
        self._began: dict[str, float] = {}

    # -- people ------------------------------------------------------------------------------

    @property
    def people(self) -> dict[str, Person]:
        """Everybody who may answer, by id."""
        return self.crew.people

    @property
    def free(self) -> Lines[tuple[float, str]]:
        """Free people, the longest idle first."""
        return self.crew.free

    def set_people(self, agents: Iterable[Agent], now: float) -> None:
        """Take a new list of people: see :meth:`Crew.set_people`."""
        self.advance(now)
        self._turned(self.crew.set_people(agents, now))

    def set_wish(self, agent_id: str, wish: Wish, reason: str, now: float) -> bool:
        """Apply what a person asked to be; ``False`` where nobody knows them."""
        self.advance(now)
        person = self.people.get(agent_id)
        if person is not None:
            self._turned(self.crew.set_wish(person, wish, reason, self.now))
        return person is not None

    def set_reachable(self, agent_id: str, now: float, *, reachable: bool) -> None:
        """Note whether the telephone is registered and answers; news of it end a rest."""
        self.advance(now)
        person = self.people.get(agent_id)
        if person is None:
            return
        is_back = reachable and (person.failures > 0 or not person.reachable)
        self._turned(self.crew.set_reachable(person, self.now, reachable=reachable))
        if is_back:
            for waiting in self.waiting.values():
                if agent_id in waiting.unreached:
                    waiting.unreached.discard(agent_id)
                    waiting.excluded.pop(agent_id, None)

    def set_outside(self, now: float, *, reachable: bool) -> None:
        """Note whether anybody can be called outside."""
        self.advance(now)
        self._turned(self.crew.set_outside(self.now, reachable=reachable))

    def set_open(self, agent_id: str, now: float, *, is_open: bool) -> None:
        """Note whether the opening hours run."""
        self.advance(now)
        person = self.people.get(agent_id)
        if person is not None and person.open != is_open:
            self._turned(self.crew.set_open(person, self.now, is_open=is_open))

    def take_changes(self) -> list[Person]:
        """Return the people whose presence is not what was last taken, each once."""
        return self.crew.take_changes()

    def on_duty(self, bucket: Bucket) -> bool:
        """Whether anybody of a bucket is free or will be sooner or later."""
        return bool(self.crew.places.get(bucket))

    def gone(self, bucket: Bucket) -> bool:
        """Whether somebody of a bucket is signed in whose telephone does not answer."""
        return bool(self.crew.gone.get(bucket))

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
            self.crew.answered(person, call_id)
            self._began[call_id] = now
            self.waiting.pop(call_id, None)
        else:
            self.crew.not_answered(person, outcome, now)
            waiting = self.waiting[call_id]
            if outcome is not OfferOutcome.CANCELLED:
                waiting.excluded[offered.agent_id] = now + self.policy.again_after
            if outcome is OfferOutcome.UNREACHABLE:
                waiting.unreached.add(offered.agent_id)
            else:
                waiting.unreached.discard(offered.agent_id)
            waiting.caller = replace(waiting.caller, tries=waiting.caller.tries + 1)
            self._enter(waiting)
        self._refresh(person)
        return offered

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
            self._began[call_id] = now
            self._refresh(person)

    def talk_ended(self, call_id: str, agent_id: str, now: float) -> None:
        """Note the end of a talk: wrap-up begins, for the person and not for a queue."""
        self.advance(now)
        person = self.people.get(agent_id)
        began = self._began.pop(call_id, None)
        if person is None or call_id not in person.talks:
            return
        if began is not None:
            self.pace.heard(now - began + self.policy.wrapup(person.agent.kind))
        self._turned(self.crew.talk_ended(person, call_id, now))

    def let_go(self, call_id: str, agent_id: str, now: float) -> None:
        """Note that a person was asked into a talk and did not come: no wrap-up follows."""
        self.advance(now)
        person = self.people.get(agent_id)
        if person is not None and call_id in person.talks:
            person.talks.discard(call_id)
            person.idle_since = now
            self._refresh(person)

    # -- time and policy ---------------------------------------------------------------------

    def set_policy(self, policy: Policy, now: float) -> None:
        """Follow a new policy: everybody keeps their place and their state."""
        self.advance(now)
        self.policy = self.crew.policy = policy
        self._plans.clear()
        for waiting in self.waiting.values():
            self._stand_anew(waiting)

    def advance(self, now: float) -> None:
        """Let the time come to ``now``: ladders widen, wrap-ups end. An earlier time is ignored."""
        self.now = now = max(self.now, now)
        while self._timers and self._timers[0][0] <= now:
            waiting = self.waiting.get(heapq.heappop(self._timers)[1])
            if waiting is not None:
                self._stand_anew(waiting)
        self._turned(self.crew.advance(now))

    def next_change(self) -> float | None:
        """Return when time alone may change something; ``None`` where it will not."""
        people = self.crew.next_change()
        if not self._timers:
            return people
        callers = self._timers[0][0]
        return callers if people is None else min(callers, people)

    # -- standing ----------------------------------------------------------------------------

    def _stand_anew(self, waiting: Waiting) -> None:
        if waiting.caller.call_id not in self.offers:
            self._leave(waiting)
            self._enter(waiting)

    def _enter(self, waiting: Waiting) -> None:
        """Put a caller where time, policy and the people on duty say."""
        caller, policy = waiting.caller, self.policy
        waited, widened = self.now - caller.since, self.now - caller.widens_from
        steps = policy.steps(caller.topic)
        waiting.excluded = {a: until for a, until in waiting.excluded.items() if until > self.now}
        waiting.plan = self.plan(
            caller.topic,
            ANY if widened >= policy.any_language_after else caller.language,
            caller.place,
        )
        waiting.step = step_for(steps, widened, self._predicted(waiting, steps))
        self._reach(waiting)
        # Nobody is on the line of a call-back who could leave a message.
        ladder_ends = steps[-1].to is To.VOICEMAIL and not caller.absent
        waiting.gives_up = ladder_ends and (
            waiting.step == len(steps) - 1
            or (not waiting.hope and widened >= policy.nobody_seconds)
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
            heapq.heappush(self._timers, (due, caller.call_id))

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
            if any(self.crew.places.get(bucket) for bucket in buckets):
                waiting.reach, waiting.hope = max(step, waiting.step), True
                return
        # Whose telephone is only left alone for a while is passed over, not given up.
        waiting.hope = any(self.crew.resting.get(b) for at in waiting.plan for b in at)

    def _predicted(self, waiting: Waiting, steps: tuple[Step, ...]) -> float:
        """Return the wait to be expected with the people of the first step alone."""
        if all(step.predicted is None for step in steps):
            return 0.0
        first = waiting.plan[0]
        people = sum(self.crew.places.get(bucket, 0) for bucket in first)
        if not people or any(self.free.by_bucket.get(bucket) for bucket in first):
            return 0.0
        ahead = max((len(self.wanting.by_bucket.get(bucket, ())) for bucket in first), default=0)
        return (ahead + 1) * self.pace.seconds / people

    def plan(self, topic: str, language: str, place: str) -> Plan:
        """Return where each step of the ladder looks for a caller who needs this."""
        plan = self._plans.get((topic, language, place))
        if plan is None:
            plan = plan_for(self.policy.steps(topic), topic, language, place)
            self._plans[topic, language, place] = plan
        return plan

    def _refresh(self, person: Person) -> None:
        self._turned(self.crew.refresh(person, self.now))

    def _turned(self, turned: set[Bucket]) -> None:
        """Put callers anew who hoped for somebody who left, or had stopped hoping."""
        if not turned:
            return
        for waiting in list(self.waiting.values()):
            if any(bucket in turned for buckets in waiting.plan for bucket in buckets):
                self._stand_anew(waiting)
