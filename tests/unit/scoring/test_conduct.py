from __future__ import annotations

import pytest

from transcripts.scoring.conduct import check_conduct, measure
from transcripts.scoring.findings import FindingKind
from transcripts.scoring.scorecard import load_scorecard
from transcripts.scoring.speech import Turn, Word


def turn(leg: str, start: float, end: float, text: str = "好的") -> Turn:
    return Turn(leg, start, end, text, 0.9)


def test_shares_and_rate_are_measured() -> None:
    measured = measure([turn("agent", 0, 6, "字" * 24), turn("caller", 6.2, 8.2)])
    assert measured is not None
    assert measured.agent_share == pytest.approx(0.75)
    assert measured.agent_rate == pytest.approx(240)


def test_the_longest_silence_is_found_between_words_and_not_before_the_first() -> None:
    words = (Word("您", 5.0, 5.2), Word("好", 5.2, 5.4), Word("请", 20.0, 20.2))
    measured = measure([Turn("agent", 5.0, 20.2, "您好请", 0.9, words), turn("caller", 6, 8)])
    assert measured is not None
    assert (measured.silence_at, measured.longest_silence) == (8, pytest.approx(12))


def test_only_the_lawyer_who_begins_while_the_caller_speaks_talks_over() -> None:
    over = measure([turn("caller", 0, 5), turn("agent", 3, 8)])
    interrupted = measure([turn("agent", 0, 5), turn("caller", 3, 8)])
    assert over is not None
    assert interrupted is not None
    assert (over.talked_over, over.talked_over_at) == (pytest.approx(2), 3)
    assert interrupted.talked_over == 0


RULE = load_scorecard().conduct


def test_a_talk_within_the_bureau_s_measure_is_right_in_everything() -> None:
    found = check_conduct([turn("caller", 0, 5), turn("agent", 5.4, 11, "字" * 22)], RULE)
    assert [one.subject for one in found] == ["talk_share", "silence", "talk_over", "speech_rate"]
    assert all(one.kind is FindingKind.CONDUCT for one in found)


def test_what_goes_beyond_the_measure_is_told_with_its_second_and_is_no_fault_of_law() -> None:
    rule = RULE.model_copy(update={"longest_silence": 5, "longest_talk_over": 1, "fastest": 200})
    talk = [turn("caller", 0, 6), turn("agent", 3, 9, "字" * 40), turn("caller", 20, 21)]
    found = {one.subject: one for one in check_conduct(talk, rule)}
    beyond = {name for name, one in found.items() if one.kind is FindingKind.MISSING_CONDUCT}
    assert beyond == {"silence", "talk_over", "speech_rate"}
    assert (found["silence"].at_second, found["talk_over"].at_second) == (9, 3)
    assert "超出本局标准" in found["silence"].words
    assert not any(one.is_fault for one in found.values())


def test_a_talk_of_one_side_is_not_measured() -> None:
    assert measure([turn("agent", 0, 5)]) is None
    assert check_conduct([], RULE) == []
