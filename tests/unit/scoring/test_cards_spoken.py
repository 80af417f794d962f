"""Each card, spoken as it should be: recognised, covered, and without a fault."""

from __future__ import annotations

import re
from datetime import date

import pytest

from hotline.voice.numerals import read_figures
from knowledge_base.cards import Card, load_cards
from transcripts.scoring.findings import FindingKind, Verdict
from transcripts.scoring.scorecard import load_scorecard
from transcripts.scoring.scorer import Knowledge, Scored, score
from transcripts.scoring.speech import Turn

CARDS = load_cards()
GREETING = "您好这里是一二三四八法律服务热线我是一零一号王律师"
DUTIES = "您可以申请法律援助我们会保密有危险请拨打一一零报警"


def spoken(card: Card, *, cite: bool) -> Scored:
    said = [
        point.text + (f"，依据{point.articles[0].words}" if cite and point.articles else "")
        for point in card.points
    ]
    lines = [("agent", GREETING), ("caller", card.questions[0])]
    lines += [("agent", one) for one in (*said, DUTIES)]
    turns = []
    second = 0.0
    for leg, line in lines:
        words = re.sub("[，、：；“”。《》？]", "", read_figures(line))
        turns.append(Turn(leg, second, second + 0.2 * len(words), words, 0.95))
        second += 0.2 * len(words) + 0.6
    return score(turns, Knowledge(CARDS), load_scorecard(), on=date(2026, 11, 24))


@pytest.mark.parametrize("cite", [True, False], ids=["cited", "plain"])
@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.id)
def test_a_right_answer_to_every_card_is_recognised_and_blamed_for_nothing(
    card: Card, cite: bool
) -> None:
    scored = spoken(card, cite=cite)
    assert scored.matter is not None
    assert scored.matter.card.id == card.id
    assert [finding.words for finding in scored.faults] == []
    assert [
        finding.words
        for finding in scored.findings
        if finding.kind is FindingKind.MISSING_POINT
        or (finding.kind is FindingKind.WRONG_FACT and finding.verdict is Verdict.UNSURE)
    ] == []


def test_there_are_cards_for_sixty_frequent_matters() -> None:
    assert len(CARDS) >= 60
