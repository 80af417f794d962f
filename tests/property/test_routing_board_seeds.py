"""Thousands of schedules on the board from their seeds, which costs a tenth of hypothesis' own."""

from __future__ import annotations

import os
from collections.abc import Callable
from random import Random

from hotline.routing.people import Wish
from tests.property.test_routing_board import (
    IDS,
    LANGUAGES,
    LAST,
    NO_ANSWER,
    PLACES,
    POLICY,
    SAID_PRIORITIES,
    SHORT,
    TOPICS,
    Schedules,
)

SEEDS = int(os.environ.get("HOTLINE_TEST_SEEDS", "9600"))
"""Schedules beside hypothesis' own: ten thousand in all."""
STEPS = 12
"""Most faults need few."""

Act = Callable[[Schedules, Random], object]


def _seconds(chance: Random) -> float:
    # A step of the ladder is due at a whole second: as often just then as about then.
    return chance.choice((chance.uniform(0, 25), float(chance.randint(0, 25))))


def _somebody_calls(hotline: Schedules, chance: Random) -> None:
    said = map(chance.choice, (TOPICS, PLACES, LANGUAGES, SAID_PRIORITIES, LAST))
    hotline.somebody_calls(*said)


RULES: tuple[tuple[int, Act], ...] = (
    (3, lambda hotline, c: hotline.time_passes(_seconds(c))),
    (4, _somebody_calls),
    (1, lambda hotline, c: hotline.board.waiting and hotline.a_caller_is_announced_again(c)),
    (4, lambda hotline, _: hotline.the_controller_decides()),
    (3, lambda hotline, c: hotline.rung and hotline.somebody_answers(c)),
    (2, lambda hotline, c: hotline.rung and hotline.nobody_answers(c, c.choice(NO_ANSWER))),
    (1, lambda hotline, c: hotline.board.waiting and hotline.a_caller_hangs_up(c)),
    (2, lambda hotline, c: hotline.talking and hotline.a_talk_ends(c)),
    (1, lambda hotline, c: hotline.somebody_wishes(c.choice(IDS), c.choice(tuple(Wish)))),
    (1, lambda hotline, c: hotline.a_telephone_comes_or_goes(c.choice(IDS), c.random() < 0.5)),
    (1, lambda hotline, c: hotline.a_station_opens_or_closes(c.choice(IDS), c.random() < 0.5)),
    (1, lambda hotline, c: hotline.the_policy_changes(c.choice((POLICY, SHORT)))),
    (1, lambda hotline, c: hotline.a_late_event_names_a_call_that_is_gone(c.randint(0, 30))),
)
WEIGHTS, ACTS = zip(*RULES, strict=True)


def play(seed: int) -> None:
    """Play one schedule; whatever is wrong with it names its seed."""
    chance, hotline = Random(seed), Schedules()
    hotline.people_come()
    must_hold = [one.function for one in hotline.invariants]
    try:
        for act in chance.choices(ACTS, WEIGHTS, k=STEPS):
            act(hotline, chance)
            for holds in must_hold:
                holds(hotline)
    except Exception as error:
        raise AssertionError(f"schedule of seed {seed}: {error}") from error


def test_thousands_of_schedules_from_their_seeds() -> None:
    for seed in range(SEEDS):
        play(seed)
