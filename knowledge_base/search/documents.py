"""What is found beside the articles: answer cards, reviewed tickets, the service catalogue."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from hotline.casework.services import Services
from knowledge_base.cards import Card
from knowledge_base.cards.model import Role
from knowledge_base.library import ArticleNumber
from knowledge_base.search.answered import CARD_PREFIX, AnsweredQuestion


class Kind(enum.StrEnum):
    """What a document is."""

    CARD = "card"
    TICKET = "ticket"
    SERVICE = "service"

    @property
    def label(self) -> str:
        """What users call it."""
        return {"card": "答案卡", "ticket": "已复核问答", "service": "服务事项"}[self.value]


@dataclass(frozen=True, slots=True)
class Document:
    """Something that can be found by its text.

    Attributes:
        id: its id within its kind: a card's, a ticket's number, a service's code.
        summary: one or two sentences to show.
        text: everything that it is found by.
    """

    kind: Kind
    id: str
    title: str
    summary: str
    text: str
    topic: str = ""
    articles: tuple[tuple[str, ArticleNumber], ...] = ()


def card_documents(cards: Iterable[Card]) -> list[Document]:
    """Return the cards as documents."""
    return [
        Document(
            kind=Kind.CARD,
            id=card.id,
            title=card.title,
            summary="；".join(point.text for point in card.points if point.required),
            text=" ".join(
                [card.title, *card.questions, *card.keywords, *(p.text for p in card.points)]
            ),
            topic=card.topic,
            articles=_key_articles(card),
        )
        for card in cards
    ]


def card_questions(cards: Iterable[Card]) -> list[AnsweredQuestion]:
    """Return the cards' question forms as answered questions: lawyers have confirmed them."""
    return [
        AnsweredQuestion(
            key=f"{CARD_PREFIX}{card.id}:{number}",
            text=question,
            articles=_key_articles(card),
            answer=" ".join([card.title, *card.keywords, *(p.text for p in card.points)]),
            topic=card.topic,
        )
        for card in cards
        for number, question in enumerate(card.questions)
    ]


def _key_articles(card: Card) -> tuple[tuple[str, ArticleNumber], ...]:
    key = [cited.article.key for cited in card.articles if cited.role is Role.KEY]
    return tuple(dict.fromkeys(key or [cited.article.key for cited in card.articles]))


def service_documents(services: Services) -> list[Document]:
    """Return the service catalogue as documents."""
    documents = []
    for code, service in services.by_code.items():
        catalogue = service.catalogue
        documents.append(
            Document(
                kind=Kind.SERVICE,
                id=code,
                title=service.name,
                summary=catalogue.summary,
                text=" ".join(
                    [
                        *(service.name, catalogue.summary, catalogue.for_whom),
                        *(*catalogue.conditions, *catalogue.papers, *catalogue.procedure),
                    ]
                ),
            )
        )
    return documents


def ticket_document(question: AnsweredQuestion) -> Document:
    """Return an answered question as a document."""
    return Document(
        kind=Kind.TICKET,
        id=question.key,
        title=question.text,
        summary=question.answer,
        text=f"{question.text} {question.answer}",
        topic=question.topic,
        articles=question.articles,
    )
