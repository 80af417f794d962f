"""Who is next: what is laid out in Asterisk, and when somebody may be laid out again."""

from __future__ import annotations

import pytest

from hotline.clock import ManualClock
from hotline.routing.board import Board
from hotline.routing.next_up import FORGET_SECONDS, QUESTIONS, Key, NextUp
from hotline.routing.people import Agent, AgentKind, Wish
from hotline.routing.policy import Policy, Step, To
from hotline.routing.standing import Caller
from hotline.routing.tables import OfferOutcome

WAGES, FAMILY = ("wages", "zh", ""), ("family", "zh", "")
POLICY = Policy(
    ladder=(Step(after=0, to=To.SKILLED, level=2), Step(after=8, to=To.LAWYERS)),
    wrapup_seconds={AgentKind.LAWYER: 0},
    ring_seconds=20,
)
NAMES = ("wang", "li", "zhao")


@pytest.fixture
def board() -> Board:
    """Three lawyers for wages, who came one after the other; the last one knows families too."""
    board = Board(POLICY, 0.0)
    skills = {"wang": {"wages": 3}, "li": {"wages": 2}, "zhao": {"wages": 3, "family": 3}}
    board.set_people(
        [Agent(n, n, AgentKind.LAWYER, f"PJSIP/{n}-phone", skills[n]) for n in NAMES], 0.0
    )
    for number, name in enumerate(NAMES):
        board.set_wish(name, Wish.READY, "", float(number))
    return board


@pytest.fixture
def next_up(board: Board, clock: ManualClock) -> NextUp:
    return NextUp(board, clock, "life")


def laid_out(next_up: NextUp) -> dict[str, list[tuple[str, str]]]:
    """What Asterisk is told: by variable, who is next and the mark."""
    found = {}
    for change in next_up.changes():
        entries = [entry.split("*") for entry in change.value.split("|") if entry]
        found[change.variable] = [(entry[0], entry[-1]) for entry in entries]
    return found


def serve(board: Board, call: str, agent: str) -> None:
    """Offer a call to somebody and let it end at once."""
    board.waits(Caller(call, board.now, "wages"), board.now)
    board.offer(call, call, agent, board.now)
    board.offer_ended(call, OfferOutcome.ANSWERED, board.now)
    board.talk_ended(call, agent, board.now + 1)


def test_nothing_is_laid_out_for_what_nobody_asked(next_up: NextUp) -> None:
    assert next_up.changes() == []


def test_the_longest_idle_comes_first_with_all_that_it_takes_to_ring_them(next_up: NextUp) -> None:
    next_up.asked(WAGES)
    (change,) = next_up.changes()
    assert change.variable == "HL_NEXT_life_wages_zh_"
    assert change.value.split("|") == [
        "wang*wang-phone*20*1*life-1",
        "li*li-phone*20*1*life-2",
        "zhao*zhao-phone*20*1*life-3",
    ]
    assert next_up.changes() == [], "told once"


def test_a_person_has_one_mark_wherever_they_are_laid_out(next_up: NextUp) -> None:
    next_up.asked(WAGES)
    next_up.asked(FAMILY)
    told = laid_out(next_up)
    assert told["HL_NEXT_life_family_zh_"] == [told["HL_NEXT_life_wages_zh_"][2]]


def test_who_pauses_is_withdrawn_at_once(next_up: NextUp, board: Board) -> None:
    next_up.asked(WAGES)
    laid_out(next_up)
    board.set_wish("wang", Wish.PAUSED, "小休", 10.0)
    assert [who for who, _ in laid_out(next_up)["HL_NEXT_life_wages_zh_"]] == ["li", "zhao"]


def test_a_new_policy_is_followed(next_up: NextUp, board: Board) -> None:
    next_up.asked(WAGES)
    laid_out(next_up)
    ladder = (Step(after=0, to=To.SKILLED, level=3),)
    board.set_policy(POLICY.model_copy(update={"ladder": ladder}), 10.0)
    assert [who for who, _ in laid_out(next_up)["HL_NEXT_life_wages_zh_"]] == ["wang", "zhao"]


