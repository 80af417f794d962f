"""Where reviewers differ, and how far the machine agrees with them."""

from __future__ import annotations

from aiohttp import web
from sqlalchemy import select

from hotline.casework import Case
from hotline.tickets.visibility import visible
from hotline.web.context import CLOCK, DATABASE, directory, viewer_of
from hotline.web.reach import reach_of
from hotline.web.templating import render
from transcripts.pages.reviews import tabs_for
from transcripts.review import agreement, forms, grading, kappa
from transcripts.review.rules import load_rules
from transcripts.review.tables import AgreementTable
from transcripts.scoring.scorecard import load_scorecard

SHOWN = 60


async def page(request: web.Request) -> web.StreamResponse:
    """Show agreement by item and veto, and the blind pairs that are apart."""
    app, viewer, rules = request.app, viewer_of(request), load_rules()
    async with app[DATABASE].write() as session:
        form = await forms.current(session, load_scorecard(), rules, app[CLOCK].now())
    async with app[DATABASE].read() as session:
        pairs = await agreement.pairs(session)
        machine = {row.subject: row for row in await session.scalars(select(AgreementTable))}
        reach = await reach_of(app, session, viewer)
        seen = await session.execute(
            select(Case.call_id, Case).where(
                Case.call_id.in_([pair.first.call_id for pair in pairs[:SHOWN]]), visible(reach)
            )
        )
        cases = {row[0]: row[1] for row in seen}
        tabs = await tabs_for(app, session, viewer, "calibration")
        names = await directory(app, session)
    people = {one.subject: one for one in agreement.between_people(pairs, rules)}
    return render(
        request,
        "transcripts/calibration.html",
        tabs=tabs,
        form=form,
        people=people,
        machine=machine,
        pairs=[pair for pair in pairs[:SHOWN] if pair.first.call_id in cases],
        count=len(pairs),
        apart=sum(grading.differ(pair.first, pair.second) for pair in pairs),
        cases=cases,
        names=names,
        rules=rules,
        differ=grading.differ,
        kappa_words=kappa.words,
    )
