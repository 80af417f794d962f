"""How I want to be told: each person's own choice of text messages and e-mail."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web
from sqlalchemy import select

from agents.cases.notices import DEADLINE, TASK
from agents.cases.sending import MAIL, TEXT
from agents.cases.tables import NoticeWayTable, StaffMessageTable
from hotline.messages import MessageState
from hotline.web.context import AUDIT, DATABASE, address_of, viewer_of
from hotline.web.templating import flash, render, see_other

KINDS: Final = ((DEADLINE, "快到期、已到期、严重超期"), (TASK, "派单、退单、督办等办理通知"))
WAYS: Final = ((TEXT, "短信"), (MAIL, "邮件"))
STATES: Final = {
    MessageState.WAITING: ("待发", ""),
    MessageState.SENT: ("已发", "good"),
    MessageState.FAILED: ("失败", "bad"),
    MessageState.KEPT: ("未发", ""),
}
SHOWN: Final = 20

_MOBILE = re.compile(r"(\+86)?1[3-9]\d{9}", re.ASCII)
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)


async def page(request: web.Request) -> web.StreamResponse:
    """Show one's choice, and what was sent of late."""
    async with request.app[DATABASE].read() as session:
        kept = await session.get(NoticeWayTable, viewer_of(request).account)
    typed = {"mobile": kept.mobile, "email": kept.email} if kept is not None else {}
    chosen = _chosen(kept.by_text, kept.by_mail) if kept is not None else frozenset()
    return await _page(request, typed, chosen, {})


async def keep(request: web.Request) -> web.StreamResponse:
    """Keep one's choice."""
    viewer, posted = viewer_of(request), await request.post()
    typed = {name: str(posted.get(name, "")).strip()[:120] for name in ("mobile", "email")}
    by = {way: [kind for kind, _ in KINDS if posted.get(f"{way}-{kind}") == "1"] for way, _ in WAYS}
    problems = {}
    mobile = re.sub(r"[\s-]", "", typed["mobile"])
    if (mobile or by[TEXT]) and not _MOBILE.fullmatch(mobile):
        problems["mobile"] = "请填写手机号码，如 13900001111"
    if (typed["email"] or by[MAIL]) and not _EMAIL.fullmatch(typed["email"]):
        problems["email"] = "请填写邮箱地址，如 zhang@example.gov.cn"
    if problems:
        return await _page(request, typed, _chosen(by[TEXT], by[MAIL]), problems)
    async with request.app[DATABASE].write() as session:
        kept = await session.get(NoticeWayTable, viewer.account)
        if kept is None:
            kept = NoticeWayTable(account=viewer.account)
            session.add(kept)
        kept.mobile, kept.email = mobile, typed["email"]
        kept.by_text, kept.by_mail = by[TEXT], by[MAIL]
        request.app[AUDIT].record(
            session, viewer, "notices.ways", "user", viewer.account, address=address_of(request)
        )
    flash(request, "已保存")
    raise see_other("/cases/notices/ways")


async def _page(
    request: web.Request,
    typed: dict[str, str],
    chosen: frozenset[str],
    problems: dict[str, str],
) -> web.Response:
    async with request.app[DATABASE].read() as session:
        sent = await session.scalars(
            select(StaffMessageTable)
            .where(StaffMessageTable.account == viewer_of(request).account)
            .order_by(StaffMessageTable.id.desc())
            .limit(SHOWN)
        )
        messages = list(sent)
    return render(
        request,
        "cases/notice_ways.html",
        status=422 if problems else 200,
        typed=typed,
        chosen=chosen,
        problems=problems,
        kinds=KINDS,
        ways=WAYS,
        messages=messages,
        states=STATES,
        way_words=dict(WAYS),
    )


def _chosen(by_text: list[str], by_mail: list[str]) -> frozenset[str]:
    return frozenset({f"{TEXT}-{kind}" for kind in by_text} | {f"{MAIL}-{k}" for k in by_mail})
