from transcripts.recognisers import Segment, Word
from transcripts.turns import Leg, merge


def said(text: str, start: float, end: float, confidence: float | None = 0.9) -> Segment:
    return Segment.of((Word(text, start, end, confidence),))


def test_the_legs_are_put_in_the_order_in_which_they_spoke() -> None:
    turns = merge(
        caller=[said("公司欠我工资", 3.0, 5.0), said("三个月", 5.5, 6.5)],
        agent=[said("您好", 0.5, 1.5), said("可以仲裁", 7.0, 9.0)],
    )
    assert [(turn.leg, turn.text) for turn in turns] == [
        (Leg.AGENT, "您好"),
        (Leg.CALLER, "公司欠我工资，3个月"),
        (Leg.AGENT, "可以仲裁"),
    ]
    assert (turns[1].start, turns[1].end) == (3.0, 6.5)


def test_a_long_pause_begins_a_new_turn_of_the_same_speaker() -> None:
    turns = merge(caller=[said("喂", 0.0, 0.5), said("还在吗", 6.0, 7.0)], agent=[])
    assert [turn.text for turn in turns] == ["喂", "还在吗"]


def test_a_monologue_is_cut_so_that_evidence_points_to_a_place() -> None:
    segments = [said("说" * 20, start, start + 9.5) for start in range(0, 60, 10)]
    turns = merge(caller=segments, agent=[])
    assert all(turn.end - turn.start <= 30 for turn in turns)
    assert sum(turn.text.count("说") for turn in turns) == 120


def test_an_interruption_is_a_turn_of_its_own() -> None:
    turns = merge(
        caller=[said("我想", 0.0, 2.0), said("问一下", 2.5, 4.0)], agent=[said("请讲", 1.0, 1.5)]
    )
    assert [turn.text for turn in turns] == ["我想", "请讲", "问一下"]


def test_two_numerals_with_a_pause_between_are_not_one() -> None:
    turns = merge(caller=[said("二十", 0.0, 1.0), said("五天", 1.8, 2.5)], agent=[])
    assert turns[0].text == "20，5天"
    assert "".join(word.text for word in turns[0].words) == turns[0].text
    assert turns[0].said == "二十五天"


def test_confidence_is_the_mean_over_characters_or_none() -> None:
    sure = merge(caller=[said("一二三", 0, 1, 1.0), said("四", 1.1, 1.2, 0.6)], agent=[])
    assert sure[0].confidence == 0.9
    assert merge(caller=[said("好", 0, 1, None)], agent=[])[0].confidence is None


def test_silence_makes_no_turns() -> None:
    assert merge(caller=[], agent=[]) == ()
