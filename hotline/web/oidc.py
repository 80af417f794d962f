"""Signing in through the county's own identity provider (统一身份认证): OpenID Connect.

The authorization-code flow with PKCE (RFC 7636), state and nonce; the id token's signature is
checked by joserfc with the provider's published keys, its issuer, audience, times and nonce here.
Nothing is believed that came through the browser alone.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, ValidationError

from hotline.clock import Clock
from hotline.errors import HotlineError
from hotline.settings import OidcSettings

FLOW_SECONDS = 600
"""How long a person may stay at the provider."""

LEEWAY_SECONDS = 60
"""How far the provider's clock may be from ours."""

KNOWN_FOR = timedelta(hours=1)
TIMEOUT = ClientTimeout(total=8)
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
"""What may sign an id token. Never ``none``, never a shared secret."""

LARGEST_ANSWER = 256 * 1024

log = structlog.get_logger(__name__)


class OidcError(HotlineError):
    """统一身份登录没有成功，请重试，或改用账号密码登录。"""

    error_id = "oidc"


class OidcUnavailableError(OidcError):
    """统一身份认证暂时连不上，请稍后重试，或改用账号密码登录。"""

    error_id = "oidc-unavailable"


class _Provider(BaseModel):
    """What the provider says of itself (OpenID Connect Discovery 1.0, section 3)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


@dataclass(frozen=True)
class Flow:
    """What this browser began with, kept in its encrypted cookie."""

    state: str
    nonce: str
    verifier: str
    next: str
    at: float

    @classmethod
    def of(cls, kept: Any) -> Flow | None:
        """Read it back."""
        try:
            return cls(**kept)
        except TypeError:
            return None


@dataclass(frozen=True)
class Identity:
    """Who the provider says it is."""

    subject: str
    account: str
    """The claim that names our account; empty where the provider does not tell it."""


class OidcClient:
    """The client of one provider."""

    def __init__(self, settings: OidcSettings, clock: Clock, http: ClientSession) -> None:
        self.settings = settings
        self.clock = clock
        self._http = http
        self._provider: tuple[datetime, _Provider] | None = None
        self._keys: tuple[datetime, KeySet] | None = None
        self._lock = asyncio.Lock()

    async def begin(self, back: str, target: str) -> tuple[str, dict[str, Any]]:
        """Return where to send the browser, and what it must keep.

        Raises:
            OidcUnavailableError: the provider cannot be asked.
        """
        provider = await self._discover()
        flow = Flow(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            next=target,
            at=self.clock.now().timestamp(),
        )
        challenge = hashlib.sha256(flow.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": back,
            "scope": " ".join(dict.fromkeys(["openid", *self.settings.scopes])),
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        joint = "&" if urlsplit(provider.authorization_endpoint).query else "?"
        return f"{provider.authorization_endpoint}{joint}{urlencode(query)}", asdict(flow)

    async def finish(self, flow: Flow | None, query: Mapping[str, str], back: str) -> Identity:
        """Return who came back from the provider.

        Raises:
            OidcError: the answer is not to this browser's question, or does not hold.
            OidcUnavailableError: the provider cannot be asked.
        """
        code = self._checked_answer(flow, query)
        if flow is None:  # told apart above; for the type checker
            raise OidcError
        provider = await self._discover()
        if query.get("iss", provider.issuer) != provider.issuer:
            raise _refused("the answer names another issuer")
        tokens = await self._exchange(provider, code, flow.verifier, back)
        claims = await self._verified(provider, str(tokens.get("id_token", "")), flow.nonce)
        subject = str(claims["sub"])
        account = claims.get(self.settings.account_claim)
        if account is None and provider.userinfo_endpoint and tokens.get("access_token"):
            told = await self._userinfo(provider, str(tokens["access_token"]))
            if told.get("sub") != subject:
                raise _refused("userinfo is of somebody else")
            account = told.get(self.settings.account_claim)
        return Identity(subject, account if isinstance(account, str) else "")

    def _checked_answer(self, flow: Flow | None, query: Mapping[str, str]) -> str:
        given = query.get("state", "")
        if flow is None or not hmac.compare_digest(flow.state.encode(), given.encode()):
            raise _refused("state does not fit", "登录已过期或被打断，请重新点“统一身份登录”。")
        if not 0 <= self.clock.now().timestamp() - flow.at < FLOW_SECONDS:
            raise _refused("flow too old", "登录用时太久，请重新点“统一身份登录”。")
        if "error" in query:
            raise _refused(
                f"provider: {query['error'][:80]}", "统一身份认证没有放行，请重试或联系管理员。"
            )
        code = query.get("code", "")
        if not code or len(code) > 4096:
            raise _refused("no code")
        return code

    async def _exchange(
        self, provider: _Provider, code: str, verifier: str, back: str
    ) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "client_id": self.settings.client_id,
            "code_verifier": verifier,
        }
        secret = self.settings.secret()
        methods = provider.token_endpoint_auth_methods_supported
        basic = bool(secret) and "client_secret_basic" in methods
        if secret and not basic:
            form["client_secret"] = secret
        headers = _basic(self.settings.client_id, secret) if basic else {}
        return await self._ask("POST", provider.token_endpoint, data=form, headers=headers)

    async def _userinfo(self, provider: _Provider, token: str) -> Mapping[str, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        return await self._ask("GET", provider.userinfo_endpoint, headers=headers)

    async def _verified(self, provider: _Provider, token: str, nonce: str) -> Mapping[str, Any]:
        claims = await self._signed(provider, token)
        now = self.clock.now().timestamp()
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        own = self.settings.client_id
        expires, issued = claims.get("exp"), claims.get("iat")
        held = {
            "iss": claims.get("iss") == provider.issuer,
            "aud": own in audiences,
            "azp": claims.get("azp", own) == own and (len(audiences) == 1 or "azp" in claims),
            "exp": isinstance(expires, int | float) and now < expires + LEEWAY_SECONDS,
            "iat": isinstance(issued, int | float) and issued < now + LEEWAY_SECONDS,
            "nonce": hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()),
            "sub": isinstance(claims.get("sub"), str) and 0 < len(str(claims["sub"])) <= 255,
        }
        wrong = [name for name, holds in held.items() if not holds]
        if wrong:
            raise _refused(f"id token: {', '.join(wrong)}")
        return claims

    async def _signed(self, provider: _Provider, token: str) -> Mapping[str, Any]:
        # A key that we don't know may be new: the keys are read once more, not at every forgery.
        for anew in (False, True):
            keys = await self._key_set(provider, anew=anew)
            try:
                return jwt.decode(token, keys, algorithms=ALGORITHMS).claims
            except (JoseError, ValueError) as error:
                if anew:
                    raise _refused(f"id token: {error}") from error
        raise OidcError

    async def _discover(self) -> _Provider:
        async with self._lock:
            now = self.clock.now()
            if self._provider is None or now - self._provider[0] > KNOWN_FOR:
                issuer = self.settings.issuer.rstrip("/")
                told = await self._ask("GET", f"{issuer}/.well-known/openid-configuration")
                try:
                    provider = _Provider.model_validate(told)
                except ValidationError as error:
                    raise _unavailable("its configuration is not whole") from error
                if provider.issuer.rstrip("/") != issuer:
                    raise _unavailable("it calls itself otherwise")
                self._provider = now, provider
            return self._provider[1]

    async def _key_set(self, provider: _Provider, *, anew: bool) -> KeySet:
        now = self.clock.now()
        stale = self._keys is None or now - self._keys[0] > KNOWN_FOR
        if self._keys is None or stale or anew:
            told = await self._ask("GET", provider.jwks_uri)
            try:
                keys = KeySet.import_key_set(dict(told))  # type: ignore[arg-type]
            except (JoseError, KeyError, TypeError, ValueError) as error:
                raise _unavailable("its keys cannot be read") from error
            self._keys = now, keys
        return self._keys[1]

    async def _ask(self, method: str, url: str, **more: Any) -> Mapping[str, Any]:
        try:
            async with self._http.request(
                method, url, timeout=TIMEOUT, allow_redirects=False, **more
            ) as answer:
                body = bytearray()
                async for piece in answer.content.iter_chunked(16 * 1024):
                    body += piece
                    if len(body) > LARGEST_ANSWER:
                        raise _unavailable("an answer is too long")
                if answer.status != 200:
                    raise _unavailable(f"{urlsplit(url).path} answered {answer.status}")
        except (ClientError, TimeoutError, OSError) as error:
            raise _unavailable(f"{urlsplit(url).netloc}: {error!r}") from error
        return _json(body)


def _basic(client_id: str, secret: str) -> dict[str, str]:
    """Name the client as RFC 6749, section 2.3.1 asks: both parts form-encoded first."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def _json(body: bytearray) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except ValueError as error:
        raise _unavailable("an answer is not JSON") from error
    if not isinstance(found, dict):
        raise _unavailable("an answer is not an object")
    return found


def _refused(why: str, words: str | None = None) -> OidcError:
    log.warning("sign-in through the provider refused", reason=why)
    return OidcError(words)


def _unavailable(why: str) -> OidcUnavailableError:
    log.warning("the identity provider is of no use", reason=why)
    return OidcUnavailableError()
