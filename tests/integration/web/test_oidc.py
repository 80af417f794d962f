"""Signing in through an identity provider: against a real one, and against one that cheats."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from argon2 import PasswordHasher
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from hotline.clock import ManualClock, SystemClock
from hotline.settings import OidcSettings, Settings, WebSettings
from hotline.store import Database
from hotline.web.context import ACCOUNTS
from hotline.web.passwords import Hasher
from hotline.web.permissions import Role
from hotline.web.server import create_app
from hotline.web.tables import OidcIdentity

SECRET = "client-secret"


class Provider:
    """A provider that is strict about what it is asked, and tells what a test wants it to."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.published = self.key
        self.asked: dict[str, str] = {}
        self.claims: dict[str, Any] = {}
        self.account: str | None = "wangli"
        self.told_secret = ""
        self.server: TestServer

    @property
    def issuer(self) -> str:
        return str(self.server.make_url("")).rstrip("/")

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self.configuration)
        app.router.add_get("/keys", self.keys)
        app.router.add_post("/token", self.token)
        return app

    async def configuration(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
        )

    async def keys(self, _: web.Request) -> web.Response:
        return web.json_response({"keys": [self.published.as_dict(private=False)]})

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        self.told_secret = base64.b64decode(request.headers["Authorization"][6:]).decode()
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if challenge != self.asked["code_challenge"] or form["code"] != "the-code":
            return web.json_response({"error": "invalid_grant"}, status=400)
        assert form["redirect_uri"] == self.asked["redirect_uri"]
        return web.json_response({"access_token": "x", "id_token": self.signed()})

    def signed(self) -> str:
        now = int(self.clock.now().timestamp())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": "hotline",
            "sub": "u-77",
            "iat": now,
            "exp": now + 300,
            "nonce": self.asked["nonce"],
            "preferred_username": self.account,
        }
        header = {"alg": "RS256", "kid": self.key.kid}
        told = {k: v for k, v in (claims | self.claims).items() if v is not None}
        return jwt.encode(header, told, self.key)

    def authorize(self, location: str) -> str:
        """Read what the browser was sent with; return the answer's state."""
        self.asked = dict(parse_qsl(urlsplit(location).query))
        return self.asked["state"]


@pytest.fixture
async def provider(clock: ManualClock) -> AsyncIterator[Provider]:
    made = Provider(clock)
    made.server = TestServer(made.app())
    await made.server.start_server()
    yield made
    await made.server.close()


def house(home: Path, database: Database, clock: Any, issuer: str, secret: str) -> web.Application:
    quick = Hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    oidc = OidcSettings(issuer=issuer, client_id="hotline", client_secret=secret)
    settings = Settings(home=home, web=WebSettings(oidc=oidc))
    return create_app(settings, database, clock, [], hasher=quick)


@pytest.fixture
def app(
    tmp_path: Path, database: Database, clock: ManualClock, provider: Provider
) -> web.Application:
    return house(tmp_path, database, clock, provider.issuer, SECRET)


async def come_back(one: Any, provider: Provider, **query: str) -> Any:
    begun = await one.get("/signin/oidc?next=/account")
    assert begun.status == 303, begun.text
    state = provider.authorize(begun.to)
    sent = {"code": "the-code", "state": state} | query
    return await one.get("/signin/oidc/back?" + "&".join(f"{k}={v}" for k, v in sent.items()))


async def test_a_person_signs_in_and_is_bound_to_the_account(
    browser: Any, app: Any, add_user: Any, provider: Provider, database: Database
) -> None:
    user = await add_user("wangli", Role.LAWYER)
    one = browser()
    assert "统一身份登录" in (await one.get("/signin")).text
    answer = await come_back(one, provider)
    assert (answer.status, answer.to) == (303, "/account")
    assert provider.asked["code_challenge_method"] == "S256"
    assert provider.told_secret == f"hotline:{SECRET}"
    assert (await one.get("/account")).status == 200
    async with database.read() as session:
        bound = await session.get_one(OidcIdentity, (provider.issuer, "u-77"))
    assert bound.user_id == user.id
    # The name may be somebody else's tomorrow; the subject is what counts.
    await add_user("other", Role.ADMIN)
    provider.account = "other"
    two = browser()
    await come_back(two, provider)
    assert "wangli" in (await two.get("/account")).text
    provider.claims = {"sub": "u-99"}
    provider.account = "wangli"
    assert "没有您的账号" in (await come_back(browser(), provider)).text


async def test_a_first_password_is_not_asked_of_who_never_had_one(
    browser: Any, app: Any, provider: Provider
) -> None:
    from hotline.web.accounts import NewUser

    await app[ACCOUNTS].add(NewUser("wangli", "王丽", frozenset({Role.LAWYER})))
    one = browser()
    await come_back(one, provider)
    assert (await one.get("/account")).status == 200


async def test_the_second_step_is_asked_for_here_too(
    browser: Any, app: Any, add_user: Any, provider: Provider, clock: ManualClock
) -> None:
    from hotline.web import totp

    user = await add_user("wangli", Role.LAWYER)
    secret = totp.new_secret()
    await app[ACCOUNTS].turn_on_totp(
        user.id, secret, totp.code_at_step(secret, totp.step_at(clock.now()))
    )
    one = browser()
    assert (await come_back(one, provider)).to.startswith("/signin/code")
    assert (await one.get("/account")).to.startswith("/signin")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "another"},
        {"aud": ["hotline", "another"]},
        {"aud": ["hotline"], "azp": "another"},
        {"exp": 1},
        {"exp": None},
        {"iat": 9_999_999_999},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
    ],
)
async def test_a_token_that_does_not_hold_opens_nothing(
    browser: Any, app: Any, add_user: Any, provider: Provider, claims: dict[str, Any]
) -> None:
    await add_user("wangli", Role.LAWYER)
    provider.claims = claims
    one = browser()
    answer = await come_back(one, provider)
    assert answer.status == 403
    assert "统一身份登录没有成功" in answer.text
    assert (await one.get("/account")).to.startswith("/signin")


