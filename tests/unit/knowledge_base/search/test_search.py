from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np

from knowledge_base.library import ArticleNumber, Library
from knowledge_base.search.answered import AnsweredQuestion
from knowledge_base.search.documents import Document, Kind
from knowledge_base.search.engine import Search
from knowledge_base.search.explain import Why
from knowledge_base.search.index import SearchIndex


def citations(search: Search, question: str, **more: date | int) -> list[str]:
    return [hit.article.citation for hit in search.articles(question, **more)]  # type: ignore[arg-type]


def test_the_article_that_shares_the_questions_words_comes_first(search: Search) -> None:
    assert citations(search, "秤缺斤少两怎么处罚")[0] == "《集市法》第五条"


def test_lay_words_find_the_laws_own(search: Search) -> None:
    hits = search.articles("我想摆摊要办什么")

    assert hits[0].article.citation == "《集市法》第一条"
    told = [reason.words for reason in hits[0].reasons if reason.why is Why.VOCABULARY]
    assert told == ["法条用语：“摆摊”即“租用摊位”"]


def test_each_hit_says_why_it_is_there(search: Search) -> None:
    hit = search.articles("租用摊位要退押金吗")[0]

    kinds = {reason.why for reason in hit.reasons}
    assert {Why.WORDS, Why.TOPIC} <= kinds


def test_only_what_was_in_force_that_day_is_found(search: Search) -> None:
    newest = search.articles("租用摊位")
    of_1995 = search.articles("租用摊位", on=date(1995, 6, 1))

    assert all(hit.article.version.publish != date(1990, 1, 1) for hit in newest)
    assert [hit.article.text for hit in of_1995] == ["摊主租用摊位，向村长说一声就行。"]
    assert search.articles("租用摊位", on=date(1980, 1, 1)) == []


def test_a_confirmed_answer_is_learnt_at_once(search: Search) -> None:
    question = "铺子被赶走了拿不回钱"
    before = citations(search, question)

    search.learn(
        AnsweredQuestion(
            key="T1",
            text="铺子被赶走，钱拿不回来",
            articles=(("集市法", ArticleNumber(3)),),
            answer="应当退还押金",
        )
    )

    hits = search.articles(question)
    assert before[:1] != ["《集市法》第三条"]
    assert hits[0].article.citation == "《集市法》第三条"
    assert hits[0].reasons[0].why is Why.ANSWERED
    assert "铺子被赶走" in hits[0].reasons[0].words


def test_the_same_ticket_is_learnt_once(search: Search) -> None:
    question = AnsweredQuestion("T1", "铺子被赶走", (("集市法", ArticleNumber(3)),))

    search.learn(question)
    search.learn(question)

    assert len(search.documents("铺子被赶走")) == 1


def test_a_citation_is_answered_with_that_article(library: Library, search: Search) -> None:
    hits = search.articles("集市法第四条")

    assert hits[0].article.number == ArticleNumber(4)


def test_documents_are_found_by_kind(search: Search) -> None:
    search.add(Document(Kind.CARD, "stall", "摊位押金", "退还", "摊位 押金 退还"))
    search.add(Document(Kind.SERVICE, "permit", "摊位登记", "登记", "摊位 登记"))

    assert [hit.document.id for hit in search.documents("押金不退")] == ["stall"]
    assert [hit.document.id for hit in search.documents("摊位", kinds=[Kind.SERVICE])] == ["permit"]
    assert search.documents("无关") == []


def test_words_that_nobody_knows_find_nothing_wrong(search: Search) -> None:
    for question in ("", "？？？", "xyz", "☎" * 5000):
        assert len(search.articles(question)) <= 10


def test_a_saved_index_answers_as_before(
    index: SearchIndex, library: Library, tmp_path: Path
) -> None:
    index.save(tmp_path / "search.kb")

    opened = SearchIndex.open(tmp_path / "search.kb")

    query = index.words.ids(["摊位", "押金"])
    assert opened.fingerprint == library.fingerprint
    assert opened.words.ids(["摊位", "押金"]) == query
    assert np.array_equal(opened.words.scores(query), index.words.scores(query))


def test_an_empty_library_is_searched_in_peace(search: Search, weights: object) -> None:
    empty = Library.empty()
    nothing = Search(
        empty,
        SearchIndex.build(empty),
        search._taxonomy,
        search._ranker.vocabulary,
        search._weights,
    )

    assert nothing.articles("租用摊位") == []
