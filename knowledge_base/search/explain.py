"""Why a hit is there, in words that a lawyer can check."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from knowledge_base.library import Article, Standing
from knowledge_base.search.answered import CARD_PREFIX
from knowledge_base.search.ranking import Candidates, Ranker
from knowledge_base.search.words import words
from knowledge_base.topics.taxonomy import Taxonomy

_WORDS_SHOWN = 5
_LIKE = 0.15
"""Likeness from which a question is worth naming."""
_LONGEST = 30


class Why(enum.StrEnum):
    """The kinds of reasons."""

    CITED = "cited"
    WORDS = "words"
    NAME = "name"
    VOCABULARY = "vocabulary"
    ANSWERED = "answered"
    TOPIC = "topic"
    STANDING = "standing"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; ``words`` is Chinese, to be shown."""

    why: Why
    words: str


def reasons(
    text: str, article: Article, candidates: Candidates, ranker: Ranker, taxonomy: Taxonomy
) -> tuple[Reason, ...]:
    """Return the reasons why an article was found for a question, the telling ones first."""
    found = [
        *_answered(article, candidates, ranker),
        *_words(text, article, ranker),
        *_vocabulary(text, article, ranker),
        *_name(text, article),
        *_topic(article, candidates, ranker, taxonomy),
    ]
    if article.version.standing(None) is Standing.EXPIRED:
        found.append(Reason(Why.STANDING, "注意：这是已失效或已修改前的文本"))
    return tuple(found)


def _answered(article: Article, candidates: Candidates, ranker: Ranker) -> list[Reason]:
    likeness = candidates.votes.likeness
    near = [int(number) for number in (-likeness).argsort()[:20] if likeness[number] >= _LIKE]
    for number in near:
        if article.id in ranker.answered.rows_of(number):
            question = ranker.answered[number]
            shown = question.text[:_LONGEST] + ("…" if len(question.text) > _LONGEST else "")
            source = "答案卡" if question.key.startswith(CARD_PREFIX) else "已复核问答"
            share = round(float(likeness[number]) * 100)
            return [Reason(Why.ANSWERED, f"{source}“{shown}”引用本条（相近 {share}%）")]
    return []


def _words(text: str, article: Article, ranker: Ranker) -> list[Reason]:
    postings = ranker.index.words
    weighed = {
        word: postings.weight_in(postings.vocabulary[word], article.id)
        for word in words(text)
        if word in postings.vocabulary and len(word) > 1
    }
    best = sorted((word for word in weighed if weighed[word]), key=lambda word: -weighed[word])
    return [Reason(Why.WORDS, "条文含有：" + "、".join(best[:_WORDS_SHOWN]))] if best else []


def _vocabulary(text: str, article: Article, ranker: Ranker) -> list[Reason]:
    said = [
        f"“{rendering.said}”即“{meant}”"
        for rendering in ranker.vocabulary.renderings(text)
        for meant in rendering.meant
        if meant in article.text and meant not in text
    ]
    return [Reason(Why.VOCABULARY, "法条用语：" + "，".join(said[:3]))] if said else []


def _name(text: str, article: Article) -> list[Reason]:
    shared = [word for word in words(article.law.name) if len(word) > 1 and word in text]
    return [Reason(Why.NAME, f"法律名称含“{max(shared, key=len)}”")] if shared else []


def _topic(
    article: Article, candidates: Candidates, ranker: Ranker, taxonomy: Taxonomy
) -> list[Reason]:
    usual = [
        (weight, code)
        for code, weight in candidates.topics.items()
        if ranker.is_usual(code, article.id)
    ]
    topic = taxonomy.find(max(usual)[1]) if usual else None
    return [Reason(Why.TOPIC, f"“{topic.name}”类问题常用的法律")] if topic else []
