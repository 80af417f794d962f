"""The pages of places: the overview, one place, its form, the workbook."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from agents.places import overview, workbook
from agents.places.editing import Draft, check, hours_of, keep, refuse, staff_of
from agents.places.overview import KINDS, Place
from agents.places.reading import organisation_tree
from agents.places.tables import ENGAGEMENTS
from hotline.errors import InvalidInputError, NotFoundError
from hotline.public.stations import WEEKDAYS, hours_words, office_words
from hotline.tickets import shipped
from hotline.web.context import CLOCK, DATABASE, on_record, viewer_of
from hotline.web.permissions import Permission, Role
from hotline.web.templating import flash, render, see_other

SEE_PLACES: Final = Permission("places.see", "查看站点", frozenset(Role))
MANAGE_PLACES: Final = Permission(
    "places.manage", "维护站点", frozenset({Role.BUREAU, Role.SUPERVISOR, Role.ADMIN})
)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def page(request: web.Request) -> web.StreamResponse:
    """Show all places, township by township."""
    places = await _read(request)
    return render(
        request,
        "places/places.html",
        places=places,
        figures=overview.summary(places),
        kinds=KINDS,
        may_manage=viewer_of(request).may(MANAGE_PLACES),
        fewest=overview.FEWEST_STAFF,
        only=request.query.get("only", ""),
    )


async def place(request: web.Request) -> web.StreamResponse:
    """Show one place."""
    places = await _read(request)
    found = _find(places, request.match_info["code"])
    worktime = shipped().desk.worktime
    return render(
        request,
        "places/place.html",
        place=found,
        kinds=KINDS,
        engagements=ENGAGEMENTS,
        hours=hours_words(found.row.hours) if found.row.hours else office_words(worktime.hours),
        may_manage=viewer_of(request).may(MANAGE_PLACES),
    )


async def form(request: web.Request) -> web.StreamResponse:
    """Show the form of a place, or of a new one."""
    places = await _read(request)
    code = request.match_info.get("code")
    if code is None:
        parent = request.query.get("under", "")
        return _form(request, places, {"parent": parent}, new=True)
    found = _find(places, code)
    return _form(request, places, _typed(found, places), new=False)


async def save(request: web.Request) -> web.StreamResponse:
    """Keep a place; a refused form comes back as it was typed."""
    app = request.app
    data = {name: str(value).strip() for name, value in (await request.post()).items()}
    code = request.match_info.get("code")
    places = await _read(request)
    if code is not None:
        _find(places, code)
        data["code"] = code
    problems: dict[str, str] = {}
    draft = Draft(
        code=data.get("code", ""),
        name=data.get("name", ""),
        kind=data.get("kind", ""),
        parent=data.get("parent", ""),
        phone=data.get("phone", ""),
        address=data.get("address", "")[:200],
        windows=tuple(filter(None, map(str.strip, data.get("windows", "").splitlines())))[:30],
        hours=hours_of(data, problems),
        staff=staff_of(data.get("staff", ""), problems),
    )
    try:
        async with app[DATABASE].write() as session:
            tree = await organisation_tree(session)
            check(draft, tree, problems)
            if code is None and draft.code in tree:
                problems["code"] = "这个代码已经有站点，请换一个"
            refuse(problems)
            await keep(session, draft)
            on_record(request, session, "place.save", "place", draft.code)
    except InvalidInputError as error:
        wrong = error.details.get("errors", {})
        return _form(request, places, data, new=code is None, problems=wrong)
    flash(request, f"已保存{draft.name}")
    raise see_other(f"/places/{draft.code}")


async def export(request: web.Request) -> web.StreamResponse:
    """Give out the workbook."""
    content = workbook.write(await _read(request))
    return web.Response(
        body=content,
        content_type=XLSX,
        headers={"Content-Disposition": "attachment; filename*=UTF-8''%E7%AB%99%E7%82%B9.xlsx"},
    )


async def take_in(request: web.Request) -> web.StreamResponse:
    """Read a workbook; either all of it is kept or nothing."""
    app = request.app
    sent = (await request.post()).get("file")
    content = sent.file.read() if isinstance(sent, web.FileField) else b""
    try:
        async with app[DATABASE].write() as session:
            drafts = workbook.read(content, await organisation_tree(session))
            for draft in drafts:
                await keep(session, draft)
            on_record(request, session, "place.import", "place", "", places=len(drafts))
    except InvalidInputError as error:
        flash(request, error.message, "bad")
    else:
        flash(request, f"已导入 {len(drafts)} 个站点")
    raise see_other("/places")


async def _read(request: web.Request) -> list[Place]:
    desk = shipped().desk
    async with request.app[DATABASE].read() as session:
        return await overview.read(session, desk.services, desk.worktime, request.app[CLOCK].now())


def _find(places: list[Place], code: str) -> Place:
    found = next((p for root in places for p in root.all() if p.row.code == code), None)
    if found is None:
        raise NotFoundError("没有这个站点，请从站点一览里选择。")
    return found


def _typed(place: Place, places: list[Place]) -> dict[str, str]:
    row, detail = place.row, place.detail
    codes = {p.row.id: p.row.code for root in places for p in root.all()}
    staff = [
        "，".join((p.name, p.duty, ENGAGEMENTS.get(p.engagement, ""), p.phone))  # type: ignore[call-overload]
        for p in place.staff
    ]
    return {
        "code": row.code,
        "name": row.name,
        "kind": row.kind,
        "parent": codes.get(row.parent_id or 0, ""),
        "phone": row.phone,
        "address": detail.address if detail else "",
        "windows": "\n".join(detail.windows) if detail else "",
        "staff": "\n".join(staff),
        **{day: "，".join(row.hours.get(day, ())) for day in WEEKDAYS},
    }


def _form(
    request: web.Request,
    places: list[Place],
    typed: dict[str, Any],
    *,
    new: bool,
    problems: dict[str, str] | None = None,
) -> web.Response:
    every = [place for root in places for place in root.all()]
    return render(
        request,
        "places/form.html",
        status=422 if problems else 200,
        typed=typed,
        new=new,
        problems=problems or {},
        kinds=KINDS,
        weekdays=WEEKDAYS,
        parents=[(p.row.code, p.row.name) for p in every if p.row.code != typed.get("code")],
    )
