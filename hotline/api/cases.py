"""Operations on cases: apply for a person, follow with number and code."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from hotline.api.keys import Scope
from hotline.api.operations import Asked, Given, Operation, Shown
from hotline.api.times import Appointment, Held
from hotline.casework import Case, Desk
from hotline.errors import InvalidInputError
from hotline.public import following
from hotline.public.intake import Request, submit

_FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_Text = Annotated[str, Field(max_length=10_000)]


class Application(Given):
    """一份申请。"""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "service": "notary",
                    "submission": "portal-20261124-0001",
                    "values": {"caller_name": "张小兰", "phone": "13900001111", "kind": "will"},
                }
            ]
        }
    )

    service: str = Field(pattern=r"^[a-z0-9_]{1,40}$", description="服务代码，见服务目录")
    submission: str = Field(
        pattern=r"^[A-Za-z0-9_-]{8,64}$",
        description="这份申请的一次性标记，由您生成；同一标记重发只形成一个办件",
    )
    values: dict[_FieldName, _Text | bool | list[_Text]] = Field(
        max_length=80, description="表单各项：名称 → 值；日期如 2026-10-01，多选用列表"
    )
    appointment: Appointment | None = Field(
        default=None, description="一并约的时间（见“空闲时间”）；被别人先约走时整份申请退回"
    )


class Receipt(Shown):
    """受理回执。"""

    number: str = Field(description="编号")
    code: str = Field(description="查询码；请只交给申请人本人")
    state: str = Field(description="当前状态")


class NumberAndCode(Given):
    """编号和查询码。"""

    number: str = Field(pattern=r"^[0-9]{13,20}$")
    code: str = Field(pattern=r"^[0-9]{6}$")


class StepShape(Shown):
    """经过的一步。"""

    at: str
    words: str


class PromiseShape(Shown):
    """正在计时的期限。"""

    name: str
    due: str
    paused: bool
    late: bool
    basis: str


class ProgressShape(Shown):
    """办理进度。"""

    number: str
    service: str
    service_name: str
    state: str
    over: bool
    opened_at: str
    steps: list[StepShape]
    notices: list[StepShape] = Field(description="给申请人的通知")
    deadlines: list[PromiseShape]
    may_evaluate: bool
    appointment: Held | None = Field(description="现在约着的时间")


async def apply(asked: Asked[Application]) -> Receipt:
    """Open a case for a person; the same submission again gives the same receipt."""
    face, body = asked.api.face, asked.body
    mark = f"api:{asked.holder.id}:{body.submission}"
    choice = body.appointment.choice() if body.appointment is not None else None
    if body.appointment is not None and choice is None:
        reason = "没有这个时间，请先查空闲时间"
        raise InvalidInputError(reason, field="appointment", errors={"appointment": reason})
    request = Request(body.service, dict(body.values), mark, choice=choice)
    try:
        async with face.database.write() as session:
            lists = await face.lists(session)
            case = await submit(face.desk, session, request, lists, asked.now)
    except IntegrityError:
        # The same application came twice at the same moment: the other made the case.
        async with face.database.read() as session:
            made = await session.scalar(select(Case).where(Case.submission == mark))
        if made is None:
            raise
        case = made
    except InvalidInputError as error:
        raise in_words_of_the_request(face.desk, body.service, error) from error
    asked.about.append(case.number)
    service = face.desk.services.get(case.service)
    state = service.states.get(case.state)
    words = (state.public or state.name) if state is not None else case.state
    return Receipt(number=case.number, code=face.codes.code(case.number), state=words)


def in_words_of_the_request(desk: Desk, code: str, error: InvalidInputError) -> InvalidInputError:
    """Return the refusal with the appointment's reason at the name that the program sent."""
    service = desk.services.by_code.get(code)
    booking = service.booking if service is not None else None
    errors = dict(error.details.get("errors") or {})
    if booking is None or booking.at not in errors:
        return error
    errors["appointment"] = errors.pop(booking.at)
    return InvalidInputError(error.message, field="appointment", errors=errors)


async def progress(asked: Asked[NumberAndCode]) -> ProgressShape:
    """Return a case's progress to who has its number and code."""
    face, body = asked.api.face, asked.body
    asked.about.append(body.number)
    case = await following.admit(face.database, face.codes, body.number, body.code, asked.now)
    async with face.database.read() as session:
        found = await following.progress(face.desk, session, case, asked.now)
    held = found.appointment
    return ProgressShape(
        number=found.number,
        service=found.service.code,
        service_name=found.service.name,
        state=found.state,
        over=found.over,
        opened_at=found.opened_at.isoformat(),
        steps=[StepShape(at=s.at.isoformat(), words=s.words) for s in found.steps],
        notices=[StepShape(at=t.at.isoformat(), words=t.words) for t in found.told],
        deadlines=[
            PromiseShape(
                name=p.name, due=p.due.isoformat(), paused=p.paused, late=p.late, basis=p.basis
            )
            for p in found.promises
        ],
        may_evaluate=found.may_evaluate,
        appointment=Held.of(held) if held is not None else None,
    )


_CASES = "办件"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "apply",
        "POST",
        "/cases",
        _CASES,
        "提交申请",
        "代群众提交一份申请。同一 submission 重发，返回同一张回执。",
        Receipt,
        apply,
        refuses=(403, 404),
        body=Application,
        scope=Scope.SUBMIT,
        audited=True,
    ),
    Operation(
        "progress",
        "POST",
        "/cases/progress",
        _CASES,
        "查询进度",
        "凭编号和查询码查询。编号不存在与查询码不对，答复相同；同一编号输错 5 次后暂停 30 分钟。",
        ProgressShape,
        progress,
        refuses=(404,),
        body=NumberAndCode,
        rate="follow",
        audited=True,
    ),
)
