"""Text messages through an HTTP gateway, whose request is written down in ``gateway.yaml``.

Each province, operator and vendor has a gateway of its own; what they have in common is a request
with the number, the words and a signature, and an answer that says whether it was taken.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
import secrets
import ssl
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode, urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from yarl import URL

import config
from hotline import configfiles
from hotline.clock import CHINA, Clock, SystemClock
from hotline.messages.pace import Pace
from hotline.messages.provider import (
    CarrierError,
    CarrierUnsetError,
    OutgoingText,
    UndeliverableError,
    told_briefly,
)
from hotline.settings import LOOPBACK, Settings, TextSettings

PLACES: Final = frozenset({"number", "text", "id", "account", "secret", "timestamp", "nonce"})
_PLACE = re.compile(r"\{([a-z]+)\}")
LONGEST_ANSWER: Final = 64 * 1024
LONGEST_RECEIPT: Final = 200


Algorithm = Literal[
    "hmac-sha256", "hmac-sha1", "hmac-md5", "hmac-sm3", "sha256", "sha1", "md5", "sm3"
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Signature(_Part):
    """How a request is signed; the outcome stands where ``{signature}`` is written."""

    algorithm: Algorithm
    over: str
    """What is signed: places as in the request, and ``{body}``."""
    written: Literal["hex", "HEX", "base64"] = "hex"

    def sign(self, values: Mapping[str, str]) -> str:
        """Return the signature; the key of an HMAC is the secret."""
        signed = _fill(self.over, values).encode()
        kind, _, name = self.algorithm.rpartition("-")
        if kind:
            digest = hmac.digest(values["secret"].encode(), signed, name)
        else:
            digest = hashlib.new(name, signed, usedforsecurity=False).digest()
        if self.written == "base64":
            return base64.b64encode(digest).decode()
        return digest.hex().upper() if self.written == "HEX" else digest.hex()


class Expected(_Part):
    """A field of the answer (``data.code``: within an object) and the values it may have."""

    field: str
    values: tuple[str, ...] = Field(min_length=1, alias="in")

    @field_validator("values", mode="before")
    @classmethod
    def _as_text(cls, given: Any) -> Any:
        return [_text_of(one) for one in given] if isinstance(given, list) else given

    def met(self, answer: Any) -> bool:
        """Whether the answer has one of the values there."""
        return _text_of(_within(answer, self.field)) in self.values


class Gateway(_Part):
    """``messages/gateway.yaml``."""

    url: str
    plain_http: bool = False
    """Allow an address without TLS, as in a closed network of the government."""
    method: Literal["POST", "GET"] = "POST"
    encoding: Literal["json", "form"] = "json"
    charset: Literal["utf-8", "gbk"] = "utf-8"
    headers: dict[str, str] = Field(default_factory=dict)
    body: dict[str, Any] = Field(default_factory=dict)
    timestamp: str = "seconds"
    """``seconds``, ``milliseconds``, or a pattern such as ``%Y%m%d%H%M%S`` (China's time)."""
    signature: Signature | None = None
    taken: Expected | None = None
    refused: Expected | None = None
    """Another try cannot help: a number that does not exist, words that are not allowed."""
    busy: Expected | None = None
    """Too many at once: to be sent later, which is no failure. HTTP 429 always says so."""
    per_second: float | None = Field(default=None, gt=0, le=1000)
    """How many a worker sends a second at most."""
    reason: str = ""
    receipt: str = ""

    @field_validator("body")
    @classmethod
    def _plain(cls, body: dict[str, Any]) -> dict[str, Any]:
        try:
            json.dumps(body)
        except TypeError as error:
            raise ValueError("只能写文字、数字、true/false 和它们的列表；日期请加引号") from error
        return body

    @model_validator(mode="after")
    def _sound(self) -> Gateway:
        host = urlsplit(_PLACE.sub("x", self.url))
        if host.scheme not in {"https", "http"} or not host.hostname:
            raise ValueError("url 须是 https 地址")
        if _PLACE.search(urlsplit(self.url).netloc):
            raise ValueError("url 的主机名里不能有 {…}")
        if host.scheme == "http" and host.hostname not in LOOPBACK and not self.plain_http:
            raise ValueError(
                "url 没有加密，短信会被看到；政务内网确需如此的，写上 plain_http: true"
            )
        if self.method == "GET" and self.body:
            raise ValueError("method 为 GET 时没有 body，请都写在 url 里")
        return self._known_places()

    def _known_places(self) -> Gateway:
        signed = self.signature.over if self.signature is not None else ""
        written = {"url": self.url, "headers": str(self.headers), "body": str(self.body)}
        places = {name: set(_PLACE.findall(text)) for name, text in written.items()}
        over = set(_PLACE.findall(signed))
        allowed = PLACES | ({"signature"} if self.signature is not None else set())
        known = {**dict.fromkeys(places, allowed), "signature.over": PLACES | {"body"}}
        for name, found in {**places, "signature.over": over}.items():
            if unknown := sorted(found - known[name]):
                raise ValueError(f"{name} 里不认识的位置：{'、'.join(f'{{{n}}}' for n in unknown)}")
        if "body" in over and "signature" in places["body"]:
            raise ValueError("signature.over 用了 {body}，body 里就不能再写 {signature}")
        for place, what in (("text", "短信内容"), ("number", "手机号")):
            if not any(place in found for found in places.values()):
                raise ValueError(f"请求里没有 {{{place}}}（{what}）")
        return self


def load(file: Path | None = None) -> Gateway:
    """Read how the gateway is spoken to.

    Raises:
        ConfigFileError: the file is wrong.
    """
    return configfiles.load(file or config.path("messages/gateway.yaml"), Gateway)


class GatewayProvider:
    """Sends each message as one HTTP request."""

    def __init__(
        self,
        gateway: Gateway,
        own: TextSettings,
        *,
        clock: Clock | None = None,
        nonce: Callable[[], str] = lambda: secrets.token_hex(8),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._gateway, self._own = gateway, own
        self._clock = clock or SystemClock()
        self._pace = Pace(self._clock, gateway.per_second, sleep)
        self._nonce = nonce
        self._secret = own.secret_text()
        self._context = _context(own.ca_file)
        uses = str(gateway.model_dump())
        if not self._secret and ("{secret}" in uses or "'hmac-" in uses):
            raise CarrierUnsetError(
                "gateway.yaml 用到短信网关的密钥：请设置环境变量 HOTLINE_SMS__SECRET，"
                "或 hotline.toml 的 sms.secret_file"
            )
        if not own.account and "{account}" in uses:
            raise CarrierUnsetError("gateway.yaml 用到账号：请在 hotline.toml 填写 sms.account")

    @classmethod
    def of(cls, settings: Settings) -> GatewayProvider:
        """Return the one that ``gateway.yaml`` and the settings describe.

        Raises:
            ConfigurationError: the file is wrong, or a secret is missing.
        """
        return cls(load(), settings.sms)

    async def send(self, message: OutgoingText) -> str:
        """Send the request; the receipt is the gateway's id of the message, if it gives one."""
        await self._pace.wait()
        values = self._values(message)
        url, headers, body = _request(self._gateway, values)
        timeout = ClientTimeout(total=self._own.timeout_seconds)
        try:
            async with (
                ClientSession(timeout=timeout) as client,
                client.request(
                    self._gateway.method,
                    URL(url, encoded=True),
                    data=body,
                    headers=headers,
                    allow_redirects=False,
                    ssl=self._context,
                ) as response,
            ):
                content = await response.content.read(LONGEST_ANSWER)
                status, asked_for = response.status, response.headers.get("Retry-After", "")
        except TimeoutError as error:
            waited = f"{self._own.timeout_seconds:g}"
            raise CarrierError(f"短信网关 {waited} 秒没有应答，稍后重发") from error
        except (ClientError, OSError) as error:
            # Not chained: what the library says holds the address, which may hold the secret.
            raise CarrierError(f"短信网关连接不上（{type(error).__name__}），稍后重发") from None
        return self._judged(status, content, values, asked_for)

    def _values(self, message: OutgoingText) -> dict[str, str]:
        return {
            "number": message.number.removeprefix("+86"),
            "text": message.text,
            "id": str(message.id),
            "account": self._own.account,
            "secret": self._secret,
            "timestamp": _timestamp(self._gateway.timestamp, self._clock.now()),
            "nonce": self._nonce(),
        }

    def _judged(
        self, status: int, content: bytes, values: Mapping[str, str], asked_for: str
    ) -> str:
        gateway = self._gateway
        answer = _read(content.decode(gateway.charset, "replace"))
        said = _text_of(_within(answer, gateway.reason)) if gateway.reason else _text_of(answer)
        for name in ("secret", "number", "text"):
            said = said.replace(values[name], "…") if values[name] else said
        said = f"{status} {told_briefly(said)}".strip()
        if gateway.refused is not None and gateway.refused.met(answer):
            raise UndeliverableError(f"短信网关拒收：{said}")
        busy = gateway.busy is not None and gateway.busy.met(answer)
        if busy or status == HTTPStatus.TOO_MANY_REQUESTS:
            raise self._pace.told_to_wait(asked_for, f"短信网关说发得太快：{said}，稍后再发")
        if status // 100 != 2:
            raise CarrierError(f"短信网关答复 {said}，稍后重发；一直如此请核对 gateway.yaml")
        if gateway.taken is not None and not gateway.taken.met(answer):
            raise CarrierError(f"短信网关没有接收：{said}，稍后重发；一直如此请核对 gateway.yaml")
        return (
            _text_of(_within(answer, gateway.receipt))[:LONGEST_RECEIPT] if gateway.receipt else ""
        )


def _request(
    gateway: Gateway, values: Mapping[str, str]
) -> tuple[str, dict[str, str], bytes | None]:
    """Return address, headers and body, filled and signed."""
    given = dict(values)
    if gateway.signature is not None and "{body}" not in gateway.signature.over:
        given["signature"] = gateway.signature.sign(given)
    body = _encoded(gateway, _filled(gateway.body, given)) if gateway.method == "POST" else None
    if gateway.signature is not None and "signature" not in given:
        given["body"] = (body or b"").decode("utf-8", "replace")
        given["signature"] = gateway.signature.sign(given)
    quoted = {name: quote(value.encode(gateway.charset), safe="") for name, value in given.items()}
    headers = {name: _fill(text, given) for name, text in gateway.headers.items()}
    if body is not None:
        kind = "json" if gateway.encoding == "json" else "x-www-form-urlencoded"
        headers.setdefault("Content-Type", f"application/{kind}; charset={gateway.charset}")
    return _fill(gateway.url, quoted), headers, body


def _encoded(gateway: Gateway, body: Any) -> bytes:
    if gateway.encoding == "json":
        return json.dumps(body, ensure_ascii=False).encode(gateway.charset, "replace")
    fields = {name: _text_of(value) for name, value in body.items()}
    return urlencode(fields, encoding=gateway.charset, errors="replace").encode()


def _filled(part: Any, values: Mapping[str, str]) -> Any:
    if isinstance(part, dict):
        return {name: _filled(inner, values) for name, inner in part.items()}
    if isinstance(part, list):
        return [_filled(inner, values) for inner in part]
    return _fill(part, values) if isinstance(part, str) else part


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), text)


def _timestamp(kind: str, now: datetime) -> str:
    if kind == "seconds":
        return str(int(now.timestamp()))
    if kind == "milliseconds":
        return str(int(now.timestamp() * 1000))
    return f"{now.astimezone(CHINA):{kind}}"


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _within(answer: Any, path: str) -> Any:
    for name in path.split("."):
        if isinstance(answer, list) and name.isdecimal() and int(name) < len(answer):
            answer = answer[int(name)]
        elif isinstance(answer, dict):
            answer = answer.get(name)
        else:
            return None
    return answer


def _text_of(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _context(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise CarrierUnsetError(f"证书文件读不了：{ca_file}（{error}）") from error
