"""Who comes in where, and who does not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import select
from yarl import URL

from hotline.clock import ManualClock
from hotline.store import Database
from hotline.web import totp
from hotline.web.accounts import LOCK, TRIES
from hotline.web.context import ACCOUNTS
from hotline.web.permissions import Permission, Role
from hotline.web.sessions import IDLE, LONGEST
from hotline.web.tables import AuditEntry


async def actions(database: Database) -> list[str]:
    async with database.read() as session:
        return list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_every_route_declares_who_may(app: web.Application) -> None:
    for route in app.router.routes():
        permission = getattr(route.handler, "permission", None)
        assert isinstance(permission, Permission), f"{route.method} {route.resource} is open"


async def test_a_stranger_is_led_to_the_door_and_back(browser: Any, add_user: Any) -> None:
    await add_user("wangli", Role.ADMIN)
    one = browser()
    answer = await one.get("/audit?action=signin.ok&who=a%26b")
    assert answer.status == 303
    assert URL(answer.to).query["next"] == "/audit?action=signin.ok&who=a%26b"
    data = {"account": "wangli", "password": "Zhongxin-2026", "next": "/audit?action=signin.ok"}
    assert (await one.post("/signin", data)).to == "/audit?action=signin.ok"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil", "evil"])
async def test_the_door_leads_nowhere_else(browser: Any, add_user: Any, target: str) -> None:
    await add_user("wangli", Role.ADMIN)
    data = {"account": "wangli", "password": "Zhongxin-2026", "next": target}
    assert (await browser().post("/signin", data)).to == "/"


async def test_a_script_is_told_not_led(browser: Any) -> None:
    answer = await browser().get("/audit", **{"X-Fragment": "1"})
    assert answer.status == 401
    assert "重新登录" in answer.text


async def test_a_role_that_may_not_is_refused_and_recorded(
    signed_in: Any, database: Database
) -> None:
    lawyer = await signed_in("wangli", Role.LAWYER)
    answer = await lawyer.get("/users")
    assert answer.status == 403
    assert "值班律师" in answer.text
    assert "permission.refused" in await actions(database)


async def test_a_wrong_password_says_no_more_than_an_unknown_account(
    browser: Any, add_user: Any
) -> None:
    await add_user("wangli", Role.LAWYER)
    one = browser()
    wrong = await one.sign_in("wangli", "Wrong-Password-1")
    unknown = await one.sign_in("nobody", "Wrong-Password-1")
    assert wrong.status == unknown.status == 403
    assert "账号或密码不对" in wrong.text
    assert "账号或密码不对" in unknown.text


async def test_an_account_is_locked_after_too_many_tries_and_opens_again(
    browser: Any, add_user: Any, clock: ManualClock, database: Database
) -> None:
    await add_user("wangli", Role.LAWYER)
    one = browser()
    for _ in range(TRIES):
        answer = await one.sign_in("wangli", "Wrong-Password-1")
    assert "已锁定到 10:15" in answer.text
    assert "已锁定" in (await one.sign_in("wangli")).text
    assert "signin.locked" in await actions(database)
    clock.advance(LOCK.total_seconds() + 1)
    assert (await one.sign_in("wangli")).status == 303


async def test_a_disabled_account_is_out_at_once(
    signed_in: Any, app: web.Application, browser: Any
) -> None:
    one = await signed_in("wangli", Role.LAWYER)
    await app[ACCOUNTS].set_disabled("wangli", disabled=True)
    assert (await one.get("/account")).to.startswith("/signin")
    assert (await browser().sign_in("wangli")).status == 403


async def test_the_second_step_opens_once_a_code(
    add_user: Any, app: web.Application, browser: Any, clock: ManualClock
) -> None:
    user = await add_user("wangli", Role.LAWYER)
    secret = totp.new_secret()
    code = totp.code_at_step(secret, totp.step_at(clock.now()))
    await app[ACCOUNTS].turn_on_totp(user.id, secret, code)
    one = browser()
    assert (await one.sign_in("wangli")).to.startswith("/signin/code")
    assert (await one.get("/account")).to.startswith("/signin")
    assert (await one.post("/signin/code", {"code": code})).status == 403
    clock.advance(60)
    fresh = totp.code_at_step(secret, totp.step_at(clock.now()))
    assert (await one.post("/signin/code", {"code": fresh})).status == 303
    assert (await one.get("/account")).status == 200


async def test_an_administrator_lets_in_who_lost_the_telephone_of_the_second_step(
    add_user: Any,
    app: web.Application,
    browser: Any,
    clock: ManualClock,
    database: Database,
) -> None:
    user, boss, wang = await add_user("wangli", Role.LAWYER), browser(), browser()
    await add_user("boss", Role.ADMIN)
    await boss.sign_in("boss")
    assert "关闭动态口令" not in (await boss.get("/users/wangli")).text
    secret = totp.new_secret()
    code = totp.code_at_step(secret, totp.step_at(clock.now()))
    await app[ACCOUNTS].turn_on_totp(user.id, secret, code)
    assert "联系系统管理员关闭动态口令" in (await _asked_for_a_code(browser())).text
    assert "/users/wangli/totp-off" in (await boss.get("/users/wangli")).text
    assert (await boss.post("/users/wangli/totp-off")).to == "/users/wangli"
    assert (await wang.sign_in("wangli")).to == "/"
    assert "totp.off" in await actions(database)
    assert (await boss.post("/users/boss/totp-off")).status == 422
    assert (await wang.post("/users/wangli/totp-off")).status == 403


async def _asked_for_a_code(one: Any) -> Any:
    await one.sign_in("wangli")
    return await one.get("/signin/code")


async def test_the_account_menu_has_a_name_where_the_call_bar_takes_its_place(
    signed_in: Any,
) -> None:
    page = (await (await signed_in("wangli", Role.LAWYER, name="王莉")).get("/account")).text
    assert '<summary aria-label="王莉">' in page


async def test_the_second_step_must_be_taken_soon(
    add_user: Any, app: web.Application, browser: Any, clock: ManualClock
) -> None:
    user = await add_user("wangli", Role.LAWYER)
    secret = totp.new_secret()
    await app[ACCOUNTS].turn_on_totp(
        user.id, secret, totp.code_at_step(secret, totp.step_at(clock.now()))
    )
    one = browser()
    await one.sign_in("wangli")
    clock.advance(600)
    assert (await one.get("/signin/code")).to == "/signin"


async def test_a_first_password_must_be_changed_before_anything_else(
    app: web.Application, add_user: Any, browser: Any
) -> None:
    await add_user("wangli", Role.LAWYER)
    first = await app[ACCOUNTS].reset_password("wangli")
    one = browser()
    await one.sign_in("wangli", first)
    assert (await one.get("/account")).to == "/account/password"
    form = {"old": first, "password": "Chuntian-2027", "again": "Chuntian-2027"}
    assert (await one.post("/account/password", form)).to == "/"
    assert (await one.get("/account")).status == 200


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"old": "x", "password": "Chuntian-2027", "again": "Chuntian-2027"}, "原密码不对"),
        ({"old": "Zhongxin-2026", "password": "a", "again": "a"}, "至少 10"),
        ({"old": "Zhongxin-2026", "password": "Chuntian-2027", "again": "b"}, "不一致"),
    ],
)
async def test_a_bad_new_password_says_why(
    signed_in: Any, form: dict[str, str], words: str
) -> None:
    answer = await (await signed_in("wangli", Role.LAWYER)).post("/account/password", form)
    assert answer.status == 422
    assert words in answer.text


async def test_a_new_password_ends_other_sign_ins(signed_in: Any, browser: Any) -> None:
    one = await signed_in("wangli", Role.LAWYER)
    other = browser()
    await other.sign_in("wangli")
    await one.post(
        "/account/password",
        {"old": "Zhongxin-2026", "password": "Chuntian-2027", "again": "Chuntian-2027"},
    )
    assert (await one.get("/account")).status == 200
    assert (await other.get("/account")).status == 303


async def test_sign_ins_are_listed_and_revoked(signed_in: Any, browser: Any) -> None:
    one = await signed_in("wangli", Role.LAWYER)
    other = browser()
    await other.sign_in("wangli")
    assert "退出其他登录" in (await one.get("/account")).text
    await one.post("/account/sessions/revoke")
    assert (await other.get("/account")).status == 303
    assert (await one.get("/account")).status == 200


async def test_one_cannot_revoke_anothers_sign_in(signed_in: Any) -> None:
    victim = await signed_in("wangli", Role.LAWYER)
    attacker = await signed_in("zhao", Role.LAWYER)
    await attacker.post("/account/sessions/revoke", {"session": "1"})
    assert (await victim.get("/account")).status == 200


async def test_an_administrator_ends_one_sign_in_of_somebody(
    signed_in: Any, browser: Any, database: Database
) -> None:
    admin = await signed_in("guanli", Role.ADMIN)
    desk = await signed_in("wangli", Role.LAWYER)
    lost = browser()
    await lost.sign_in("wangli")
    page = (await admin.get("/users/wangli")).text
    newest, older = re.findall(r'name="session" value="(\d+)"', page)
    assert int(newest) > int(older)
    answer = await admin.post("/users/wangli/sessions/revoke", {"session": newest})
    assert answer.to == "/users/wangli"
    assert (await lost.get("/account")).status == 303
    assert (await desk.get("/account")).status == 200
    await admin.post("/users/wangli/sessions/revoke")
    assert (await desk.get("/account")).status == 303
    assert "现在没有登录" in (await admin.get("/users/wangli")).text
    async with database.read() as session:
        query = select(AuditEntry).where(AuditEntry.action == "session.revoke")
        rows = list(await session.scalars(query))
    assert [(r.subject_id, r.detail["sign_in"], r.detail["ended"]) for r in rows] == [
        ("wangli", newest, 1),
        ("wangli", "all", 1),
    ]


async def test_a_lawyer_sees_nobodys_sign_ins(signed_in: Any) -> None:
    lawyer = await signed_in("wangli", Role.LAWYER)
    assert (await lawyer.get("/users/wangli")).status == 403
    assert (await lawyer.post("/users/wangli/sessions/revoke")).status == 403


async def test_a_session_ends_when_idle_and_in_any_case_after_a_shift(
    signed_in: Any, clock: ManualClock
) -> None:
    one = await signed_in("wangli", Role.LAWYER)
    clock.advance(IDLE.total_seconds() + 1)
    assert (await one.get("/account")).status == 303
    await one.sign_in("wangli")
    for _ in range(int(LONGEST.total_seconds() // 3600)):
        clock.advance(3600)
        last = await one.get("/account")
    assert last.status == 303


async def test_leaving_ends_the_session_for_a_stolen_cookie_too(
    signed_in: Any, browser: Any
) -> None:
    one = await signed_in("wangli", Role.LAWYER)
    thief = browser()
    for cookie in one.session.cookie_jar:
        thief.session.cookie_jar.update_cookies(
            {cookie.key: cookie.value}, one.server.make_url("/")
        )
    assert (await thief.get("/account")).status == 200
    await one.post("/signout")
    assert (await thief.get("/account")).status == 303


async def test_a_forged_cookie_is_nobody(browser: Any) -> None:
    one = browser()
    one.session.cookie_jar.update_cookies({"hotline": "gAAAAA-forged"}, one.server.make_url("/"))
    assert (await one.get("/account")).to.startswith("/signin")


async def test_signing_in_makes_a_new_cookie_and_a_new_form_token(
    browser: Any, add_user: Any
) -> None:
    await add_user("wangli", Role.LAWYER)
    one = browser()
    planted = await one.token()
    await one.sign_in("wangli")
    assert await one.token() != planted


async def test_a_form_without_our_token_is_refused(signed_in: Any) -> None:
    one = await signed_in("wangli", Role.LAWYER)
    answer = await one.send("POST", "/account/sessions/revoke", data={"csrf": "guess"})
    assert answer.status == 403
    assert "刷新后重新提交" in answer.text


async def test_a_form_from_another_site_is_refused_even_with_a_token(signed_in: Any) -> None:
    one = await signed_in("wangli", Role.LAWYER)
    answer = await one.post("/signout", Origin="https://evil.example")
    assert answer.status == 403
    assert (await one.get("/account")).status == 200


async def test_an_administrator_makes_an_account_whose_password_is_shown_once(
    signed_in: Any, database: Database
) -> None:
    admin = await signed_in("boss", Role.ADMIN)
    answer = await admin.post(
        "/users", {"account": "zhao", "name": "赵<b>强</b>", "roles": "lawyer", "agent_id": "zhao"}
    )
    assert answer.status == 200
    assert "只显示这一次" in answer.text
    assert "赵&lt;b&gt;强" in answer.text
    assert "user.add" in await actions(database)
    twice = await admin.post("/users", {"account": "zhao", "name": "赵强", "roles": "lawyer"})
    assert twice.status == 422
    assert "已存在" in twice.text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"account": "Zhao Qiang", "name": "赵强", "roles": "lawyer"}, "小写字母开头"),
        ({"account": "zhao", "name": "", "roles": "lawyer"}, "请填写姓名"),
        ({"account": "zhao", "name": "赵强"}, "至少选择一个角色"),
        ({"account": "zhao", "name": "赵强", "roles": "emperor"}, "没有这个角色"),
    ],
)
async def test_a_bad_account_says_why(signed_in: Any, form: dict[str, str], words: str) -> None:
    answer = await (await signed_in("boss", Role.ADMIN)).post("/users", form)
    assert answer.status == 422
    assert words in answer.text


async def test_an_administrator_cannot_lock_themselves_out(signed_in: Any) -> None:
    answer = await (await signed_in("boss", Role.ADMIN)).post("/users/boss/disable")
    assert answer.status == 422
    assert "另一位管理员" in answer.text


async def test_the_audit_is_filtered_and_paged(signed_in: Any) -> None:
    boss = await signed_in("boss", Role.ADMIN)
    for _ in range(3):
        await boss.post("/users/boss/disable")
    assert "登录" in (await boss.get("/audit")).text
    assert "没有符合的记录" in (await boss.get("/audit?who=%25")).text
    assert (await boss.get("/audit?before=1")).status == 200
