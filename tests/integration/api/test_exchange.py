"""Tickets exchanged with the 12345 line: once, signed, with receipts, both ways."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from sqlalchemy import select

from hotline.api import webhooks
from hotline.api.jobs import RULES, Answered, handlers
from hotline.api.pushed import PUSHES
from hotline.api.signing import Signer
from hotline.api.tables import WebhookDeliveryTable, WebhookTable
from hotline.casework import Actor, Case
from hotline.clock import ManualClock
from hotline.jobs import Queue, Worker
from hotline.jobs.feeding import Feeder
from hotline.public.face import Face
from hotline.settings import Settings
from hotline.store import Database
from hotline.tickets.birth import CallFacts, open_tickets

GIVEN = {
    "external_id": "12345-20261124-0007",
    "title": "工地拖欠工资",
    "details": "八个月没有发工资",
    "caller_name": "张小兰",
    "phone": "13900001111",
    "topic": "wages",
    "place": "qingshi",
    "urgency": "urgent",
}
PATH = "/exchange/tickets"


SHAPES = tuple(push.body for push in PUSHES)


def _types(shape: type[BaseModel]) -> tuple[str, ...]:
    return get_args(shape.model_fields["type"].annotation)


class Partner:
    """The other line's receiving end."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, Any], Mapping[str, str], bytes]] = []
        self.answers: list[Answered] = []

    async def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        content = json.loads(body)
        # What is sent is what the description promises.
        shape = next(s for s in SHAPES if content["type"] in _types(s))
        shape.model_validate(content)
        self.got.append((url, content, headers, body))
        default = Answered(200, '{"receipt": "R-1", "external_id": "GD-778"}')
        return self.answers.pop(0) if self.answers else default


@pytest.fixture
def partner() -> Partner:
    return Partner()


@pytest.fixture
def work(
    settings: Settings, database: Database, clock: ManualClock, face: Face, partner: Partner
) -> Callable[..., Awaitable[None]]:
    """Return a function that runs what is due."""
    queue = Queue(database, clock)
    made = handlers(settings, database, clock, queue, face.desk, sender=partner)
    worker = Worker(queue, made)

    async def run() -> None:
        while await Feeder(queue, RULES).feed():
            pass
        await worker.run_until_empty()

    return run


async def ticket(database: Database) -> Case:
    async with database.read() as session:
        (case,) = await session.scalars(select(Case))
    return case


@pytest.mark.each_database
async def test_a_ticket_is_taken_over_once(program: Any, database: Database) -> None:
    line = await program("exchange")
    first = await line.call("POST", PATH, GIVEN, signed="m-1")
    again = await line.call("POST", PATH, GIVEN, signed="m-1")
    later = await line.call("POST", PATH, GIVEN, signed="m-2")
    assert first.status == 200, first.body
    assert (first.body["repeated"], again.body["repeated"]) == (False, True)
    assert first.body["receipt"] == again.body["receipt"] == later.body["receipt"]
    case = await ticket(database)
    assert (case.number, case.channel, case.urgency) == (first.body["number"], "12345", "urgent")
    assert (case.topic, case.place, case.caller_number) == ("wages", "qingshi", "13900001111")


async def test_the_same_number_with_other_content_is_refused(program: Any) -> None:
    line = await program("exchange")
    await line.call("POST", PATH, GIVEN, signed="m-1")
    answer = await line.call("POST", PATH, GIVEN | {"title": "另一件事"}, signed="m-2")
    assert (answer.status, answer.body["error_id"]) == (409, "exchange-differs")


async def test_an_unsigned_forged_or_replayed_ticket_is_refused(
    program: Any, database: Database, clock: ManualClock, face: Face
) -> None:
    line = await program("exchange")
    assert (await line.call("POST", PATH, GIVEN)).body["error_id"] == "signature"
    signer = Signer.of(face.settings.home)
    owner = f"key:{line.key.split('_')[1]}"
    other = signer.headers(owner, "m-1", b"other content", clock.now())
    assert (await line.call("POST", PATH, GIVEN, headers=other)).status == 401
    body = json.dumps(GIVEN, ensure_ascii=False).encode()
    old = signer.headers(owner, "m-1", body, clock.now())
    clock.advance(301)
    assert (await line.call("POST", PATH, GIVEN, headers=old)).status == 401
    async with database.read() as session:
        assert list(await session.scalars(select(Case))) == []


async def test_a_line_sees_its_own_tickets_alone(program: Any) -> None:
    line, other = await program("exchange"), await program("exchange")
    await line.call("POST", PATH, GIVEN, signed="m-1")
    own = await line.call("GET", f"{PATH}/{GIVEN['external_id']}")
    assert own.body["state"] == "已受理"
    assert (await other.call("GET", f"{PATH}/{GIVEN['external_id']}")).status == 404


async def test_the_line_hears_how_its_ticket_goes(
    program: Any, face: Face, partner: Partner, work: Any
) -> None:
    database, clock = face.database, face.clock
    line = await program("exchange", exchange_url="https://12345.example/in")
    await line.call("POST", PATH, GIVEN, signed="m-1")
    case = await ticket(database)
    lawyer = Actor("wang", frozenset({"lawyer"}))
    async with database.write() as session:
        given = {"answer": "可以向劳动监察投诉", "legal_aid_told": True}
        await face.desk.act(session, case.id, "answer", given, actor=lawyer, now=clock.now())
    await work()
    url, told, headers, body = partner.got[-1]
    assert url == "https://12345.example/in"
    assert (told["type"], told["data"]["state"]) == ("ticket.state", "已答复")
    assert told["data"]["result"] == "可以向劳动监察投诉"
    owner = f"key:{line.key.split('_')[1]}"
    assert Signer.of(face.settings.home).verify(owner, headers, body, clock.now())


