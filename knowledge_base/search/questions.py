"""Question files: lay questions with the articles that answer them, for learning and evaluation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter, ValidationError

from hotline.errors import InvalidInputError
from knowledge_base.library import ArticleNumber, Library
from knowledge_base.library.names import plain_name
from knowledge_base.library.numerals import NUMERAL
from knowledge_base.search.answered import AnsweredQuestion

_CITED = re.compile(rf"^(?P<law>.+?)(?P<number>第{NUMERAL}条(?:之{NUMERAL})?)(?:第.+[款项])?$")

_Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else str(value))]


class QuestionEntry(BaseModel):
    """One question of a file; further keys are ignored."""

    model_config = ConfigDict(extra="ignore")

    id: _Text = ""
    question: str
    keywords: _Text = ""
    answer: _Text = ""
    articles: list[str] = []
    topic: _Text = ""


_FILE = TypeAdapter(list[QuestionEntry])


def read_questions(file: Path) -> list[QuestionEntry]:
    """Read a question file (a JSON list, as ``questions_tune.json``).

    Raises:
        InvalidInputError: it is missing, no JSON, or an entry lacks its question.
    """
    try:
        return _FILE.validate_json(file.read_bytes())
    except OSError as error:
        raise InvalidInputError(f"{file}：打不开（{error.strerror}），请检查路径") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "文件"
        raise InvalidInputError(
            f"{file}：{where} 有误（{first['msg']}）；应为 JSON 列表，每项含 question、articles"
        ) from error


def cited_article(citation: str, library: Library) -> tuple[str, ArticleNumber] | None:
    """Read a label such as 中华人民共和国民法典第八百三十九条; None if it is no citation.

    A law that the library does not know keeps the name of the label, so that it counts as missed.
    """
    match = _CITED.match(citation.strip())
    number = ArticleNumber.parse(match["number"]) if match else None
    if match is None or number is None:
        return None
    law = library.find_law(match["law"])
    return (law.name if law else plain_name(match["law"])), number


def answered_question(entry: QuestionEntry, library: Library, key: str) -> AnsweredQuestion:
    """Turn an entry into an answered question to learn from."""
    articles = (cited_article(citation, library) for citation in entry.articles)
    return AnsweredQuestion(
        key=key,
        text=entry.question,
        articles=tuple(dict.fromkeys(article for article in articles if article is not None)),
        answer=f"{entry.answer} {entry.keywords}".strip(),
        topic=entry.topic,
    )
