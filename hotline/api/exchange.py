"""Tickets exchanged with other lines (12345), both ways, signed, each once, with receipts.

In: the other line sends a ticket; the same number again gets the same receipt. Out: a ticket that
is dispatched to the partner's organisation is sent to it (:mod:`hotline.api.jobs`), and the partner
tells what came of it. The partner acts on the ticket through the workflow like any organisation.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import ConfigDict, Field
from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.api.keys import Key, Scope
from hotline.api.operations import Asked, Given, Nothing, Operation, Shown
from hotline.api.tables import ApiKeyTable, Direction, ExchangeTable
from hotline.casework import SYSTEM_ACTOR, Actor, Case, CaseEvent, Desk, by_id
from hotline.errors import ConflictError, InvalidInputError, NotFoundError
from hotline.public import forms

TICKET: Final = "ticket"
CHANNEL: Final = "12345"

EXTERNAL = r"[A-Za-z0-9._-]{1,64}"


class ExchangeDiffersError(ConflictError):
    """这个编号已经交来过，但内容不同。同一工单的新情况请用新的编号，并在案情里写明原编号。"""

    error_id = "exchange-differs"


class IncomingTicket(Given):
    """交来的工单。"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "external_id": "12345-20261124-0007",
                    "title": "工地拖欠工资",
                    "details": "八个月没有发工资",
                    "phone": "13900001111",
                    "topic": "wages",
                }
            ]
        }
    )

    external_id: str = Field(pattern=f"^{EXTERNAL}$", description="贵方的工单编号")
    title: str = Field(min_length=1, max_length=60, description="一句话案情")
    details: str = Field(default="", max_length=10_000, description="案情")
    demand: str = Field(default="", max_length=2000, description="诉求")
    caller_name: str = Field(default="", max_length=200)
    phone: str = Field(
        default="", pattern=r"^(\+?[0-9]{5,20})?$", description="来电人号码，只写数字"
    )
    topic: str = Field(default="", max_length=80, description="类别代码")
    place: str = Field(default="", max_length=80, description="事发地站点代码")
    urgency: Literal["normal", "urgent", "emergency"] = "normal"
    confidential: bool = False


class ExchangeReceipt(Shown):
    """回执。"""

    receipt: str = Field(description="回执编号，对账时使用")
    external_id: str
    number: str = Field(description="我方编号")
    repeated: bool = Field(description="是否重发：同一编号、同样内容以前收到过")


class ExchangeResult(Given):
    """转出工单的办理结果。"""

    outcome: Literal["done", "returned"] = Field(description="办结，或退回")
    text: str = Field(min_length=1, max_length=2000, description="办理结果，或退回的理由")
    cause: Literal["not_ours", "wrong_place", "unclear", "duplicate", "in_court", "other"] = Field(
        default="other", description="退回原因；办结时不用"
    )


class ExchangeState(Shown):
    """交换中的工单现在怎样。"""

    external_id: str
    number: str
    direction: str = Field(description="in 交来，out 转出")
    receipt: str
    state: str
    over: bool
    result: str = Field(description="答复或办理结果；没有时为空")
    opened_at: str
    closed_at: str | None


async def receive(asked: Asked[IncomingTicket]) -> ExchangeReceipt:
    """Take a ticket over; the same again gets the same receipt."""
    face, body, key = asked.api.face, asked.body, asked.holder
    asked.about.append(body.external_id)
    digest = digest_of(body.model_dump())
    try:
        async with face.database.write() as session:
            known = await _known(session, key.id, body.external_id)
            if known is None:
                known = await _open(asked, session, digest)
                repeated = False
            else:
                repeated = True
            case = await by_id(session, known.case_id)
    except IntegrityError:
        # The same ticket came twice at the same moment: the other opened it.
        async with face.database.read() as session:
            made = await _known(session, key.id, body.external_id)
            if made is None:
                raise
            known, repeated = made, True
            case = await by_id(session, known.case_id)
    if known.digest != digest:
        raise ExchangeDiffersError
    asked.about.append(case.number)
    return ExchangeReceipt(
        receipt=known.receipt,
        external_id=known.external_id,
        number=case.number,
        repeated=repeated,
    )


async def look(asked: Asked[Nothing]) -> ExchangeState:
    """Return how a shared ticket stands."""
    face = asked.api.face
    external_id = asked.path["external_id"]
    asked.about.append(external_id)
    async with face.database.read() as session:
        shared, case = await _shared(session, asked.holder, external_id)
        return await state_of(face.desk, session, shared, case)


async def result(asked: Asked[ExchangeResult]) -> ExchangeState:
    """Take the result of a ticket that was handed over."""
    face, key, body = asked.api.face, asked.holder, asked.body
    external_id = asked.path["external_id"]
    asked.about.append(external_id)
    async with face.database.write() as session:
        shared, case = await _shared(session, key, external_id)
        if shared.direction != Direction.OUT:
            raise ConflictError("这张工单是贵方交来的，由我方办理")
        row = await session.get(ApiKeyTable, key.id)
        actor = Actor(f"api:{key.id}", organisation_id=row.organisation if row else None)
        if not await _was_taken(asked, session, case.id):
            done = [
                await _step(asked, session, case.id, actor, place)
                for place in range(len(_steps(body)))
            ]
            if not any(done):
                raise ConflictError("这张工单现在不能这样办：可能已经办结，或改派给别的单位")
        case = await by_id(session, case.id)
        return await state_of(face.desk, session, shared, case)


def _steps(body: ExchangeResult) -> list[tuple[str, Mapping[str, Any], str]]:
    """Return the acts (action, form, note) that lead to a result."""
    if body.outcome == "returned":
        return [("return_ticket", {"return_cause": body.cause}, body.text)]
    return [("sign", {}, ""), ("start_work", {}, ""), ("close", {"result": body.text}, "")]


