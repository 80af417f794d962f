"""What every page of the public's door shares: its frame, its errors, its memory of a visitor."""

from __future__ import annotations

from functools import wraps
from typing import Any, Final

from aiohttp import web
from yarl import URL

from hotline.errors import (
    ConflictError,
    ForbiddenError,
    HotlineError,
    InvalidInputError,
    NotFoundError,
)
from hotline.public.face import Face, FaceHandler
from hotline.public.limits import TooManyError
from hotline.public.stations import office_words
from hotline.web.cookie import box_of
from hotline.web.templating import render

LARGE_COOKIE: Final = "large"
CASES, FRESH, DONE = "cases", "fresh", "done"
"""Fields of the visitor's cookie: cases that were opened with number and code, until when; the one
whose receipt is shown; and what was done to one just now."""
REMEMBERED_SECONDS: Final = 1800
MOST_REMEMBERED: Final = 5

_ERRORS: tuple[tuple[type[HotlineError], int, str], ...] = (
    (TooManyError, 429, "请稍等一会儿"),
    (NotFoundError, 404, "没有找到"),
    (ForbiddenError, 403, "不能办理"),
    (ConflictError, 409, "没有办成"),
    (InvalidInputError, 422, "填写有误"),
)


def page(handler: FaceHandler) -> FaceHandler:
    """Tell a page's expected errors in the public's own frame, with a way out."""

    @wraps(handler)
    async def told(face: Face, request: web.Request) -> web.StreamResponse:
        try:
            return await handler(face, request)
        except HotlineError as error:
            known = next((row for row in _ERRORS if isinstance(error, row[0])), None)
            if known is None:
                raise
            _, status, title = known
            response = show(
                face,
                request,
                "public/error.html",
                status=status,
                title=title,
                message=error.message,
            )
            if isinstance(error, TooManyError):
                response.headers["Retry-After"] = str(error.retry_after)
            response.headers["X-Error-Id"] = error.error_id
            return response

    return told


def show(
    face: Face, request: web.Request, template: str, /, *, status: int = 200, **values: Any
) -> web.Response:
    """Answer with a page in the public's frame."""
    now = face.clock.now()
    known = {
        "hotline": face.settings.bureau.hotline_number,
        "large": request.cookies.get(LARGE_COOKIE) == "1",
        "answering": face.is_answering(now),
        "answering_hours": office_words(face.answering.hours),
        # The title is the first that is read aloud of a page that came back.
        "amiss": status == web.HTTPUnprocessableEntity.status_code,
    }
    return render(request, template, status=status, **(known | values))


def remember(face: Face, request: web.Request, number: str, *, fresh: bool = False) -> None:
    """Let this visitor look at a case for half an hour without typing its code again."""
    box = box_of(request)
    until = face.clock.now().timestamp() + REMEMBERED_SECONDS
    known = {n: t for n, t in _remembered(request).items() if n != number}
    kept = dict(list(known.items())[-(MOST_REMEMBERED - 1) :])
    box[CASES] = kept | {number: until}
    if fresh:
        box[FRESH] = number


def remembers(face: Face, request: web.Request, number: str) -> bool:
    """Whether this visitor has shown number and code of late."""
    return _remembered(request).get(number, 0) > face.clock.now().timestamp()


def forget(request: web.Request) -> None:
    """Forget all cases that this visitor looked at: for computers that others use too."""
    box = box_of(request)
    box.pop(CASES, None)
    box.pop(FRESH, None)
    box.pop(DONE, None)
    box.pop("own", None)


def note_done(request: web.Request, number: str, words: str) -> None:
    """Let the case's page tell once what was done; its receipt has been seen."""
    box = box_of(request)
    box.pop(FRESH, None)
    box[DONE] = [number, words]


def told_done(request: web.Request, number: str) -> str:
    """Return what was done to the case just now, once; empty: nothing."""
    kept = box_of(request).pop(DONE, None)
    return str(kept[1]) if isinstance(kept, list) and kept[:1] == [number] else ""


def is_fresh(request: web.Request, number: str) -> bool:
    """Whether the case was opened by this visitor just now."""
    return box_of(request).get(FRESH) == number


def _remembered(request: web.Request) -> dict[str, float]:
    kept = box_of(request).get(CASES)
    return dict(kept) if isinstance(kept, dict) else {}


def back_to(path: str) -> web.HTTPSeeOther:
    """Return the answer after a form: look at ``path``."""
    return web.HTTPSeeOther(URL(path, encoded=True))
