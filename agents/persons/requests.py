"""A request about personal data (service ``personal_data``): what it concerns, and erasing it.

The request itself runs by its service's file, with its clock. Here a person with the right to do so
sees every matter of the telephone in question and erases what need not be kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aiohttp import web
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from agents.cases.reach import case as wanted_case
from agents.cases.tables import StaffMessageTable, StaffNoticeTable
from agents.persons.files import forget_empty
from hotline.casework import Case, Service
from hotline.casework.erasing import erase, held
from hotline.errors import ConflictError, InvalidInputError
from hotline.messages import TextMessageTable
from hotline.public.face import papers_folder
from hotline.public.papers import Papers, of_case
from hotline.public.tables import PaperTable
from hotline.tickets import shipped
from hotline.web.context import AUDIT, CLOCK, DATABASE, SETTINGS, address_of, on_record, viewer_of
from hotline.web.permissions import Permission, Role
from hotline.web.templating import flash, render, see_other

ERASE: Final = Permission("personal.erase", "删除个人信息", frozenset({Role.BUREAU}))
SERVICE: Final = "personal_data"
READY: Final = "handling"
"""The state in which the person's identity has been checked."""
KINDS: Final = frozenset({"delete", "withdraw"})
MOST: Final = 500
GONE: Final = "（已删除）"


@dataclass(frozen=True)
class Concerned:
    """One matter of the telephone that the request names."""

    case: Case
    service: Service
    why_kept: str


def concerns(case: Case) -> bool:
    """Whether a case is a request to erase whose person's identity has been checked."""
    return case.service == SERVICE and case.data.get("kind") in KINDS and case.state == READY


async def page(request: web.Request) -> web.StreamResponse:
    """Show what a request to erase concerns."""
    app, viewer = request.app, viewer_of(request)
    async with app[DATABASE].read() as session:
        asked = await _asked(request, session)
        found = await _concerned(session, asked)
    async with app[DATABASE].write() as session:
        await app[AUDIT].look(
            session, viewer, "personal.see", "case", asked.number, address=address_of(request)
        )
    return render(request, "persons/erase.html", case=asked, found=found)


async def do(request: web.Request) -> web.StreamResponse:
    """Erase the matters that were ticked; what must be kept is refused."""
    app, viewer = request.app, viewer_of(request)
    data = await request.post()
    chosen = set(map(str, data.getall("case", [])))
    if not chosen or "confirmed" not in data:
        raise InvalidInputError("请勾选要删除的办件，并勾选“已核对”。", field="case")
    store = Papers(papers_folder(app[SETTINGS].home))
    files: list[str] = []
    erased = 0
    async with app[DATABASE].write() as session:
        asked = await _asked(request, session)
        for one in await _concerned(session, asked):
            if one.case.number not in chosen:
                continue
            files += [p.file for p in await of_case(session, one.case.id)]
            erased += 1
            await _erase(session, one, by=viewer.agent_id or viewer.account, request=request)
            on_record(
                request, session, "personal.erase", "case", one.case.number, asked=asked.number
            )
    await store.remove(files)
    flash(request, f"已删除 {erased} 件中的个人信息，请回到请求办结")
    raise see_other(f"/cases/{asked.number}")


async def _erase(session: AsyncSession, one: Concerned, *, by: str, request: web.Request) -> None:
    file = one.case.person_id
    await erase(session, one.service, one.case, by=by, now=request.app[CLOCK].now())
    if file is not None:
        await session.flush()
        await forget_empty(session, file)
    await session.execute(delete(PaperTable).where(PaperTable.case_id == one.case.id))
    await session.execute(
        update(TextMessageTable)
        .where(TextMessageTable.case_id == one.case.id)
        .values(recipient=None, words=GONE, text=GONE)
    )
    notices = select(StaffNoticeTable.id).where(StaffNoticeTable.case_id == one.case.id)
    await session.execute(
        update(StaffMessageTable).where(StaffMessageTable.notice_id.in_(notices)).values(text=GONE)
    )
    await session.execute(
        update(StaffNoticeTable).where(StaffNoticeTable.case_id == one.case.id).values(words=GONE)
    )


async def _asked(request: web.Request, session: AsyncSession) -> Case:
    number = request.match_info["number"]
    asked, _ = await wanted_case(request.app, session, viewer_of(request), number)
    if not concerns(asked):
        raise ConflictError("先在请求里核对身份；只有“删除”和“撤回同意”的请求可以删除。")
    return asked


async def _concerned(session: AsyncSession, asked: Case) -> list[Concerned]:
    phone = str(asked.data.get("phone") or asked.caller_number or "")
    if not phone:
        return []
    rows = await session.scalars(
        select(Case)
        .where(Case.caller_number == phone, Case.id != asked.id)
        .order_by(Case.opened_at.desc())
        .limit(MOST)
    )
    desk = shipped().desk
    return [Concerned(row, await desk.definition(session, row), held(row)) for row in rows]
