"""Text messages go out through an HTTP gateway as ``gateway.yaml`` writes it down."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import ValidationError

from hotline.clock import ManualClock
from hotline.configfiles import ConfigFileError
from hotline.jobs import Job, JobState, Queue, Worker
from hotline.messages import gateway
from hotline.messages.carriers import open_provider
from hotline.messages.gateway import Gateway, GatewayProvider
from hotline.messages.provider import (
    CarrierBusyError,
    CarrierError,
    CarrierUnsetError,
    OutgoingText,
    UndeliverableError,
)
from hotline.settings import Settings, TextSettings
from hotline.store import Database

TEXT = OutgoingText(7, "+8613900001111", '【示范县司法局】您的"工单" {code} 已受理。')
OWN = TextSettings(account="sfj", secret="open sesame")
Asked = list[tuple[web.BaseRequest, bytes]]


class Answering:
    """A gateway that keeps what it was asked and answers what it was told to."""

    def __init__(self) -> None:
        self.asked: Asked = []
        self.says({"code": 0, "data": {"id": 9001}})
        self.url = ""

    def says(self, content: Any, status: int = 200) -> None:
        self.content, self.status = content, status

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append((request, await request.read()))
        headers = {"Location": "/elsewhere"} if self.status // 100 == 3 else {}
        return web.json_response(self.content, status=self.status, headers=headers)


@pytest.fixture
async def there() -> AsyncIterator[Answering]:
    answering = Answering()
    app = web.Application()
    app.router.add_route("*", "/{way:.*}", answering.handle)
    async with TestServer(app, host="127.0.0.1") as server:
        answering.url = str(server.make_url("/"))
        yield answering


@pytest.fixture
def provider(there: Answering, clock: ManualClock) -> Callable[..., GatewayProvider]:
    """Return a function that opens a gateway: the shipped one, but for what is given."""

    def open_(own: TextSettings = OWN, **given: Any) -> GatewayProvider:
        written = gateway.load().model_dump(by_alias=True) | {"url": f"{there.url}send"} | given
        return GatewayProvider(
            Gateway.model_validate(written), own, clock=clock, nonce=lambda: "once"
        )

    return open_


async def test_the_shipped_gateway_is_asked_with_a_signature(
    there: Answering, provider: Callable[..., GatewayProvider], clock: ManualClock
) -> None:
    assert await provider().send(TEXT) == "9001"
    ((request, body),) = there.asked
    stamp = str(int(clock.now().timestamp()))
    assert json.loads(body) == {"mobile": "13900001111", "content": TEXT.text, "extend": "7"}
    signed = hmac.new(b"open sesame", stamp.encode() + body, hashlib.sha256).hexdigest()
    assert request.headers["X-Signature"] == signed
    assert (request.headers["X-Account"], request.headers["X-Timestamp"]) == ("sfj", stamp)
    assert request.content_type == "application/json"
    assert "open sesame" not in str(request.headers) + body.decode()


async def test_a_form_in_gbk_signed_by_a_digest_that_stands_in_it(
    there: Answering, provider: Callable[..., GatewayProvider]
) -> None:
    form = {"user": "{account}", "to": "86{number}", "msg": "{text}", "sign": "{signature}"}
    there.says({"result": "ok"})
    asks = provider(
        encoding="form",
        charset="gbk",
        timestamp="%Y%m%d%H%M%S",
        headers={},
        body={**form, "ts": "{timestamp}", "kind": 2},
        signature={"algorithm": "md5", "over": "{account}{secret}{timestamp}", "written": "HEX"},
        taken={"field": "result", "in": ["ok"]},
    )
    assert await asks.send(TEXT) == ""
    ((_, body),) = there.asked
    sent = parse_qs(body.decode("ascii"), encoding="gbk")
    digest = hashlib.md5(b"sfjopen sesame20261124100000", usedforsecurity=False).hexdigest()
    assert sent["msg"] == [TEXT.text]
    assert (sent["to"], sent["kind"], sent["sign"]) == (["8613900001111"], ["2"], [digest.upper()])


async def test_everything_may_stand_in_the_address(
    there: Answering, provider: Callable[..., GatewayProvider]
) -> None:
    asks = provider(
        method="GET",
        charset="gbk",
        body={},
        url=f"{there.url}send?m={{number}}&c={{text}}&n={{nonce}}",
        headers={"X-Sign": "{signature}"},
        signature={"algorithm": "hmac-sm3", "over": "{nonce}", "written": "base64"},
    )
    await asks.send(TEXT)
    ((request, body),) = there.asked
    assert not body
    query = parse_qs(request.raw_path.partition("?")[2], encoding="gbk")
    assert query == {"m": ["13900001111"], "c": [TEXT.text], "n": ["once"]}
    signed = base64.b64encode(hmac.digest(b"open sesame", b"once", "sm3")).decode()
    assert request.headers["X-Sign"] == signed


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (({"code": 31, "message": "余额不足"}, 200), CarrierError, "没有接收：200 余额不足，稍后"),
        (({"code": "1001", "message": "黑名单"}, 200), UndeliverableError, "拒收：200 黑名单"),
        (({"code": 0}, 500), CarrierError, "答复 500"),
        (({}, 302), CarrierError, "答复 302"),
        ((["unreadable"], 200), CarrierError, "没有接收"),
        (({"message": "open sesame? 13900001111"}, 200), CarrierError, "200 …[?] …，稍后"),
    ],
)
async def test_an_answer_says_whether_another_try_can_help(
    there: Answering,
    provider: Callable[..., GatewayProvider],
    answer: tuple[Any, int],
    error: type[Exception],
    words: str,
) -> None:
    there.says(*answer)
    with pytest.raises(error, match=words) as told:
        await provider(refused={"field": "code", "in": [1001]}).send(TEXT)
    assert type(told.value) is error
    assert len(there.asked) == 1


async def test_a_gateway_that_is_away_tells_neither_address_nor_secret(
    provider: Callable[..., GatewayProvider], free_port: Callable[[], int]
) -> None:
    away = provider(url=f"http://127.0.0.1:{free_port()}/?key={{secret}}")
    with pytest.raises(CarrierError, match="短信网关连接不上") as told:
        await away.send(TEXT)
    assert "sesame" not in str(told.value)
    assert told.value.__suppress_context__


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"url": "http://sms.example.gov.cn"}, "plain_http: true"),
        ({"url": "ftp://sms.example.gov.cn"}, "须是 https 地址"),
        ({"url": "https://{text}.example.cn"}, "主机名"),
        ({"body": {"m": "{number}"}}, "没有 {text}"),
        ({"body": {"m": "{text}"}}, "没有 {number}"),
        ({"body": {"m": "{number}{text}{mobile}"}}, "body 里不认识的位置：{mobile}"),
        ({"body": {"m": "{number}{text}{signature}"}}, "body 里就不能再写"),
        ({"signature": None}, "headers 里不认识的位置：{signature}"),
        ({"signature": {"algorithm": "rot13", "over": "{text}"}}, "algorithm"),
        ({"method": "GET"}, "没有 body"),
        ({"taken": {"field": "code", "in": []}}, "taken"),
    ],
)
def test_a_gateway_that_cannot_work_is_refused(given: dict[str, Any], words: str) -> None:
    written = gateway.load().model_dump(by_alias=True)
    with pytest.raises(ValidationError) as told:
        Gateway.model_validate(written | given)
    assert words in str(told.value)


def test_a_mistake_has_its_line(tmp_path: Path) -> None:
    file = tmp_path / "gateway.yaml"
    file.write_text("url: https://sms.example.gov.cn\nmethd: POST\n", encoding="utf-8")
    with pytest.raises(ConfigFileError, match=r"gateway\.yaml:2: methd：不认识的项"):
        gateway.load(file)


def test_a_gateway_without_its_secret_says_where_to_put_it(tmp_path: Path) -> None:
    with pytest.raises(CarrierUnsetError, match="HOTLINE_SMS__SECRET"):
        open_provider("gateway", Settings(home=tmp_path))
    with pytest.raises(CarrierUnsetError, match=r"sms\.account"):
        open_provider("gateway", Settings(home=tmp_path, sms={"secret": "s"}))


class Narrow(Answering):
    """A gateway that takes ten messages a second and tells the rest to wait, as long as it says."""

    def __init__(self, clock: ManualClock, waits: str) -> None:
        super().__init__()
        self.clock, self.waits = clock, waits
        self.asked_at: list[tuple[int, str]] = []
        self.refused = 0

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        asked = json.loads(await request.read())
        second = int(self.clock.monotonic())
        if sum(at == second for at, _ in self.asked_at) >= 10:
            self.refused += 1
            return web.json_response(
                {"code": 429, "message": "太快"}, status=429, headers={"Retry-After": self.waits}
            )
        self.asked_at.append((second, asked["extend"]))
        return web.json_response({"code": 0, "data": {"id": asked["extend"]}})


async def surge(
    database: Database, clock: ManualClock, provider: GatewayProvider, seconds: int
) -> Queue:
    """Send sixty messages that are asked for at once, second by second."""
    queue = Queue(database, clock)

    async def send(job: Job) -> None:
        await provider.send(OutgoingText(int(job.payload["id"]), "13900001111", "您好"))

    async with database.write() as session:
        for number in range(60):
            await queue.put(session, "send", {"id": number})
    worker = Worker(queue, {"send": send})
    for _ in range(seconds):
        await worker.run_until_empty()
        clock.advance(1)
    return queue


@pytest.mark.parametrize("waits", ["1", "", "Wed, 25 Nov 2026 02:00:00 GMT"])
async def test_a_surge_loses_nothing_where_the_gateway_says_too_fast(
    waits: str, database: Database, clock: ManualClock
) -> None:
    narrow = Narrow(clock, waits)
    app = web.Application()
    app.router.add_route("*", "/{way:.*}", narrow.handle)
    async with TestServer(app, host="127.0.0.1") as server:
        written = gateway.load().model_dump(by_alias=True) | {"url": str(server.make_url("/send"))}
        asks = GatewayProvider(Gateway.model_validate(written), OWN, clock=clock)
        queue = await surge(database, clock, asks, seconds=200)
    assert sorted(int(extend) for _, extend in narrow.asked_at) == list(range(60))
    counts = await queue.counts()
    assert (counts[JobState.DONE], counts[JobState.DEAD]) == (60, 0)
    # It is asked once more after each wait, not sixty times.
    assert narrow.refused <= 7


async def test_a_worker_sends_no_more_a_second_than_the_gateway_takes(
    there: Answering, clock: ManualClock
) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        clock.advance(seconds)

    written = gateway.load().model_dump(by_alias=True)
    written |= {"url": f"{there.url}send", "per_second": 4}
    asks = GatewayProvider(Gateway.model_validate(written), OWN, clock=clock, sleep=sleep)
    for number in range(9):
        await asks.send(OutgoingText(number, "13900001111", "您好"))
    assert waited == [0.25] * 8


async def test_too_fast_may_be_said_in_the_answer(
    there: Answering, provider: Callable[..., GatewayProvider]
) -> None:
    there.says({"code": 7, "message": "流量超限"})
    with pytest.raises(CarrierBusyError, match="流量超限") as busy:
        await provider(busy={"field": "code", "in": [7]}).send(TEXT)
    assert busy.value.delay.total_seconds() == 30