@pytest.fixture
def dispatched(face: Face, database: Database, clock: ManualClock) -> Callable[..., Any]:
    async def make(**facets: Any) -> Case:
        async with database.write() as session:
            facts = CallFacts("call-1", "13900001111", clock.now(), topic="wages")
            await open_tickets(face.desk, session, [facts], clock.now())
            case = await session.get(Case, 1)
            assert case is not None
            for name, value in facets.items():
                setattr(case, name, value)
            supervisor = Actor("ban", frozenset({"supervisor"}))
            given = {"organisation_id": "l12345", "title": "路灯不亮", "demand": "请修路灯"}
            await face.desk.act(
                session, case.id, "dispatch", given, actor=supervisor, now=clock.now()
            )
        return case

    return make


@pytest.mark.each_database
async def test_a_ticket_for_the_line_is_handed_over_and_its_result_comes_back(
    program: Any, dispatched: Any, partner: Partner, work: Any, database: Database
) -> None:
    line = await program("exchange", exchange_url="https://12345.example/in", organisation="l12345")
    case = await dispatched()
    await work()
    (_, told, _, _) = partner.got[0]
    assert told["type"] == "ticket.handed_over"
    assert told["data"]["number"] == case.number
    state = await line.call("GET", f"{PATH}/GD-778")
    assert (state.body["direction"], state.body["receipt"]) == ("out", "R-1")
    result = {"outcome": "done", "text": "已修好"}
    done = await line.call("POST", f"{PATH}/GD-778/result", result, signed="r-1")
    again = await line.call("POST", f"{PATH}/{case.number}/result", result, signed="r-1")
    assert done.status == again.status == 200, again.body
    after = await ticket(database)
    assert (after.state, after.data["result"]) == ("closed", "已修好")


async def test_a_line_may_return_a_ticket_with_its_cause(
    program: Any, dispatched: Any, work: Any, database: Database
) -> None:
    line = await program("exchange", exchange_url="https://x.example", organisation="l12345")
    case = await dispatched()
    await work()
    result = {"outcome": "returned", "text": "属于城管局", "cause": "not_ours"}
    answer = await line.call("POST", f"{PATH}/{case.number}/result", result, signed="r-1")
    assert answer.status == 200, answer.body
    assert (await ticket(database)).state == "returned"


async def test_a_line_cannot_act_on_a_ticket_that_was_taken_from_it(
    program: Any, dispatched: Any, work: Any, face: Face
) -> None:
    database, clock = face.database, face.clock
    line = await program("exchange", exchange_url="https://x.example", organisation="l12345")
    case = await dispatched()
    await work()
    async with database.write() as session:
        supervisor = Actor("ban", frozenset({"supervisor"}))
        given = {"organisation_id": "qingshi"}
        await face.desk.act(
            session, case.id, "reassign", given, actor=supervisor, now=clock.now(), note="改派"
        )
    result = {"outcome": "done", "text": "已修好"}
    answer = await line.call("POST", f"{PATH}/{case.number}/result", result, signed="r-1")
    assert answer.status == 409


async def test_a_confidential_ticket_is_not_handed_over_by_a_machine(
    program: Any, dispatched: Any, partner: Partner, work: Any
) -> None:
    await program("exchange", exchange_url="https://x.example", organisation="l12345")
    await dispatched(confidential=True)
    await work()
    assert partner.got == []


async def test_a_line_that_is_away_is_tried_again(
    program: Any, dispatched: Any, partner: Partner, work: Any, clock: ManualClock
) -> None:
    await program("exchange", exchange_url="https://x.example", organisation="l12345")
    partner.answers = [Answered(502, "")]
    await dispatched()
    await work()
    assert len(partner.got) == 1
    clock.advance(6)
    await work()
    assert len(partner.got) == 2
    first, second = partner.got
    assert first[2]["webhook-id"] == second[2]["webhook-id"]


async def test_a_webhook_tells_what_happened_and_nothing_of_persons(
    face: Face, partner: Partner, work: Any, dispatched: Any
) -> None:
    database, clock = face.database, face.clock
    async with database.write() as session:
        webhook_id = await webhooks.add(
            session, "https://portal.example/hook", ["case.moved"], clock.now()
        )
    await dispatched()
    await work()
    (url, told, headers, body) = partner.got[0]
    assert url == "https://portal.example/hook"
    assert told["type"] == "case.moved"
    assert told["data"]["to"] == "dispatched"
    assert "13900001111" not in body.decode()
    assert "路灯" not in body.decode()
    signer = Signer.of(face.settings.home)
    assert signer.verify(f"webhook:{webhook_id}", headers, body, clock.now())
    async with database.read() as session:
        (delivery,) = await session.scalars(select(WebhookDeliveryTable))
    assert (delivery.status, delivery.tries) == (200, 1)


async def test_a_webhook_is_retried_and_one_that_is_gone_is_stopped(
    clock: ManualClock, partner: Partner, work: Any, face: Face, dispatched: Any
) -> None:
    database = face.database
    async with database.write() as session:
        await webhooks.add(session, "https://portal.example/hook", ["case.moved"], clock.now())
    partner.answers = [Answered(500, ""), Answered(410, "")]
    case = await dispatched()
    await work()
    clock.advance(6)
    await work()
    assert len(partner.got) == 2
    async with database.write() as session:
        (webhook,) = await session.scalars(select(WebhookTable))
        assert webhook.stopped_at is not None
        supervisor = Actor("ban", frozenset({"supervisor"}))
        await face.desk.act(
            session, case.id, "supervise", actor=supervisor, now=clock.now(), note="督办"
        )
    await work()
    assert len(partner.got) == 2
