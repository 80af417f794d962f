"""One's own account: password, second step, sign-ins."""

from __future__ import annotations

from typing import Any

import segno
from aiohttp import web
from markupsafe import Markup

from hotline.errors import InvalidInputError
from hotline.web import totp
from hotline.web.accounts import WrongCodeError
from hotline.web.context import (
    ACCOUNTS,
    AUDIT,
    DATABASE,
    SESSIONS,
    SETTINGS,
    address_of,
    viewer_of,
)
from hotline.web.cookie import box_of
from hotline.web.tables import User
from hotline.web.templating import flash, render, see_other

_NEW_SECRET = "new_totp"  # noqa: S105 - a field's name


async def page(request: web.Request) -> web.StreamResponse:
    """Show who one is, the sign-ins and the second step."""
    viewer = viewer_of(request)
    async with request.app[DATABASE].read() as session:
        user = await session.get_one(User, viewer.user_id)
    return render(
        request,
        "web/account.html",
        user=user,
        sessions=await request.app[SESSIONS].of_user(viewer.user_id),
    )


async def password_form(request: web.Request) -> web.StreamResponse:
    """Show the form for a new password."""
    return render(request, "web/password.html", problem="", field="")


async def change_password(request: web.Request) -> web.StreamResponse:
    """Set a new password and end all other sign-ins."""
    viewer, data = viewer_of(request), await request.post()
    new, again = str(data.get("password", "")), str(data.get("again", ""))
    problem, field = ("两次输入的新密码不一致", "again") if new != again else ("", "")
    if not problem:
        try:
            await request.app[ACCOUNTS].change_password(
                viewer.user_id, str(data.get("old", "")), new
            )
        except InvalidInputError as error:
            problem, field = error.message, str(error.details.get("field", ""))
    if problem:
        return render(request, "web/password.html", status=422, problem=problem, field=field)
    ended = await request.app[SESSIONS].revoke(viewer.user_id, keep=viewer.session_id)
    await _record(request, "password.change")
    others = f"，其他 {ended} 处登录已退出" if ended else ""
    flash(request, f"密码已修改{others}")
    raise see_other("/account" if not viewer.must_change_password else "/")


async def revoke(request: web.Request) -> web.StreamResponse:
    """End one of one's sign-ins, or all others."""
    viewer, data = viewer_of(request), await request.post()
    which = str(data.get("session", ""))
    ended = await request.app[SESSIONS].revoke(
        viewer.user_id,
        int(which) if which.isdigit() else None,
        keep=None if which.isdigit() else viewer.session_id,
    )
    await _record(request, "session.revoke", ended=ended)
    flash(request, f"已退出 {ended} 处登录")
    raise see_other("/account")


async def totp_form(request: web.Request) -> web.StreamResponse:
    """Show a new secret as a picture to be scanned."""
    box = box_of(request)
    secret = box.get(_NEW_SECRET)
    if not isinstance(secret, str):
        secret = box[_NEW_SECRET] = totp.new_secret()
    return _show_totp(request, secret, "")


async def turn_on_totp(request: web.Request) -> web.StreamResponse:
    """Switch the second step on with a first code."""
    box, data = box_of(request), await request.post()
    secret = box.get(_NEW_SECRET)
    if not isinstance(secret, str):
        raise see_other("/account/totp")
    try:
        await request.app[ACCOUNTS].turn_on_totp(
            viewer_of(request).user_id, secret, str(data.get("code", ""))
        )
    except WrongCodeError:
        return _show_totp(
            request, secret, "口令不对。请核对手机时间是否准确，再输入当前显示的口令。"
        )
    del box[_NEW_SECRET]
    await _record(request, "totp.on")
    flash(request, "动态口令已开启，下次登录时使用")
    raise see_other("/account")


async def turn_off_totp(request: web.Request) -> web.StreamResponse:
    """Switch the second step off, with a code."""
    viewer, data = viewer_of(request), await request.post()
    try:
        await request.app[ACCOUNTS].check_code(viewer.user_id, str(data.get("code", "")))
    except WrongCodeError as error:
        flash(request, error.message, "bad")
        raise see_other("/account") from error
    await request.app[ACCOUNTS].turn_off_totp(viewer.user_id)
    await _record(request, "totp.off")
    flash(request, "动态口令已关闭", "warn")
    raise see_other("/account")


def _show_totp(request: web.Request, secret: str, problem: str) -> web.StreamResponse:
    issuer = f"12348 {request.app[SETTINGS].bureau.name}"
    uri = totp.provisioning_uri(secret, viewer_of(request).account, issuer)
    picture = segno.make(uri, error="m").svg_inline(
        scale=4, border=4, light="#ffffff", dark="#000000", omitsize=True
    )
    return render(
        request,
        "web/totp.html",
        status=422 if problem else 200,
        picture=Markup(picture),  # noqa: S704 - drawn by the library from modules, not from text
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        problem=problem,
    )


async def _record(request: web.Request, action: str, **detail: Any) -> None:
    viewer = viewer_of(request)
    async with request.app[DATABASE].write() as session:
        request.app[AUDIT].record(
            session,
            viewer,
            action,
            "user",
            viewer.account,
            address=address_of(request),
            **detail,
        )
