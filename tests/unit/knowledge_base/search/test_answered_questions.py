from __future__ import annotations

import pytest

from knowledge_base.library import ArticleNumber, Library
from knowledge_base.search.answered import AnsweredQuestion, AnsweredQuestions
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.space import TextSpace

DEPOSIT = AnsweredQuestion("1", "摊位押金不退怎么办", (("集市法", ArticleNumber(3)),))
SCALES = AnsweredQuestion("2", "买菜秤不准找谁", (("集市法", ArticleNumber(5)),))


def test_the_nearest_question_votes_for_its_articles(library: Library, index: SearchIndex) -> None:
    votes = AnsweredQuestions(library, index, [DEPOSIT, SCALES]).votes("押金不退")

    best = votes.articles[votes.shares.argmax()]
    assert library.at(int(best)).number == ArticleNumber(3)
    assert votes.best == votes.likeness[0] > votes.likeness[1]


def test_all_votes_together_are_less_than_one(library: Library, index: SearchIndex) -> None:
    votes = AnsweredQuestions(library, index, [DEPOSIT, SCALES]).votes("押金不退")

    assert 0 < votes.by_law.sum() < 1


def test_a_question_left_out_does_not_vote(library: Library, index: SearchIndex) -> None:
    votes = AnsweredQuestions(library, index, [DEPOSIT, SCALES]).votes("押金不退", leave_out=0)

    assert votes.likeness[0] == 0
    assert all(library.at(int(row)).number != ArticleNumber(3) for row in votes.articles)


def test_nobody_asked_nobody_votes(library: Library, index: SearchIndex) -> None:
    votes = AnsweredQuestions(library, index).votes("押金不退")

    assert votes.best == 0
    assert len(votes.articles) == 0


def test_a_question_about_an_unknown_law_is_kept_without_articles(
    library: Library, index: SearchIndex
) -> None:
    strange = AnsweredQuestion("3", "押金", (("没有的法", ArticleNumber(1)),))

    answered = AnsweredQuestions(library, index, [strange])

    assert len(answered.rows_of(0)) == 0
    assert answered.votes("押金").best > 0


def test_questions_from_cards_are_counted_apart(library: Library, index: SearchIndex) -> None:
    card = AnsweredQuestion("card:deposit:0", "押金能退吗", (("集市法", ArticleNumber(3)),))

    assert AnsweredQuestions(library, index, [card, SCALES]).from_people == 1


@pytest.mark.parametrize("late", [0, 1, 100])
def test_texts_added_late_are_compared_like_the_others(late: int) -> None:
    texts = [f"第{number}个摊位的押金" for number in range(late + 1)]
    space = TextSpace(texts[:1])
    for text in texts[1:]:
        space.add(text)

    likeness = space.similarities(texts[-1])

    assert likeness.argmax() == late
    assert likeness.max() == pytest.approx(1, abs=0.2)