async def test_a_token_of_another_key_or_of_none_opens_nothing(
    browser: Any, app: Any, add_user: Any, provider: Provider, monkeypatch: Any
) -> None:
    await add_user("wangli", Role.LAWYER)
    provider.published = RSAKey.generate_key(2048, {"kid": "one"})
    assert (await come_back(browser(), provider)).status == 403
    provider.published = provider.key
    honest = provider.signed

    def unsigned() -> str:
        body = honest().split(".")[1]
        head = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
        return f"{head}.{body}."

    def with_the_public_key_as_secret() -> str:
        public = OctKey.import_key(provider.key.as_pem(private=False))
        claims = jwt.decode(honest(), provider.key).claims
        return jwt.encode({"alg": "HS256", "kid": "one"}, claims, public)

    for forged in (unsigned, with_the_public_key_as_secret, lambda: "", lambda: "a.b.c"):
        monkeypatch.setattr(provider, "signed", forged)
        assert (await come_back(browser(), provider)).status == 403
    monkeypatch.setattr(provider, "signed", honest)
    # The provider has changed its keys: they are read anew, without a restart.
    provider.key = provider.published = RSAKey.generate_key(2048, {"kid": "two"})
    assert (await come_back(browser(), provider)).status == 303


async def test_an_answer_is_for_the_browser_that_asked_and_for_once(
    browser: Any, app: Any, add_user: Any, provider: Provider, clock: ManualClock
) -> None:
    await add_user("wangli", Role.LAWYER)
    one, victim = browser(), browser()
    begun = await one.get("/signin/oidc")
    state = provider.authorize(begun.to)
    link = f"/signin/oidc/back?code=the-code&state={state}"
    # An attacker's answer, put into somebody else's browser, signs nobody in.
    assert (await victim.get(link)).status == 403
    assert (await one.get(f"{link}x")).status == 403
    # That try has used the question up.
    assert (await one.get(link)).status == 403
    assert (await come_back(one, provider, iss="https://elsewhere.example")).status == 403
    assert "没有放行" in (await come_back(one, provider, error="access_denied")).text
    assert (await come_back(one, provider, code="guessed")).status == 403
    begun = await one.get("/signin/oidc")
    state = provider.authorize(begun.to)
    clock.advance(601)
    assert "用时太久" in (await one.get(f"/signin/oidc/back?code=the-code&state={state}")).text


async def test_a_disabled_or_unknown_person_is_told_whom_to_ask(
    browser: Any, app: Any, add_user: Any, provider: Provider
) -> None:
    provider.account = "nobody"
    assert "请联系系统管理员" in (await come_back(browser(), provider)).text
    await add_user("wangli", Role.LAWYER)
    provider.account = "wangli"
    await come_back(browser(), provider)
    await app[ACCOUNTS].set_disabled("wangli", disabled=True)
    assert "已停用" in (await come_back(browser(), provider)).text


async def test_the_door_leads_nowhere_else_after_the_provider(
    browser: Any, app: Any, add_user: Any, provider: Provider
) -> None:
    await add_user("wangli", Role.LAWYER)
    one = browser()
    begun = await one.get("/signin/oidc?next=//evil.example")
    state = provider.authorize(begun.to)
    answer = await one.get(f"/signin/oidc/back?code=the-code&state={state}")
    assert (answer.status, answer.to) == (303, "/")


async def test_a_provider_that_is_away_leaves_the_password(
    browser: Any, app: Any, add_user: Any, provider: Provider
) -> None:
    await add_user("wangli", Role.LAWYER)
    await provider.server.close()
    one = browser()
    answer = await one.get("/signin/oidc")
    assert answer.status == 503
    assert "暂时连不上" in answer.text
    assert (await one.sign_in("wangli")).status == 303


class TestWithARealProvider:
    """Another implementation of the protocol, in the real time."""

    @pytest.fixture
    def clock(self) -> SystemClock:
        return SystemClock()

    @pytest.fixture
    def issuer(self) -> Iterator[str]:
        import oidc_provider_mock

        with oidc_provider_mock.run_server_in_thread(
            require_nonce=True,
            user_claims=[
                oidc_provider_mock.User(sub="u-1", claims={"preferred_username": "wangli"})
            ],
        ) as server:
            yield f"http://localhost:{server.server_port}"

    @pytest.fixture
    def app(
        self, tmp_path: Path, database: Database, clock: SystemClock, issuer: str
    ) -> web.Application:
        return house(tmp_path, database, clock, issuer, SECRET)

    @pytest.mark.filterwarnings("ignore")
    async def test_a_person_signs_in(self, browser: Any, add_user: Any) -> None:
        await add_user("wangli", Role.LAWYER)
        one = browser()
        begun = await one.get("/signin/oidc?next=/account")
        assert begun.status == 303, begun.text
        async with (
            ClientSession() as provider,
            provider.post(begun.to, data={"sub": "u-1"}, allow_redirects=False) as answer,
        ):
            back = urlsplit(answer.headers["Location"])
        done = await one.get(f"{back.path}?{back.query}")
        assert (done.status, done.to) == (303, "/account")
        assert "wangli" in (await one.get("/account")).text
