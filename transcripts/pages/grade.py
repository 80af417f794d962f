"""The reviewer's form is sent: the grade counts, and a confirmed answer is learned from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.errors import InvalidInputError
from hotline.store import append
from hotline.web.context import CLOCK, DATABASE, on_record, viewer_of
from hotline.web.templating import flash
from knowledge_base.citations import default_names, parse
from knowledge_base.search.answered import AnsweredQuestion
from knowledge_base.search.installed import confirm_answer
from transcripts.pages.reviewing import Opened, opened
from transcripts.redaction import redact
from transcripts.review import forms, grading
from transcripts.review.forms import Form, GradeIncompleteError, Marks
from transcripts.review.grading import MayNotGradeError
from transcripts.review.rules import load_rules
from transcripts.scoring.scorecard import load_scorecard

NOT_APPLICABLE = "na"


async def submit(request: web.Request) -> web.StreamResponse:
    """Take the filled form; go on to the next call."""
    app, viewer, now = request.app, viewer_of(request), request.app[CLOCK].now()
    data = {name: str(value) for name, value in (await request.post()).items()}
    vetoes = [str(value) for value in (await request.post()).getall("veto", [])]
    rules = load_rules()
    async with app[DATABASE].write() as session:
        found = await opened(request, session)
        if found.task is None:
            raise MayNotGradeError(found.refused or "这通电话已经评完，不能再改。")
        form = await forms.current(session, load_scorecard(), rules, now)
        if data.get("form") != str(form.id):
            raise InvalidInputError("评分表刚刚更新过，请刷新页面，按新表重评。", field="form")
        marks = marks_of(form, data, vetoes)
        grade = await grading.submit(
            session,
            viewer,
            found.task,
            form=form,
            marks=marks,
            note=data.get("note", "").strip()[:2000],
            now=now,
        )
        on_record(
            request,
            session,
            "review.grade",
            "ticket",
            found.case.number,
            grade=grade.id,
            purpose=grade.purpose,
        )
        learned = False
        if data.get("learn") and grade.legal_ok:
            learned = await _learn(session, found, data, by=viewer.name, now=now)
    told = "，已收入知识库供检索学习" if learned else ""
    flash(request, f"已提交：{grade.total:g} 分{told}。评分不能再改。")
    raise web.HTTPSeeOther("/review")


def marks_of(form: Form, data: Mapping[str, str], vetoes: list[str]) -> Marks:
    """Read the form's fields.

    Raises:
        GradeIncompleteError: an item is not graded or holds something else.
    """
    levels: dict[str, int | None] = {}
    for item in form.items:
        value = data.get(f"item-{item.id}", "")
        if value == NOT_APPLICABLE:
            levels[item.id] = None
        elif value.isdecimal():
            levels[item.id] = int(value)
        else:
            raise GradeIncompleteError(f"“{item.title}”还没有评。", field=item.id)
    return Marks(levels, frozenset(vetoes))


async def _learn(
    session: AsyncSession, found: Opened, data: Mapping[str, str], *, by: str, now: datetime
) -> bool:
    """Hand question and articles on to the search; the question without personal data."""
    question = redact(data.get("question", "").strip())[:500]
    names = default_names()
    cited = [one for line in data.get("articles", "").splitlines() for one in parse(line, names)]
    articles = tuple(dict.fromkeys((one.law, one.number) for one in cited if one.law is not None))
    if not question or not articles:
        return False
    await confirm_answer(
        session,
        AnsweredQuestion(
            key=found.case.number,
            text=question,
            articles=articles,
            answer=redact(str(found.case.data.get("answer") or "")),
            topic=found.case.topic or "",
        ),
        by=by,
        now=now,
    )
    append(session, "review.confirmed", found.call.id, {"articles": len(articles)}, now)
    return True
