"""The section of the public's door."""

from __future__ import annotations

from pathlib import Path

from hotline.public.face import Face, FaceHandler, bound
from hotline.public.pages import apply, follow, home, law, mine, times
from hotline.web.permissions import PUBLIC
from hotline.web.section import Route, Section

_FOLDER = Path(__file__).parent / "pages"


def section(face: Face) -> Section:
    """Return the public's pages of one installation."""

    def route(method: str, path: str, handler: FaceHandler, *, checks_token: bool = True) -> Route:
        return Route(method, path, bound(handler, face), PUBLIC, checks_token=checks_token)

    number = "{number:[0-9]{1,40}}"
    return Section(
        name="public",
        templates=_FOLDER / "templates",
        static=_FOLDER / "static",
        routes=(
            route("GET", "/public", home.home),
            route("GET", "/public/services", home.services),
            route("GET", "/public/services/{code:[a-z0-9_]+}", home.service),
            route("GET", "/public/services/{code:[a-z0-9_]+}/times", times.form),
            route("GET", "/public/services/{code:[a-z0-9_]+}/apply", apply.form),
            route("POST", "/public/services/{code:[a-z0-9_]+}/apply", apply.send),
            route("GET", "/public/consult", apply.consult),
            route("GET", "/public/consult/message", apply.form),
            route("POST", "/public/consult/message", apply.send),
            route("GET", "/public/consult/callback", apply.callback_form),
            route("POST", "/public/consult/callback", apply.send_callback),
            route("GET", "/public/laws", law.look_up),
            route("GET", "/public/laws/{card:[a-z0-9-]+}", law.card),
            route("GET", "/public/stations", home.stations),
            route("GET", "/public/embed", home.embed),
            route("GET", "/public/privacy", home.privacy),
            route("POST", "/public/large-print", home.large_print),
            route("GET", "/public/follow", follow.form),
            route("POST", "/public/follow", follow.enter),
            route("POST", "/public/leave", follow.leave),
            route("GET", f"/public/cases/{number}", follow.case),
            # Its form is read piece by piece, token included.
            route("POST", f"/public/cases/{number}/papers", follow.add_paper, checks_token=False),
            route("GET", f"/public/cases/{number}/mine", mine.mine),
            route("POST", f"/public/cases/{number}/mine", mine.enter),
            route("POST", f"/public/cases/{number}/mine/code", mine.send),
            route("GET", f"/public/cases/{number}/mine.json", mine.copy),
            route("GET", f"/public/cases/{number}/acts/{{action:[a-z0-9_]+}}", follow.act_form),
            route("POST", f"/public/cases/{number}/acts/{{action:[a-z0-9_]+}}", follow.act),
            route("GET", f"/public/evaluate/{number}-{{mark:[a-z2-7]+}}", follow.evaluate_form),
            route("POST", f"/public/evaluate/{number}-{{mark:[a-z2-7]+}}", follow.evaluate),
        ),
    )
