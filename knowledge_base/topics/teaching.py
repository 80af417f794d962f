"""What the topic classifier learns from: taxonomy, example sentences, cards, confirmed tickets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from importlib import resources

import yaml
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.errors import InvalidInputError
from hotline.settings import Settings
from knowledge_base.cards import load_cards
from knowledge_base.library import ArticleNumber, Library
from knowledge_base.library.installed import KnowledgeFiles
from knowledge_base.search.questions import QuestionEntry, cited_article
from knowledge_base.tables import AnsweredQuestionRow
from knowledge_base.topics.classifier import Example, TopicClassifier
from knowledge_base.topics.taxonomy import Taxonomy, load_taxonomy

_NEVER = 10**6


def shipped_examples(taxonomy: Taxonomy) -> list[Example]:
    """Return what comes with the program: words and names of topics, sentences, cards."""
    found: list[Example] = []
    for topic in taxonomy:
        found += [Example(word, topic.code) for word in topic.words]
        found.append(Example(" ".join([topic.name, *topic.also]), topic.code))
    text = resources.files("knowledge_base.topics").joinpath("examples.yaml").read_text("utf-8")
    for code, sentences in yaml.safe_load(text).items():
        found += [Example(sentence, code) for sentence in sentences]
    for card in load_cards():
        found += [Example(question, card.topic) for question in card.questions]
        found.append(Example(" ".join([card.title, *card.keywords]), card.topic))
    return found


async def confirmed_examples(session: AsyncSession) -> list[Example]:
    """Return the confirmed tickets' questions with the topics that people gave them."""
    rows = await session.execute(
        select(AnsweredQuestionRow.question, AnsweredQuestionRow.topic).where(
            AnsweredQuestionRow.topic != ""
        )
    )
    return [Example(question, topic) for question, topic in rows]


def open_classifier(settings: Settings, taxonomy: Taxonomy | None = None) -> TopicClassifier:
    """Return the installation's classifier; untrained installations learn from what is shipped."""
    taxonomy = taxonomy or load_taxonomy()
    try:
        found = TopicClassifier.open(KnowledgeFiles.of(settings).topics, taxonomy)
    except FileNotFoundError:
        found = None
    return found or TopicClassifier.train(taxonomy, shipped_examples(taxonomy))


def labelled(
    entries: Sequence[QuestionEntry], taxonomy: Taxonomy, library: Library | None = None
) -> list[Example]:
    """Return the questions with their topics.

    A question without a label gets the topic that most of its articles belong to: an article
    belongs to the narrowest range of articles that the taxonomy names as a topic's usual law. A
    question whose articles belong to none is left out.

    Raises:
        InvalidInputError: a label is no topic's code or name.
    """
    found: list[Example] = []
    owners = _Owners(taxonomy, library) if library is not None else None
    for place, entry in enumerate(entries):
        if entry.topic:
            topic = taxonomy.find(entry.topic)
            if topic is None:
                names = "、".join(each.name for each in taxonomy)
                raise InvalidInputError(
                    f"第 {place + 1} 题的分类“{entry.topic}”不认识；可用：{names}"
                )
            found.append(Example(entry.question, topic.code))
        elif owners is not None and (code := owners.topic_of(entry.articles)):
            found.append(Example(entry.question, code))
    return found


class _Owners:
    """Which topic an article belongs to."""

    def __init__(self, taxonomy: Taxonomy, library: Library) -> None:
        self._library = library
        self._ranges: dict[str, list[tuple[int, int, str]]] = {}
        for topic in taxonomy:
            for usual in topic.laws:
                law = library.find_law(usual.law)
                if law is not None:
                    whole = (usual.first, usual.last, topic.code)
                    self._ranges.setdefault(law.name, []).append(whole)

    def topic_of(self, citations: Iterable[str]) -> str | None:
        """Return the topic of most articles; of equals, the one cited first."""
        votes: Counter[str] = Counter()
        for citation in citations:
            article = cited_article(citation, self._library)
            owner = self._owner(*article) if article else None
            if owner is not None:
                votes[owner] += 1
        return max(votes, key=lambda code: votes[code]) if votes else None

    def _owner(self, law: str, number: ArticleNumber) -> str | None:
        fitting = [
            (last - first, code)
            for first, last, code in self._ranges.get(law, ())
            if first <= number.number <= last
        ]
        return min(fitting, key=lambda each: min(each[0], _NEVER))[1] if fitting else None
