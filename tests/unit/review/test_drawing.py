from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from transcripts.review.drawing import (
    Candidate,
    Reason,
    Sample,
    draw_random,
    draw_risk,
    reason_words,
    risk_reasons,
    stratum_of,
)
from transcripts.review.rules import load_rules

RULES = load_rules()


def call(number: int, agent: str = "wang", category: str = "wages", **more: object) -> Candidate:
    return replace(Candidate(f"c{number:05}", agent, category, nth=500), **more)  # type: ignore[arg-type]


calls = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(["wages", "lease", ""])), max_size=120
).map(lambda kinds: [call(n, agent, topic) for n, (agent, topic) in enumerate(kinds)])


@given(calls, st.integers(0, 1000))
def test_each_stratum_gives_five_in_a_hundred_rounded_up_and_at_least_one(
    given_calls: list[Candidate], seed: int
) -> None:
    drawn = draw_random(given_calls, RULES, random.Random(seed))
    sizes = Counter(map(stratum_of, given_calls))
    assert Counter(one.stratum for one in drawn) == {
        name: max(1, math.ceil(0.05 * size)) for name, size in sizes.items()
    }
    assert all(one.sample is Sample.RANDOM for one in drawn)
    assert all(one.reasons == (Reason.RANDOM,) for one in drawn)
    assert len({one.call_id for one in drawn}) == len(drawn)
    assert sum(one.double for one in drawn) == math.ceil(0.1 * len(drawn))


@given(calls, st.integers(0, 1000))
def test_a_drawing_can_be_repeated_from_its_seed_in_whatever_order_calls_come(
    given_calls: list[Candidate], seed: int
) -> None:
    again = list(reversed(given_calls))
    assert draw_random(given_calls, RULES, random.Random(seed)) == draw_random(
        again, RULES, random.Random(seed)
    )


@given(calls, st.integers(0, 1000))
def test_what_is_known_of_a_call_never_changes_its_chance(
    given_calls: list[Candidate], seed: int
) -> None:
    troubled = [replace(one, satisfaction=3, hits=True, emergency=True) for one in given_calls]
    plain = draw_random(given_calls, RULES, random.Random(seed))
    assert plain == draw_random(troubled, RULES, random.Random(seed))


def test_every_call_of_a_stratum_is_drawn_about_as_often() -> None:
    members = [call(n) for n in range(20)]
    counts = Counter(
        draw_random(members, RULES, random.Random(seed))[0].call_id for seed in range(2000)
    )
    assert len(counts) == 20
    assert all(60 <= count <= 145 for count in counts.values())


def test_a_call_that_somebody_must_hear_is_drawn_with_its_reasons_gravest_first() -> None:
    bad = call(1, satisfaction=3, hits=True, emergency=True, nth=3, confidence=0.2)
    assert risk_reasons(bad, RULES) == (
        Reason.EMERGENCY,
        Reason.DISSATISFIED,
        Reason.RULE_HIT,
        Reason.NEW_LAWYER,
        Reason.LOW_CONFIDENCE,
    )
    assert risk_reasons(call(2, complaint=True), RULES) == (Reason.COMPLAINT,)
    assert risk_reasons(call(3, limitation=True), RULES) == (Reason.LIMITATION,)
    assert risk_reasons(call(4, confidence=0.0), RULES) == (Reason.LOW_CONFIDENCE,)
    assert risk_reasons(call(6, confidence=None), RULES) == ()
    assert risk_reasons(call(5, satisfaction=2), RULES) == ()
    assert [one.call_id for one in draw_risk([bad, call(5)], RULES)] == ["c00001"]


def test_the_first_twenty_calls_of_a_new_lawyer_are_all_heard_and_the_next_is_not() -> None:
    drawn = draw_risk([call(n, nth=n) for n in range(1, 30)], RULES)
    assert len(drawn) == 20
    assert reason_words(drawn[0].reasons, RULES) == "新律师前 20 通"
