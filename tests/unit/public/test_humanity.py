"""The visitors' question: a person answers it in many ways, and each way counts."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from hotline.clock import ManualClock
from hotline.public.humanity import LONGEST, RIDDLES, Doubt, Humanity, Riddle, fold, in_words


def one_and_one(random: Random) -> Riddle:
    del random
    return Riddle("一加一等于多少？", frozenset({"2", "二", "两"}))


@pytest.fixture
def humanity(clock: ManualClock) -> Humanity:
    return Humanity("secret", clock, riddles=[one_and_one])


@pytest.mark.parametrize("seed", range(40))
def test_every_question_is_in_words_and_has_an_answer(seed: int) -> None:
    random = Random(seed)
    riddle = RIDDLES[seed % len(RIDDLES)](random)
    assert riddle.words.endswith("？")
    assert riddle.answers
    assert all(fold(answer) == answer for answer in riddle.answers)


@pytest.mark.parametrize("said", ["2", "２", " 二 ", "两个", "等于2", "答案是：二。", "是2"])
def test_an_answer_is_understood_however_it_is_typed(
    humanity: Humanity, clock: ManualClock, said: str
) -> None:
    asking = humanity.ask()
    clock.advance(20)
    doubt, _ = humanity.judge({"human_seal": asking.seal, "human_answer": said})
    assert doubt is None


def test_the_seal_gives_no_answer_away(humanity: Humanity) -> None:
    asking = humanity.ask()
    assert "二" not in asking.seal
    assert humanity.ask().seal != asking.seal


def test_a_forged_seal_is_an_old_page(humanity: Humanity, clock: ManualClock) -> None:
    other = Humanity("another secret", clock, riddles=[one_and_one]).ask()
    clock.advance(20)
    for seal in (other.seal, "", "不是印章"):
        doubt, _ = humanity.judge({"human_seal": seal, "human_answer": "二"})
        assert doubt is Doubt.STALE


def test_the_mark_stays_while_the_form_comes_back(humanity: Humanity, clock: ManualClock) -> None:
    asking = humanity.ask()
    clock.advance(20)
    _, again = humanity.judge({"human_seal": asking.seal, "human_answer": "二"})
    assert again.words == ""
    assert again.mark == asking.mark
    doubt, last = humanity.judge({"human_seal": again.seal})
    assert doubt is None
    assert last.mark == asking.mark


def test_an_answered_question_does_not_live_for_ever(
    humanity: Humanity, clock: ManualClock
) -> None:
    asking = humanity.ask()
    clock.advance(20)
    _, again = humanity.judge({"human_seal": asking.seal, "human_answer": "二"})
    clock.advance((LONGEST - timedelta(seconds=20)).total_seconds())
    doubt, _ = humanity.judge({"human_seal": again.seal})
    assert doubt is Doubt.STALE


def test_numbers_are_said_as_people_say_them() -> None:
    assert [in_words(n) for n in (0, 2, 10, 11, 18, 20)] == [
        "零",
        "二",
        "十",
        "十一",
        "十八",
        "二十",
    ]
