"""What helps the lawyer, from what was said so far."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge_base.cards import load_cards
from transcripts.live.board import Board
from transcripts.live.draft import draft
from transcripts.live.hints import Desk, Help, Hint, HintKind, PointTold, help_with
from transcripts.scoring.scorecard import load_scorecard
from transcripts.scoring.scorer import Knowledge
from transcripts.scoring.speech import Turn
from transcripts.scoring.talks import timed

TODAY = date(2026, 11, 24)
DISMISSED = ("caller", "公司没有跟我签劳动合同，昨天突然把我辞退了，我能要求什么赔偿")


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk(Knowledge(load_cards()), load_scorecard())


def told(desk: Desk, *lines: tuple[str, str], running: str = "") -> Help:
    turns = timed(list(lines))
    now = turns[-1].end if turns else 0.0
    half = [Turn("agent", now + 0.5, now + 2.0, running)] if running else []
    return help_with(desk, turns, half, on=TODAY)


def of(found: Help, kind: HintKind) -> list[Hint]:
    return [hint for hint in found.hints if hint.kind is kind]


def test_nothing_is_offered_before_the_caller_has_said_anything(desk: Desk) -> None:
    assert told(desk, ("agent", "您好，这里是一二三四八热线，请问您有什么法律问题")).hints == ()


def test_the_card_comes_up_with_its_required_points_when_the_caller_tells_of_it(desk: Desk) -> None:
    card = of(told(desk, DISMISSED), HintKind.CARD)[0]
    assert card.key == "card:written-contract"
    assert any(point.required for point in card.points)
    assert all(point.at is None for point in card.points)


def test_a_point_ticks_itself_when_it_is_said_also_in_half_a_sentence(desk: Desk) -> None:
    found = told(desk, DISMISSED, running="没有签书面劳动合同的应当支付两倍工资")
    said = [p.id for p in of(found, HintKind.CARD)[0].points if p.at is not None]
    assert said


def test_what_contradicts_the_card_is_warned_of_with_what_is_right(desk: Desk) -> None:
    wrong = ("agent", "您可以申请劳动仲裁，劳动仲裁的时效是两年，仲裁不收费")
    warning = of(told(desk, DISMISSED, wrong), HintKind.WARNING)[0]
    assert (warning.heard, warning.expected) == ("两年", "一年")
    assert "第二十七条" in warning.article
    assert not warning.done


def test_a_point_that_was_said_against_the_card_is_not_ticked_until_it_is_put_right(
    desk: Desk,
) -> None:
    asked = ("caller", "老板拖欠我工资，我是农民工，申请劳动仲裁有时间限制吗")
    wrong = ("agent", "您可以申请劳动仲裁，申请劳动仲裁的时效是两年，仲裁不收费")
    board = Board()
    board.take(told(desk, asked, running="您可以申请劳动仲裁，申请劳动仲裁"))
    board.take(told(desk, asked, wrong))
    points = {p.id: p for p in board.hints["card:migrant-wages"].points}
    against = [p for p in points.values() if p.wrong]
    assert against
    assert all(p.at is None for p in against)
    board.take(told(desk, asked, wrong, ("agent", "不好意思，申请劳动仲裁的时效是一年")))
    again = {p.id: p for p in board.hints["card:migrant-wages"].points}
    assert all(again[p.id].at is not None and not again[p.id].wrong for p in against)
    assert next(h for h in board.hints.values() if h.kind is HintKind.WARNING).done


def test_nobody_is_warned_of_half_a_sentence(desk: Desk) -> None:
    found = told(desk, DISMISSED, running="劳动仲裁的时效是两年")
    assert of(found, HintKind.WARNING) == []


def test_a_promise_and_a_private_number_are_warned_of(desk: Desk) -> None:
    found = told(desk, DISMISSED, ("agent", "您放心，这个官司包赢"))
    assert [hint.title for hint in of(found, HintKind.WARNING)] == ["不要承诺结果"]


def test_the_duty_of_legal_aid_is_prompted_and_done_when_it_is_told(desk: Desk) -> None:
    duty = of(told(desk, DISMISSED), HintKind.DUTY)[0]
    assert (duty.key, duty.done) == ("duty:legal_aid_notice", False)
    after = told(desk, DISMISSED, ("agent", "如果您经济困难，可以申请法律援助"))
    assert of(after, HintKind.DUTY)[0].done


def test_danger_in_the_callers_words_prompts_to_call_110(desk: Desk) -> None:
    found = told(desk, ("caller", "我丈夫喝醉了打我，他现在拿着刀要杀我"))
    assert "risk:danger" in {hint.key for hint in found.hints}
    assert "duty:police_110" in {hint.key for hint in found.hints}


def test_the_cards_articles_are_offered_and_those_cited_are_done(desk: Desk) -> None:
    found = told(desk, DISMISSED, ("agent", "根据劳动合同法第八十二条，应当每月支付二倍的工资"))
    statutes = {hint.key: hint.done for hint in of(found, HintKind.STATUTE)}
    assert statutes["statute:劳动合同法/82"]


# -- what stands beside the talk ------------------------------------------------------------------


def hint(key: str, kind: HintKind = HintKind.CARD, **more: object) -> Hint:
    return Hint(key, kind, key, **more)  # type: ignore[arg-type]


def point(at: float | None) -> PointTold:
    return PointTold("p", "要点", True, "", at)


def test_a_tick_stays_and_keeps_the_second_at_which_it_was_first_heard() -> None:
    board = Board()
    board.take(Help(hints=(hint("card:a", points=(point(12.0),)),)))
    assert board.take(Help(hints=(hint("card:a", points=(point(None),)),))) == []
    assert board.hints["card:a"].points[0].at == 12.0


def test_what_was_shown_stays_when_the_talk_goes_on_to_something_else() -> None:
    board = Board()
    board.take(Help(hints=(hint("card:a"),)))
    board.take(Help(hints=(hint("card:b"),)))
    assert list(board.hints) == ["card:a", "card:b"]


def test_nobody_is_told_to_do_what_is_done_already() -> None:
    board = Board()
    assert board.take(Help(hints=(hint("duty:x", HintKind.DUTY, done=True),))) == []


def test_a_duty_that_is_done_after_the_prompt_is_a_change() -> None:
    board = Board()
    board.take(Help(hints=(hint("duty:x", HintKind.DUTY),)))
    changes = board.take(Help(hints=(hint("duty:x", HintKind.DUTY, done=True),)))
    assert [(change.new, change.hint.done) for change in changes] == [(False, True)]


def test_a_talk_about_everything_does_not_fill_the_page() -> None:
    board = Board()
    for number in range(30):
        board.take(Help(hints=(hint(f"card:{number}"),)))
    assert len(board.hints) == 4


# -- the drafted summary --------------------------------------------------------------------------


def test_the_draft_takes_sentences_word_for_word_from_both_sides(desk: Desk) -> None:
    lines = [
        ("caller", "律师你好"),
        ("caller", "我在工地干活，老板拖欠我八个月工资，一共三万两千元"),
        ("caller", "我该怎么办"),
        ("agent", "根据保障农民工工资支付条例第三十条，由施工总承包单位先行清偿"),
        ("agent", "您也可以申请法律援助"),
        ("caller", "好的，谢谢您"),
    ]
    card = next(card for card in load_cards() if card.id == "migrant-wages")
    found = draft(timed(lines), desk.knowledge, desk.scorecard, card)
    assert found.title == card.title
    assert found.details == "我在工地干活，老板拖欠我八个月工资，一共三万两千元。"
    assert found.demand in {"我该怎么办。", ""}
    assert "施工总承包单位" in found.answer
    assert found.statutes == "保障农民工工资支付条例 第三十条"
    assert found.legal_aid_told
    said = {text for _, text in lines}
    for part in (found.details, found.demand, found.answer):
        assert all(sentence in said for sentence in part.split("。") if sentence)


def test_a_talk_of_courtesies_gives_an_empty_draft(desk: Desk) -> None:
    found = draft(
        timed([("caller", "您好"), ("agent", "您好")]), desk.knowledge, desk.scorecard, None
    )
    assert found.is_empty
