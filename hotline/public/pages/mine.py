"""What is held about a person, shown to that person; a copy to take away."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from aiohttp import web

from hotline.casework import Case, by_number
from hotline.clock import CHINA
from hotline.errors import InvalidInputError, NotFoundError
from hotline.public import own
from hotline.public.face import Face
from hotline.public.pages.showing import back_to, page, remembers, show
from hotline.web import masking
from hotline.web.context import address_of
from hotline.web.cookie import box_of

OWN: Final = "own"
"""Field of the visitor's cookie: the case whose telephone's code was right, until when."""
SECONDS: Final = 900


@page
async def mine(face: Face, request: web.Request) -> web.StreamResponse:
    """Show what is held, or ask for the code of the text message."""
    case = await _case(face, request)
    if not _opened(face, request, case.number):
        return _ask(face, request, case)
    async with face.database.read() as session:
        found = await own.held(session, face.desk, case)
    days = face.settings.recording.retention_days
    return show(face, request, "public/mine.html", case=case, held=found, retention_days=days)


@page
async def send(face: Face, request: web.Request) -> web.StreamResponse:
    """Send the code."""
    face.limiter.check("own-code", address_of(request))
    case = await _case(face, request)
    async with face.database.write() as session:
        await own.send_code(session, face.codes, case, face.clock.now())
    return _ask(face, request, case, sent=True)


@page
async def enter(face: Face, request: web.Request) -> web.StreamResponse:
    """Take the code."""
    face.limiter.check("follow", address_of(request))
    case = await _case(face, request)
    given = str((await request.post()).get("own_code", ""))[:20]
    try:
        async with face.database.write() as session:
            right = await own.check_code(session, face.codes, case, given, face.clock.now())
    except InvalidInputError as error:
        return _ask(face, request, case, problem=error.message)
    if not right:
        return _ask(face, request, case, sent=True, problem="验证码不对，请核对短信")
    until = face.clock.now().timestamp() + SECONDS
    box_of(request)[OWN] = {"number": case.number, "until": until}
    raise back_to(f"/public/cases/{case.number}/mine")


@page
async def copy(face: Face, request: web.Request) -> web.StreamResponse:
    """Give a copy to take away, readable by programs too (个人信息保护法 45)."""
    case = await _case(face, request)
    if not _opened(face, request, case.number):
        return _ask(face, request, case)
    async with face.database.read() as session:
        found = await own.held(session, face.desk, case)

    def told(value: object) -> str:
        return value.astimezone(CHINA).isoformat() if isinstance(value, datetime) else str(value)

    text = json.dumps(found.as_json(), ensure_ascii=False, indent=2, default=told)
    return web.Response(
        text=text,
        content_type="application/json",
        headers={"Content-Disposition": "attachment; filename=12348-my-data.json"},
    )


async def _case(face: Face, request: web.Request) -> Case:
    number = request.match_info["number"]
    if not remembers(face, request, number):
        raise NotFoundError("请先填写编号和查询码。")
    async with face.database.read() as session:
        return await by_number(session, number)


def _opened(face: Face, request: web.Request, number: str) -> bool:
    kept = box_of(request).get(OWN)
    return (
        isinstance(kept, dict)
        and kept.get("number") == number
        and float(kept.get("until", 0)) > face.clock.now().timestamp()
    )


def _ask(
    face: Face, request: web.Request, case: Case, *, sent: bool = False, problem: str = ""
) -> web.Response:
    return show(
        face,
        request,
        "public/mine_code.html",
        status=422 if problem else 200,
        case=case,
        reachable=own.reachable(case),
        telephone=masking.number(case.caller_number),
        sent=sent,
        problem=problem,
    )