def _mark(asked: Asked[ExchangeResult], place: int) -> str:
    return f"{asked.holder.id}:{asked.message_id[:100]}:{place}"


async def _was_taken(asked: Asked[ExchangeResult], session: AsyncSession, case_id: int) -> bool:
    """Whether this very message was taken before: then it changes nothing."""
    marks = [_mark(asked, place) for place in range(len(_steps(asked.body)))]
    query = select(CaseEvent.id).where(
        CaseEvent.case_id == case_id, CaseEvent.submission.in_(marks)
    )
    return await session.scalar(query.limit(1)) is not None


async def _step(
    asked: Asked[ExchangeResult], session: AsyncSession, case_id: int, actor: Actor, place: int
) -> bool:
    """Do one act where the workflow allows it now."""
    desk, (action, given, note) = asked.api.face.desk, _steps(asked.body)[place]
    case = await by_id(session, case_id)
    ways = await desk.available(session, case, actor)
    if not any(way.action == action for way in ways):
        return False
    await desk.act(
        session,
        case_id,
        action,
        given,
        actor=actor,
        now=asked.now,
        note=note,
        submission=_mark(asked, place),
    )
    return True


async def state_of(
    desk: Desk, session: AsyncSession, shared: ExchangeTable, case: Case
) -> ExchangeState:
    """Return how a shared ticket stands."""
    service = await desk.definition(session, case)
    state = service.states[case.state]
    told = case.data.get("result") or case.data.get("answer") or ""
    return ExchangeState(
        external_id=shared.external_id,
        number=case.number,
        direction=shared.direction,
        receipt=shared.receipt,
        state=state.public or state.name,
        over=case.closed_at is not None,
        result=str(told),
        opened_at=case.opened_at.isoformat(),
        closed_at=case.closed_at.isoformat() if case.closed_at else None,
    )


def digest_of(content: Mapping[str, Any]) -> str:
    """Return what tells the same content from another."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def receipt_of(key_id: str, number: str, digest: str) -> str:
    """Return the receipt's number."""
    mark = hashlib.sha256(f"{key_id}:{number}:{digest}".encode()).hexdigest()[:12]
    return f"{number}-{mark}"


async def _open(asked: Asked[IncomingTicket], session: AsyncSession, digest: str) -> ExchangeTable:
    face, body, key = asked.api.face, asked.body, asked.holder
    content = body.model_dump(exclude={"external_id", "phone"})
    given = {name: value for name, value in content.items() if value not in ("", False)}
    service = face.desk.services.get(TICKET)
    wrong = forms.check_lists(service.fields, given, await face.lists(session))
    if wrong:
        told = "；".join(f"{name}：{why}" for name, why in wrong.items())
        raise InvalidInputError(f"填写有误。{told}", errors=wrong)
    case = await face.desk.open(
        session,
        TICKET,
        given,
        actor=SYSTEM_ACTOR,
        now=asked.now,
        channel=CHANNEL,
        facets={"caller_number": body.phone or None},
        submission=f"exchange:{key.id}:{body.external_id}",
        complete=False,
    )
    shared = ExchangeTable(
        key_id=key.id,
        external_id=body.external_id,
        direction=Direction.IN,
        case_id=case.id,
        digest=digest,
        receipt=receipt_of(key.id, case.number, digest),
        at=asked.now,
    )
    session.add(shared)
    await session.flush()
    return shared


async def _known(session: AsyncSession, key_id: str, external_id: str) -> ExchangeTable | None:
    found: ExchangeTable | None = await session.scalar(
        select(ExchangeTable).where(
            ExchangeTable.key_id == key_id, ExchangeTable.external_id == external_id
        )
    )
    return found


async def _shared(session: AsyncSession, key: Key, external_id: str) -> tuple[ExchangeTable, Case]:
    row = (
        await session.execute(
            select(ExchangeTable, Case)
            .join(Case, Case.id == ExchangeTable.case_id)
            .where(
                ExchangeTable.key_id == key.id,
                or_(ExchangeTable.external_id == external_id, Case.number == external_id),
            )
            .limit(1)
        )
    ).first()
    if row is None:
        raise NotFoundError("没有与贵方交换过这个编号的工单")
    shared, case = row
    return shared, case


_EXCHANGE = "工单交换"
_PATH = {"external_id": (EXTERNAL, "贵方编号，或转出工单的我方编号")}

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "exchange_receive",
        "POST",
        "/exchange/tickets",
        _EXCHANGE,
        "交来工单",
        "同一 external_id、同样内容重发，返回同一张回执；内容不同则拒绝（409）。",
        ExchangeReceipt,
        receive,
        refuses=(409,),
        body=IncomingTicket,
        scope=Scope.EXCHANGE,
        signed=True,
        audited=True,
    ),
    Operation(
        "exchange_look",
        "GET",
        "/exchange/tickets/{external_id}",
        _EXCHANGE,
        "查看交换的工单",
        "贵方交来的，或转给贵方的工单现在怎样。",
        ExchangeState,
        look,
        path_fields=_PATH,
        scope=Scope.EXCHANGE,
        audited=True,
    ),
    Operation(
        "exchange_result",
        "POST",
        "/exchange/tickets/{external_id}/result",
        _EXCHANGE,
        "告知转出工单的结果",
        "办结或退回转给贵方的工单。",
        ExchangeState,
        result,
        refuses=(409,),
        path_fields=_PATH,
        body=ExchangeResult,
        scope=Scope.EXCHANGE,
        signed=True,
        audited=True,
    ),
)
