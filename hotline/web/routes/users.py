"""Accounts of others, for the administrator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from hotline.errors import HotlineError, InvalidInputError
from hotline.web.accounts import NewUser, parse_roles
from hotline.web.context import (
    ACCOUNTS,
    AUDIT,
    DATABASE,
    SESSIONS,
    address_of,
    directory,
    viewer_of,
)
from hotline.web.permissions import Role
from hotline.web.templating import flash, render, see_other


async def page(request: web.Request) -> web.StreamResponse:
    """List all accounts beside the form for a new one."""
    return await _page(request, {}, "", "")


async def add(request: web.Request) -> web.StreamResponse:
    """Make an account; its first password is shown once."""
    data = await request.post()
    given = {
        name: str(data.get(name, "")).strip()
        for name in ("account", "name", "organisation", "agent_id")
    }
    roles = [str(value) for value in data.getall("roles", [])]
    try:
        new = NewUser(
            account=given["account"],
            name=given["name"],
            roles=parse_roles(roles),
            organisation=given["organisation"] or None,
            agent_id=given["agent_id"] or None,
        )
        user, password = await request.app[ACCOUNTS].add(new)
    except HotlineError as error:
        return await _page(
            request,
            given | {"roles": roles},
            error.message,
            str(error.details.get("field", "account")),
        )
    await _record(request, "user.add", user.account, roles=sorted(new.roles))
    return render(
        request, "web/user_password.html", name=user.name, account=user.account, password=password
    )


async def act(request: web.Request) -> web.StreamResponse:
    """Disable, enable, reset the password or turn off the second step of one account."""
    account, what = request.match_info["account"], request.match_info["act"]
    accounts = request.app[ACCOUNTS]
    user = await accounts.get(account)
    if user.id == viewer_of(request).user_id and what in {"disable", "reset", "totp-off"}:
        raise InvalidInputError("不能停用或重置自己的账号，请由另一位管理员操作")
    if what == "reset":
        password = await accounts.reset_password(account)
        await request.app[SESSIONS].revoke(user.id)
        await _record(request, "user.reset", account)
        return render(
            request, "web/user_password.html", name=user.name, account=account, password=password
        )
    if what == "totp-off":
        await accounts.turn_off_totp(user.id)
        await _record(request, "totp.off", account)
        flash(request, f"{user.name} 的动态口令已关闭，请本人登录后重新开启", "warn")
        raise see_other(f"/users/{account}")
    disabled = what == "disable"
    await accounts.set_disabled(account, disabled)
    await _record(request, f"user.{what}", account)
    flash(
        request,
        f"{user.name} 的账号已{'停用' if disabled else '启用'}",
        "warn" if disabled else "good",
    )
    raise see_other("/users")


async def one(request: web.Request) -> web.StreamResponse:
    """Show one account with its sign-ins, each of which can be ended."""
    user = await request.app[ACCOUNTS].get(request.match_info["account"])
    return render(
        request,
        "web/user.html",
        user=user,
        role_words={role.value: role.words for role in Role},
        sessions=await request.app[SESSIONS].of_user(user.id),
    )


async def revoke(request: web.Request) -> web.StreamResponse:
    """End one sign-in of somebody, or all of them."""
    account, data = request.match_info["account"], await request.post()
    user = await request.app[ACCOUNTS].get(account)
    which = str(data.get("session", ""))
    ended = await request.app[SESSIONS].revoke(
        user.id,
        int(which) if which.isdigit() else None,
        keep=viewer_of(request).session_id,
    )
    await _record(request, "session.revoke", account, ended=ended, sign_in=which or "all")
    flash(request, f"{user.name} 的 {ended} 处登录已退出")
    raise see_other(f"/users/{account}")


async def _page(
    request: web.Request, given: dict[str, object], problem: str, field: str
) -> web.StreamResponse:
    async with request.app[DATABASE].read() as session:
        names = await directory(request.app, session)
    return render(
        request,
        "web/users.html",
        names=names,
        places=_chosen_from(names.places),
        people=_chosen_from(names.people),
        status=422 if problem else 200,
        users=await request.app[ACCOUNTS].everyone(),
        signed_in=await request.app[SESSIONS].counts(),
        all_roles=list(Role),
        role_words={role.value: role.words for role in Role},
        given=given,
        problem=problem,
        field=field,
    )


def _chosen_from(names: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(code, f"{name}（{code}）") for code, name in names.items()]


async def _record(request: web.Request, action: str, account: str, **detail: Any) -> None:
    async with request.app[DATABASE].write() as session:
        request.app[AUDIT].record(
            session,
            viewer_of(request),
            action,
            "user",
            account,
            address=address_of(request),
            **detail,
        )
