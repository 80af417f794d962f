"""How the hints beside talks are used, for those who write the cards."""

from __future__ import annotations

from aiohttp import web

from hotline.clock import CHINA
from hotline.web.context import CLOCK, DATABASE, directory, viewer_of
from hotline.web.templating import render
from transcripts.figures.hints import hint_use
from transcripts.pages.access import SEE_QUALITY
from transcripts.pages.quality import card_titles, period_of


async def page(request: web.Request) -> web.StreamResponse:
    """List the cards whose hints are always dismissed, and the use of all."""
    app = request.app
    today = app[CLOCK].now().astimezone(CHINA).date()
    period = period_of(request.query.get("since", ""), request.query.get("until", ""), today)
    titles = await card_titles(app)
    async with app[DATABASE].read() as session:
        found = await hint_use(session, period.since, period.until, titles)
        names = await directory(app, session)
    return render(
        request,
        "transcripts/hints.html",
        period=period,
        hints=found,
        names=names,
        # How much a colleague uses is for those who see figures of quality.
        may_see_people=viewer_of(request).may(SEE_QUALITY),
    )
