"""A small library of made-up statutes, and a search over it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from knowledge_base.library import ArticleNumber, Library, StatuteText
from knowledge_base.library.model import Level
from knowledge_base.library.structure import ParsedArticle
from knowledge_base.search.engine import Search
from knowledge_base.search.index import SearchIndex
from knowledge_base.search.ranking import FEATURES
from knowledge_base.search.tuning import Weights
from knowledge_base.search.vocabulary import Vocabulary
from knowledge_base.topics.taxonomy import Taxonomy, Topic, UsualLaw

MARKET = {
    "第一章 摊位": [
        "摊主租用摊位，应当与集市签订租用协议。",
        "租用协议期满，摊主可以优先续租。",
        "集市提前收回摊位的，应当退还押金并补偿损失。",
    ],
    "第二章 秤": ["秤应当每年检定一次。", "使用不准的秤，缺斤少两的，处罚款。"],
}
PARADE = {"第一章 游行": ["游行队伍应当靠右行走。", "游行的音乐不得扰民。"]}


def statute(name: str, chapters: dict[str, list[str]], publish: date) -> StatuteText:
    articles: list[ParsedArticle] = []
    for heading, texts in chapters.items():
        articles += [
            ParsedArticle(ArticleNumber(len(articles) + place), text, (heading,))
            for place, text in enumerate(texts, start=1)
        ]
    return StatuteText(
        name=name,
        title=name,
        level=Level.LAW,
        category="",
        publish=publish,
        valid_from=publish,
        expired=False,
        source=f"{name}.md",
        taken=None,
        articles=tuple(articles),
    )


@pytest.fixture
def library() -> Library:
    old = {"第一章 摊位": ["摊主租用摊位，向村长说一声就行。"]}
    return Library.from_texts(
        [
            statute("集市法", old, date(1990, 1, 1)),
            statute("集市法", MARKET, date(2010, 1, 1)),
            statute("游行法", PARADE, date(2000, 1, 1)),
        ]
    )


@pytest.fixture
def taxonomy() -> Taxonomy:
    return Taxonomy(
        (
            Topic("market", "集市", "民事", ("赶集",), (UsualLaw("集市法"),), ("摊位", "摆摊")),
            Topic("parade", "游行", "行政", (), (UsualLaw("游行法"),), ("游行", "队伍")),
        )
    )


@pytest.fixture
def weights() -> Weights:
    values = np.zeros(len(FEATURES), np.float32)
    for name in ("lexical", "lay", "topic", "votes", "section_votes", "law_votes"):
        values[FEATURES.index(name)] = 1
    return Weights(values, values)


@pytest.fixture
def index(library: Library) -> SearchIndex:
    return SearchIndex.build(library)


@pytest.fixture
def search(library: Library, index: SearchIndex, taxonomy: Taxonomy, weights: Weights) -> Search:
    return Search(library, index, taxonomy, Vocabulary({"摆摊": ["租用摊位"]}), weights)
