"""Random schedules on the board: whatever happens, nobody is rung twice and nobody is forgotten.

Hypothesis looks for schedules that go wrong, and says the shortest; thousands more are played in
``test_routing_board_seeds.py``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from itertools import pairwise
from random import Random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from hotline.routing.board import Board
from hotline.routing.decide import Code, Decision, Kind, decide
from hotline.routing.people import Agent, AgentKind, Presence, Wish
from hotline.routing.policy import Policy, Priority, Step, To
from hotline.routing.standing import ANY, Caller
from hotline.routing.tables import OfferOutcome

TOPICS = ("wages", "marriage", "traffic", "")
PLACES = ("qingshi", "liuhe", "")
LANGUAGES = ("zh", "yue")
PRIORITIES = {
    "normal": Priority(name="普通", longest=60),
    "elderly": Priority(name="老年人", head_start=30, longest=45),
    "emergency": Priority(name="紧急", head_start=100, longest=0),
}
POLICY = Policy(
    ladder=(
        Step(after=0, to=To.SKILLED, level=3),
        Step(after=10, to=To.SKILLED, level=1),
        Step(after=20, to=To.LAWYERS),
        Step(after=30, to=To.HOME_STATION),
        Step(after=40, to=To.STATIONS),
        Step(after=50, to=To.MOBILES),
        Step(after=60, to=To.DISTRICTS),
        Step(after=90, to=To.VOICEMAIL),
    ),
    priorities=PRIORITIES,
    nobody_seconds=15,
    any_language_after=35,
    wrapup_seconds={AgentKind.LAWYER: 5, AgentKind.STATION: 0},
    missed_limit=2,
    again_after=20,
    broken_seconds=12,
)
SHORT = POLICY.model_copy(
    update={"ladder": (Step(after=0, to=To.LAWYERS), Step(after=30, to=To.VOICEMAIL))}
)
PEOPLE = (
    Agent("wang", "王晓梅", AgentKind.LAWYER, "PJSIP/wang", {"wages": 3, "traffic": 1}),
    Agent("li", "李建国", AgentKind.LAWYER, "PJSIP/li", {"marriage": 3, "wages": 1}),
    Agent(
        "chen",
        "陈静",
        AgentKind.LAWYER,
        "PJSIP/chen",
        {},
        frozenset({"zh", "yue"}),
        mobile="13900000001",
    ),
    Agent("qingshi", "周明", AgentKind.STATION, "PJSIP/qingshi", place="qingshi"),
    Agent("liuhe", "吴芳", AgentKind.STATION, "PJSIP/liuhe", place="liuhe", capacity=2),
    Agent("linxian", "邻县中心", AgentKind.DISTRICT, "PJSIP/0939@trunk", capacity=2),
    Agent("zhang", "张敏", AgentKind.LAWYER, "PJSIP/zhang", {"wages": 3}, district="linxian"),
)
BY_ID = {agent.id: agent for agent in PEOPLE}
SAID_PRIORITIES = (*PRIORITIES, "unheard of")
LAST = ("", "wang", "chen", "nobody")
NO_ANSWER = (
    OfferOutcome.MISSED,
    OfferOutcome.REFUSED,
    OfferOutcome.UNREACHABLE,
    OfferOutcome.LOST,
)
IDS = sorted(BY_ID)
ids = st.sampled_from(IDS)


def allowed(board: Board, caller: Caller, step: Step, agent: Agent) -> bool:
    """Say once more, in the plainest way, whom a step of the ladder allows."""
    on_mobile = not board.people[agent.id].reachable
    if on_mobile != (step.to is To.MOBILES):
        return False
    waited = board.now - caller.since
    speaks = waited >= board.policy.any_language_after or caller.language in agent.languages
    lawyer = agent.kind is AgentKind.LAWYER and not agent.district
    station = agent.kind is AgentKind.STATION
    far = agent.kind is AgentKind.DISTRICT or bool(agent.district)
    if step.to is To.SKILLED and caller.topic:
        return lawyer and speaks and agent.skills.get(caller.topic, 0) >= step.level
    return {
        To.SKILLED: lawyer and speaks,
        To.LAWYERS: lawyer and speaks,
        To.HOME_STATION: station and bool(caller.place) and agent.place == caller.place,
        To.STATIONS: station,
        To.MOBILES: lawyer and speaks and bool(agent.mobile),
        To.DISTRICTS: far and speaks,
        To.VOICEMAIL: False,
    }[step.to]


def plain_order(board: Board, caller: Caller) -> tuple[int, float, str]:
    priority = board.policy.priority(caller.priority)
    waited = board.now - caller.since
    return (waited < priority.longest, caller.since - priority.head_start, caller.call_id)


def plain_choice(board: Board, caller: Caller) -> tuple[str, int] | None:
    """The person for a caller by looking at everybody."""
    waiting = board.waiting[caller.call_id]
    excluded = {a for a, until in waiting.excluded.items() if until > board.now}
    waited, hope = board.now - caller.since, False
    for number, step in enumerate(board.policy.steps(caller.topic)):
        if step.after > waited and hope:
            return None
        fit = [p for p in board.people.values() if allowed(board, caller, step, p.agent)]
        free = [p for p in fit if p.is_free(board.now) and p.agent.id not in excluded]
        if free:
            return min(free, key=lambda p: (p.idle_since, p.agent.id)).agent.id, number
        hope = hope or any(p.on_duty for p in fit)
    return None


def plain_decision(board: Board) -> tuple[str, str] | None:
    """The decision by looking at everybody: ``(call, person)``."""
    callers = [w.caller for w in board.waiting.values() if w.caller.call_id not in board.offers]
    for caller in sorted(callers, key=lambda c: plain_order(board, c)):
        found = plain_choice(board, caller)
        if found is not None:
            return caller.call_id, found[0]
    return None


Choices = st.DataObject | Random


def pick(data: Choices, calls: Iterable[str]) -> str:
    options = sorted(calls)
    return data.choice(options) if isinstance(data, Random) else data.draw(st.sampled_from(options))


class Schedules(RuleBasedStateMachine):
    """A hotline on which anything happens in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.board = Board(POLICY)
        self.born = 0
        self.came: dict[str, float] = {}
        self.ended: dict[str, str] = {}
        self.rung: dict[str, str] = {}
        self.talking: dict[str, str] = {}
        self.made = 0

    @initialize()
    def people_come(self) -> None:
        self.board.set_people(PEOPLE, 0.0)
        for agent in PEOPLE:
            self.board.set_wish(agent.id, Wish.READY, "", 0.0)

    # -- what happens ------------------------------------------------------------------------

    @rule(seconds=st.floats(0, 25))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.board.advance(self.now)

    @rule(
        topic=st.sampled_from(TOPICS),
        place=st.sampled_from(PLACES),
        language=st.sampled_from(LANGUAGES),
        priority=st.sampled_from(SAID_PRIORITIES),
        last=st.sampled_from(LAST),
    )
    def somebody_calls(
        self, topic: str, place: str, language: str, priority: str, last: str
    ) -> None:
        self.born += 1
        call_id = f"c{self.born:03d}"
        self.came[call_id] = self.now
        caller = Caller(call_id, self.now, topic, language, place, priority, last)
        assert self.board.waits(caller, self.now)

    @precondition(lambda self: self.board.waiting)
    @rule(data=st.data())
    def a_caller_is_announced_again(self, data: Choices) -> None:
        call_id = pick(data, self.board.waiting)
        before = self.board.waiting[call_id].caller
        again = Caller(
            call_id, self.now, before.topic, before.language, before.place, before.priority
        )
        assert not self.board.waits(again, self.now)
        assert self.board.waiting[call_id].caller.since == self.came[call_id]

    @rule()
    def the_controller_decides(self) -> None:
        while True:
            expected = plain_decision(self.board)
            decision = decide(self.board)
            if decision is None:
                assert expected is None
                return
            if decision.kind is Kind.VOICEMAIL:
                assert expected is None, "a message, while somebody is free"
                self._voicemail(decision)
                continue
            assert expected is not None
            assert decision.call_id == expected[0]
            if decision.reason.code is not Code.LAST_AGENT:
                assert decision.agent_id == expected[1]
            self._ring(decision)

    def _voicemail(self, decision: Decision) -> None:
        waited = self.now - self.came[decision.call_id]
        assert waited >= min(POLICY.nobody_seconds, 30)
        self.board.leaves(decision.call_id, self.now)
        self.ended[decision.call_id] = "voicemail"

    def _ring(self, decision: Decision) -> None:
        call, person = decision.call_id, decision.agent_id
        assert call not in self.ended, "rung after the caller was gone"
        assert call not in self.rung, "two offers to one caller"
        assert person not in self.rung.values(), "two offers to one person"
        busy = sum(1 for who in self.talking.values() if who == person)
        assert busy < BY_ID[person].capacity, "rung while talking"
        self.made += 1
        self.board.offer(f"o{self.made}", call, person, self.now)
        self.rung[call] = person

    @precondition(lambda self: self.rung)
    @rule(data=st.data())
    def somebody_answers(self, data: Choices) -> None:
        call = pick(data, self.rung)
        ended = self.board.offer_ended(call, OfferOutcome.ANSWERED, self.now)
        assert ended is not None
        self.talking[call] = self.rung.pop(call)

    @precondition(lambda self: self.rung)
    @rule(
        data=st.data(),
        outcome=st.sampled_from(NO_ANSWER),
    )
    def nobody_answers(self, data: Choices, outcome: OfferOutcome) -> None:
        call = pick(data, self.rung)
        self.rung.pop(call)
        self.board.offer_ended(call, outcome, self.now)
        assert call in self.board.waiting, "a caller lost their place"

    @precondition(lambda self: self.board.waiting)
    @rule(data=st.data())
    def a_caller_hangs_up(self, data: Choices) -> None:
        call = pick(data, self.board.waiting)
        cancelled = self.board.leaves(call, self.now)
        person = self.rung.pop(call, None)
        assert (cancelled.agent_id if cancelled else None) == person
        self.ended[call] = "abandoned"
        assert self.board.leaves(call, self.now) is None, "a late second hang-up did something"

    @precondition(lambda self: self.talking)
    @rule(data=st.data())
    def a_talk_ends(self, data: Choices) -> None:
        call = pick(data, self.talking)
        person = self.talking.pop(call)
        self.board.talk_ended(call, person, self.now)
        self.board.talk_ended(call, person, self.now)
        self.ended[call] = "answered"
        if BY_ID[person].kind is AgentKind.LAWYER:
            assert not self.board.people[person].is_free(self.now), "no wrap-up"

    @rule(agent_id=ids, wish=st.sampled_from(Wish))
    def somebody_wishes(self, agent_id: str, wish: Wish) -> None:
        self.board.set_wish(agent_id, wish, "午休" if wish is Wish.PAUSED else "", self.now)

    @rule(agent_id=ids, reachable=st.booleans())
    def a_telephone_comes_or_goes(self, agent_id: str, reachable: bool) -> None:
        self.board.set_reachable(agent_id, self.now, reachable=reachable)

    @rule(agent_id=ids, is_open=st.booleans())
    def a_station_opens_or_closes(self, agent_id: str, is_open: bool) -> None:
        self.board.set_open(agent_id, self.now, is_open=is_open)

    @rule(policy=st.sampled_from([POLICY, SHORT]))
    def the_policy_changes(self, policy: Policy) -> None:
        before = set(self.board.waiting)
        self.board.set_policy(policy, self.now)
        assert set(self.board.waiting) == before

    @rule(lost=st.integers(0, 30))
    def a_late_event_names_a_call_that_is_gone(self, lost: int) -> None:
        call = f"c{lost:03d}"
        if call not in self.rung:
            assert self.board.offer_ended(call, OfferOutcome.MISSED, self.now) is None

    # -- what must always hold ---------------------------------------------------------------

    @invariant()
    def nobody_is_forgotten(self) -> None:
        alive = set(self.came) - set(self.ended)
        assert alive == set(self.board.waiting) | set(self.talking)

    @invariant()
    def offers_are_one_to_one(self) -> None:
        out = {call: offered.agent_id for call, offered in self.board.offers.items()}
        assert out == self.rung
        assert len(set(out.values())) == len(out)
        for person in self.board.people.values():
            assert bool(person.offer) == (person.agent.id in out.values()), "stuck as reserved"
            talks = {call for call, who in self.talking.items() if who == person.agent.id}
            assert person.talks == talks, "stuck as answered"

    @invariant()
    def a_pause_has_its_reason(self) -> None:
        for person in self.board.people.values():
            if person.presence is Presence.PAUSED:
                assert person.reason

    @invariant()
    def the_indexes_say_what_the_state_says(self) -> None:
        board = self.board
        for person in board.people.values():
            assert (person.entry is not None) == person.is_free(board.now)
            for bucket in person.standing:
                line = board.free.by_bucket.get(bucket, [])
                assert (person.entry in line) == (person.entry is not None)
        for bucket, line in board.wanting.by_bucket.items():
            assert line == sorted(line)
            assert line
            for _, call_id in line:
                assert bucket in board.waiting[call_id].buckets
                assert call_id not in board.offers
        assert all(line == sorted(line) for line in board.free.by_bucket.values())

    @invariant()
    def who_is_left_alone_is_passed_over_and_not_given_up(self) -> None:
        board = self.board
        for person in board.people.values():
            assert not (person.broken and person.on_duty)
            assert not person.broken or person.rest_until > board.now, "left alone for ever"
        for bucket in {b for w in board.waiting.values() for at in w.plan for b in at}:
            resting = [p for p in board.people.values() if bucket in p.resting]
            assert board.crew.resting[bucket] == len(resting)
            assert all(person.broken for person in resting)
            gone = [p for p in board.people.values() if bucket in p.gone]
            assert board.crew.gone[bucket] == len(gone)

    @invariant()
    def time_wakes_whoever_waits_for_it(self) -> None:
        due = self.board.next_change()
        assert due is None or due > self.board.now

    @invariant()
    def nobody_is_overtaken_for_long(self) -> None:
        """The order is bounded by the largest head start: no class starves another."""
        most = max(p.head_start for p in PRIORITIES.values())
        for line in self.board.wanting.by_bucket.values():
            since = [self.board.waiting[call].caller.since for _, call in line]
            overdue = [key[0] == 0 for key, _ in line]
            assert overdue == sorted(overdue, reverse=True)
            for earlier, later in pairwise(since):
                if overdue[0] == overdue[-1]:
                    assert earlier <= later + most


TestSchedules = Schedules.TestCase
TestSchedules.settings = settings(
    max_examples=int(os.environ.get("HOTLINE_TEST_SCHEDULES", "400")),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def test_any_stands_for_no_code() -> None:
    assert ANY not in {*TOPICS, *PLACES, *LANGUAGES}
