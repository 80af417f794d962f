"""Facts: a right answer is rated above one that differs from it in one legal fact."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from knowledge_base.cards import load_cards
from knowledge_base.cards.check import check_cards
from knowledge_base.claims.pairs import Answered, make_pairs
from knowledge_base.library import Library, collect
from transcripts.scoring.agreement import AnswerRater
from transcripts.scoring.evaluation import PairRow, rate_pairs, summarise

EVERY = 7
"""One question of so many: enough to see a step back, quick enough to run often."""


@pytest.fixture(scope="module")
def library(data: Path) -> Library:
    return Library.from_texts(collect([data / "laws"]).texts)


def test_the_right_answer_is_rated_higher_in_nineteen_of_twenty_covered_pairs(
    data: Path, library: Library
) -> None:
    rows = json.loads((data / "questions_tune.json").read_text(encoding="utf-8"))[::EVERY]
    answered = [
        Answered(row["question"], row["answer"], tuple(row["articles"]))
        for row in rows
        if row["answer"]
    ]
    pairs = [
        PairRow(
            kind=pair.kind,
            question=pair.question,
            right=pair.right,
            wrong=pair.wrong,
            articles=pair.articles,
        )
        for pair in make_pairs(answered, random.Random(11))
    ]
    figures = summarise(rate_pairs(pairs, AnswerRater(library, load_cards())))
    assert figures["right_higher"] >= 0.95
    assert figures["coverage"] >= 0.25
    assert figures["mean_margin"] >= 0.15


def test_every_article_of_the_cards_exists_and_every_sure_fact_stands_in_it(
    library: Library,
) -> None:
    report = check_cards(load_cards(), library)
    assert report.unknown_articles == []
    assert [fact.key for fact in report.unconfirmed] == ["detained/thirty-seven"]
