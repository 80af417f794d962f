"""The design system on one page: each component in each state, for whoever builds a page."""

from __future__ import annotations

from aiohttp import web

from hotline.calls.proportion import Proportion
from hotline.web.templating import render


async def page(request: web.Request) -> web.StreamResponse:
    """Show every component."""
    return render(
        request, "web/design.html", sample=Proportion(171, 180, {"菜单中挂断": 6, "5 秒内放弃": 3})
    )
