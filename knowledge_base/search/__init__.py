"""Search for lay questions, over statutes, answer cards, reviewed tickets and services."""

from knowledge_base.search.answered import AnsweredQuestion, AnsweredQuestions
from knowledge_base.search.documents import Document, Kind
from knowledge_base.search.engine import ArticleHit, DocumentHit, Search
from knowledge_base.search.explain import Reason, Why

__all__ = [
    "AnsweredQuestion",
    "AnsweredQuestions",
    "ArticleHit",
    "Document",
    "DocumentHit",
    "Kind",
    "Reason",
    "Search",
    "Why",
]
