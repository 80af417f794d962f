from __future__ import annotations

import pytest

from transcripts.scoring.conduct import conduct_notes, measure
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


def test_notes_give_no_points_and_blame_nobody() -> None:
    notes = conduct_notes([turn("caller", 0, 5), turn("agent", 3, 8), turn("caller", 20, 21)])
    assert [note.subject for note in notes] == ["talk_share", "silence", "talk_over"]
    assert not any(note.is_fault for note in notes)


def test_a_talk_of_one_side_is_not_measured() -> None:
    assert measure([turn("agent", 0, 5)]) is None
    assert conduct_notes([]) == []
