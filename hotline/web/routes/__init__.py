"""The web's own pages: sign-in, one's account, accounts of others, the audit, the design."""

from __future__ import annotations

from pathlib import Path

from hotline.web import live
from hotline.web.permissions import MANAGE_USERS, PUBLIC, SEE_AUDIT, SIGNED_IN
from hotline.web.routes import account, audit, design, home, signin, users
from hotline.web.section import NavEntry, Route, Section

_FOLDER = Path(__file__).parent.parent

section = Section(
    name="web",
    templates=_FOLDER / "templates",
    static=_FOLDER / "static",
    routes=(
        Route("GET", "/", home.home, PUBLIC),
        Route("GET", "/favicon.ico", home.favicon, PUBLIC),
        Route("GET", "/health", home.health, PUBLIC),
        Route("GET", "/events", live.stream, SIGNED_IN),
        Route("GET", "/signin", signin.form, PUBLIC),
        Route("POST", "/signin", signin.enter, PUBLIC),
        Route("GET", "/signin/code", signin.code_form, PUBLIC),
        Route("POST", "/signin/code", signin.enter_code, PUBLIC),
        Route("GET", "/signin/oidc", signin.begin_oidc, PUBLIC),
        Route("GET", "/signin/oidc/back", signin.finish_oidc, PUBLIC),
        Route("POST", "/signout", signin.leave, SIGNED_IN),
        Route("POST", "/preferences/theme", home.theme, PUBLIC),
        Route("POST", "/preferences/language", home.choose_language, PUBLIC),
        Route("GET", "/account", account.page, SIGNED_IN),
        Route("GET", "/account/password", account.password_form, SIGNED_IN),
        Route("POST", "/account/password", account.change_password, SIGNED_IN),
        Route("POST", "/account/sessions/revoke", account.revoke, SIGNED_IN),
        Route("GET", "/account/totp", account.totp_form, SIGNED_IN),
        Route("POST", "/account/totp", account.turn_on_totp, SIGNED_IN),
        Route("POST", "/account/totp/off", account.turn_off_totp, SIGNED_IN),
        Route("GET", "/users", users.page, MANAGE_USERS),
        Route("POST", "/users", users.add, MANAGE_USERS),
        Route("GET", "/users/{account}", users.one, MANAGE_USERS),
        Route("POST", "/users/{account}/sessions/revoke", users.revoke, MANAGE_USERS),
        Route(
            "POST", "/users/{account}/{act:disable|enable|reset|totp-off}", users.act, MANAGE_USERS
        ),
        Route("GET", "/audit", audit.page, SEE_AUDIT),
        Route("GET", "/design", design.page, SIGNED_IN),
    ),
    nav=(
        NavEntry("/users", "账号", "people", MANAGE_USERS, order=90),
        NavEntry("/audit", "审计", "shield", SEE_AUDIT, order=95),
    ),
)