def test_who_was_rung_is_laid_out_again_with_another_mark_once_the_old_one_is_nowhere(
    next_up: NextUp, board: Board
) -> None:
    next_up.asked(WAGES)
    next_up.asked(FAMILY)
    before = dict(laid_out(next_up)["HL_NEXT_life_wages_zh_"])
    next_up.heard(next_up.number)
    serve(board, "1", "zhao")
    assert next_up.offered("zhao") == before["zhao"], "the caller must bear the mark"
    told = laid_out(next_up)
    assert set(told) == {"HL_NEXT_life_wages_zh_", "HL_NEXT_life_family_zh_"}
    assert all("zhao" not in dict(line) for line in told.values())
    assert laid_out(next_up) == {}, "the old mark may still be taken by somebody"
    assert next_up.offered("zhao") == before["zhao"], "so whoever is offered them bears it too"
    next_up.heard(next_up.number)
    after = laid_out(next_up)
    assert dict(after["HL_NEXT_life_family_zh_"])["zhao"] not in before.values()


def test_who_is_laid_out_nowhere_needs_no_mark(next_up: NextUp) -> None:
    assert next_up.offered("wang") == ""


def test_who_was_taken_out_is_not_told_of_again(next_up: NextUp, board: Board) -> None:
    next_up.asked(WAGES)
    laid_out(next_up)
    next_up.taken(WAGES, "wang")
    board.waits(Caller("1", board.now, "wages"), board.now)
    board.offer("1", "1", "wang", board.now)
    assert laid_out(next_up) == {}, "Asterisk has taken them out itself"


def test_what_may_not_have_been_heard_is_told_again(next_up: NextUp) -> None:
    next_up.asked(WAGES)
    first = laid_out(next_up)
    next_up.not_told()
    assert laid_out(next_up) == first


def test_after_a_read_back_everybody_gets_another_mark(next_up: NextUp) -> None:
    next_up.asked(WAGES)
    before = dict(laid_out(next_up)["HL_NEXT_life_wages_zh_"])
    next_up.heard(next_up.number)
    next_up.forget()
    assert laid_out(next_up) == {"HL_NEXT_life_wages_zh_": []}
    next_up.heard(next_up.number)
    after = dict(laid_out(next_up)["HL_NEXT_life_wages_zh_"])
    assert list(after) == list(before)
    assert not set(after.values()) & set(before.values())


def test_what_nobody_asks_for_any_more_is_cleared_away(next_up: NextUp, clock: ManualClock) -> None:
    next_up.asked(WAGES)
    laid_out(next_up)
    next_up.heard(next_up.number)
    clock.advance(FORGET_SECONDS)
    assert laid_out(next_up) == {"HL_NEXT_life_wages_zh_": []}
    next_up.heard(next_up.number)
    assert laid_out(next_up) == {}
    next_up.asked(WAGES)
    assert len(laid_out(next_up)["HL_NEXT_life_wages_zh_"]) == 3


def test_only_so_many_questions_are_answered_ahead(next_up: NextUp) -> None:
    for number in range(QUESTIONS + 5):
        next_up.asked((f"topic{number}", "zh", ""))
    assert len(next_up.changes()) == QUESTIONS


@pytest.mark.parametrize("first", [To.HOME_STATION, To.MOBILES, To.DISTRICTS])
def test_where_more_than_the_menu_decides_nobody_is_laid_out(
    board: Board, clock: ManualClock, first: To
) -> None:
    board.set_policy(Policy(ladder=(Step(after=0, to=first),)), 3.0)
    next_up = NextUp(board, clock, "life")
    key: Key = ("wages", "zh", "qingshi")
    next_up.asked(key)
    assert laid_out(next_up) == {"HL_NEXT_life_wages_zh_qingshi": []}
