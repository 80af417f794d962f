from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from hotline.errors import ConfigurationError, InvalidInputError
from knowledge_base.library import ArticleNumber, Library
from knowledge_base.search import evaluation
from knowledge_base.search.answered import AnsweredQuestion, AnsweredQuestions
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.questions import answered_question, cited_article, read_questions
from knowledge_base.search.ranking import Ranker
from knowledge_base.search.tuning import fit_logistic, read_weights, tune, write_weights
from knowledge_base.search.vocabulary import Vocabulary
from knowledge_base.topics.taxonomy import Taxonomy

QUESTIONS = [
    AnsweredQuestion("0", "摊位押金退不退", (("集市法", ArticleNumber(3)),)),
    AnsweredQuestion("1", "秤多久检定", (("集市法", ArticleNumber(4)),)),
    AnsweredQuestion("2", "缺斤少两罚多少", (("集市法", ArticleNumber(5)),)),
    AnsweredQuestion("3", "游行靠哪边走", (("游行法", ArticleNumber(1)),)),
]


def test_a_feature_that_tells_gets_the_weight() -> None:
    random = np.random.default_rng(1)
    features = random.normal(size=(4000, 3)).astype(np.float32)
    answers = features[:, 0] * 2 - features[:, 1] + random.normal(size=4000) > 4

    weights = fit_logistic(features, answers)

    assert weights[0] > 0.5
    assert weights[1] < 0
    assert abs(weights[2]) < 0.3


def test_tuning_puts_the_answers_first(
    library: Library, index: SearchIndex, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    def ranker(known: Sequence[AnsweredQuestion]) -> Ranker:
        answered = AnsweredQuestions(library, index, known)
        return Ranker(library, index, taxonomy, Vocabulary({}), answered)

    weights = tune(ranker, QUESTIONS)
    outcomes = evaluation.ask(library, ranker([]), weights, evaluation.questions_of(QUESTIONS))
    report = evaluation.report(outcomes)
    write_weights(weights, tmp_path / "weights.yaml")
    again = read_weights(tmp_path / "weights.yaml")

    assert report["questions"] == 4
    assert report["mrr@10"] == 1.0
    assert report["recall@5"] == report["recall@100"] == report["macro_by_law"] == 1.0
    assert np.allclose(again.few, weights.few, atol=1e-4)


def test_weights_for_other_features_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "weights.yaml"
    file.write_text("lexical: [1, 1]\n", encoding="utf-8")

    with pytest.raises(ConfigurationError, match="tune-search"):
        read_weights(file)


def test_the_shipped_weights_fit_the_features() -> None:
    assert np.isfinite(read_weights().few).all()


def test_labels_are_read_whatever_their_writing(library: Library) -> None:
    assert cited_article("中华人民共和国集市法第三条", library) == ("集市法", ArticleNumber(3))
    assert cited_article("集市法第三条第二款", library) == ("集市法", ArticleNumber(3))
    assert cited_article("无名法第一百二十条之一", library) == ("无名法", ArticleNumber(120, 1))
    assert cited_article("没有条号", library) is None


def test_a_question_file_with_empty_values_is_read(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "questions.json"
    file.write_text(
        '[{"id": 7, "question": "押金？", "answer": null, "articles": ["集市法第三条"]}]',
        encoding="utf-8",
    )

    entry = read_questions(file)[0]

    assert answered_question(entry, library, "q").articles == (("集市法", ArticleNumber(3)),)


@pytest.mark.parametrize("content", ["", "{}", '[{"articles": []}]', "[1]"])
def test_a_broken_question_file_says_what_is_expected(tmp_path: Path, content: str) -> None:
    file = tmp_path / "questions.json"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(InvalidInputError, match="question"):
        read_questions(file)
