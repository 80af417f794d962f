"""The reviewer's pages: what to hear next and why, and what was heard already."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.web.context import CLOCK, DATABASE, directory, viewer_of
from hotline.web.reach import reach_of
from hotline.web.templating import render
from hotline.web.viewer import Viewer
from knowledge_base.topics.taxonomy import load_taxonomy
from transcripts.pages.access import ARBITRATE
from transcripts.pages.blind import told_reasons
from transcripts.review import worklist
from transcripts.review.grading import Purpose
from transcripts.review.rules import load_rules

TABS = {
    "": ("待评", (Purpose.FIRST, Purpose.SECOND)),
    "appeals": ("申诉", (Purpose.APPEAL,)),
    "arbitration": ("裁定", (Purpose.ARBITRATION,)),
}


def topic_words(code: str | None) -> str:
    """Return a topic's name; an unknown code names itself."""
    if not code:
        return "未分类"
    return next((topic.name for topic in load_taxonomy().topics if topic.code == code), code)


async def page(request: web.Request) -> web.StreamResponse:
    """Show the next call to review and why it was drawn, and those after it."""
    app, viewer, now = request.app, viewer_of(request), request.app[CLOCK].now()
    tab = request.query.get("tab", "")
    tab = tab if tab in {*TABS, "done"} else ""
    async with app[DATABASE].read() as session:
        entries, graded = [], []
        if tab == "done":
            graded = list(await worklist.graded_by(session, viewer))
        else:
            reach = await reach_of(app, session, viewer)
            purposes = [p for p in TABS[tab][1] if _may(viewer, p)]
            entries = await worklist.waiting(session, viewer, reach, purposes, now)
        tabs = await tabs_for(app, session, viewer, tab)
        names = await directory(app, session)
    rules = load_rules()
    return render(
        request,
        "transcripts/reviews.html",
        tabs=tabs,
        tab=tab,
        entries=entries,
        graded=graded,
        names=names,
        topic=topic_words,
        why=lambda task: told_reasons(task, rules),
        purposes=Purpose,
        rules=rules,
    )


def _may(viewer: Viewer, purpose: Purpose) -> bool:
    return purpose is not Purpose.ARBITRATION or viewer.may(ARBITRATE)


async def tabs_for(
    app: web.Application, session: AsyncSession, viewer: Viewer, current: str
) -> list[tuple[str, str, int | None, bool]]:
    """Return the tabs, each with how many calls this viewer may grade there."""
    reach, now = await reach_of(app, session, viewer), app[CLOCK].now()
    shown: list[tuple[str, str, int | None, bool]] = []
    for tab, (words, purposes) in TABS.items():
        if all(_may(viewer, purpose) for purpose in purposes):
            waiting = await worklist.waiting(session, viewer, reach, purposes, now)
            address = f"/review?tab={tab}" if tab else "/review"
            shown.append((address, words, len(waiting), tab == current))
    shown.append(("/review?tab=done", "我评过的", None, current == "done"))
    shown.append(("/review/calibration", "校准", None, current == "calibration"))
    return shown
