"""What-if on random traffic: each call ends once, a seed tells the same, queues are right."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean, stdev

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from agents.staffing.erlang import erlang_a
from agents.staffing.figures import figures, occupancies
from agents.staffing.lawyers import deal
from agents.staffing.simulation import Conduct, Duty, End, Run, simulate
from agents.staffing.traffic import Offered, Traffic
from hotline.routing.people import Agent, AgentKind
from hotline.routing.policy import Policy, Step, To

AT_ONCE = Conduct(answer_seconds=0.0)
ANY_LAWYER = Policy(ladder=(Step(after=0, to=To.LAWYERS),))
TOPICS = ("wages", "marriage", "traffic", "")

times = st.integers(0, 40_000).map(lambda tenths: tenths / 10)
calls = st.builds(
    Offered,
    at=times,
    topic=st.sampled_from(TOPICS),
    language=st.sampled_from(("zh", "yue")),
    place=st.sampled_from(("", "qingshi")),
    number=st.sampled_from(("", "13900000001", "13900000002")),
    talk=st.integers(0, 6000).map(lambda tenths: tenths / 10),
    patience=st.one_of(st.just(math.inf), st.integers(0, 3000).map(lambda tenths: tenths / 10)),
)
traffics = st.lists(calls, max_size=40).map(
    lambda found: Traffic(tuple(sorted(found, key=lambda call: call.at)))
)
policies = st.sampled_from((Policy(), ANY_LAWYER, Policy(wrapup_seconds={AgentKind.LAWYER: 7.5})))
spans = st.sampled_from(((), ((0.0, 1000.0),), ((500.0, 900.0), (2000.0, 3500.0))))


@given(traffics, policies, st.lists(spans, max_size=5), st.sampled_from((0.0, 0.3)), st.integers())
@settings(max_examples=50)
def test_each_call_ends_once_and_the_same_seed_tells_the_same(
    traffic: Traffic, policy: Policy, shifts: list[tuple[()]], missed: float, seed: int
) -> None:
    lawyers = deal(len(shifts), traffic)
    duties = [Duty(agent, shift) for agent, shift in zip(lawyers, shifts, strict=True)]
    conduct = Conduct(missed=missed)

    def played() -> Run:
        return simulate(traffic, duties, policy, random.Random(seed), conduct)

    run = played()
    assert sorted(ending.call.at for ending in run.endings) == [c.at for c in traffic.calls]
    assert {id(ending.call) for ending in run.endings} == {id(call) for call in traffic.calls}
    for ending in run.endings:
        assert ending.call.patience is not None
        assert ending.waited <= ending.call.patience + 1e-5
        assert (ending.end is End.ANSWERED) == bool(ending.agent_id)
    assert all(-1e-9 <= load <= 1 + 1e-9 for load in occupancies(run))
    assert played() == run


@given(traffics, policies, st.integers(1, 5))
@settings(max_examples=30)
def test_nobody_holds_two_calls_at_once(traffic: Traffic, policy: Policy, people: int) -> None:
    duties = [Duty(agent) for agent in deal(people, traffic)]
    run = simulate(traffic, duties, policy, random.Random(1))
    for spells in run.busy.values():
        ordered = sorted(spells)
        assert all(later[0] >= earlier[1] - 1e-5 for earlier, later in pairwise(ordered))


@given(traffics, st.integers(1, 4))
@settings(max_examples=50)
def test_one_skill_waits_as_a_plain_queue_does(traffic: Traffic, people: int) -> None:
    plain = Traffic(tuple(Offered(c.at, talk=c.talk, patience=math.inf) for c in traffic.calls))
    run = simulate(plain, one_skill(people), ANY_LAWYER, random.Random(1), AT_ONCE)
    free_at = [0.0] * people
    expected = []
    for call in plain.calls:
        begins = max(call.at, heapq.heappop(free_at))
        expected.append(begins - call.at)
        heapq.heappush(free_at, begins + (call.talk or 0.0))
    # Callers of the same moment may take each other's place.
    waits = sorted(ending.waited for ending in run.endings)
    assert sum(waits) == pytest.approx(sum(expected), abs=1e-3)
    if len({call.at for call in plain.calls}) == len(plain.calls):
        assert waits == pytest.approx(sorted(expected), abs=1e-3)


@given(
    load=st.floats(1, 12),
    spare=st.integers(-1, 3),
    patience=st.floats(40, 300),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=8, derandomize=True, phases=(Phase.generate,))  # a day shrinks slowly
def test_one_skill_and_exponential_times_agree_with_erlang_a(
    load: float, spare: int, patience: float, seed: int
) -> None:
    handling, people, count = 180.0, max(1, round(load) + spare), 4000
    chance, now, offered = random.Random(seed), 0.0, []
    for _ in range(count):
        now += chance.expovariate(load / handling)
        talk, stays = chance.expovariate(1 / handling), chance.expovariate(1 / patience)
        offered.append(Offered(now, talk=talk, patience=stays))
    run = simulate(Traffic(tuple(offered)), one_skill(people), ANY_LAWYER, chance, AT_ONCE)
    expected = erlang_a(load, people, handling, patience, 15)
    in_order = sorted(run.endings, key=lambda ending: ending.call.at)
    agrees([e.waited for e in in_order], expected.mean_wait)
    agrees([e.end is End.ABANDONED for e in in_order], expected.abandons)
    agrees([e.end is End.ANSWERED and e.waited <= 15 for e in in_order], expected.within)
    assert figures("x", run).occupancy == pytest.approx(expected.occupancy, abs=0.06)


def agrees(seen: Sequence[float], expected: float) -> None:
    """Within four standard errors; calls that wait together are no independent tries."""
    size = len(seen) // 20
    means = [fmean(seen[start : start + size]) for start in range(0, size * 20, size)]
    error = stdev(means) / math.sqrt(len(means))
    assert fmean(seen) == pytest.approx(expected, abs=4 * error + 0.005)


def one_skill(people: int) -> list[Duty]:
    return [
        Duty(Agent(f"l{n}", f"律师{n}", AgentKind.LAWYER, f"PJSIP/l{n}")) for n in range(people)
    ]
