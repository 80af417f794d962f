"""Operations on appointments that were made: move one, cancel it; with number and code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from pydantic import Field
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.api.cases import NumberAndCode, in_words_of_the_request
from hotline.api.keys import Scope
from hotline.api.operations import Asked, Operation, Shown
from hotline.api.times import Appointment, Held
from hotline.casework import Case, by_id
from hotline.errors import InvalidInputError
from hotline.public import following
from hotline.public.intake import give_time_back, take_time

_MOVE, _CANCEL = "move", "cancel"
_SUBMISSION: Final = r"^[A-Za-z0-9_-]{8,64}$"


class Move(NumberAndCode):
    """改约到另一个时间；还没有约的，就约这个时间。"""

    submission: str = Field(
        pattern=_SUBMISSION, description="这次改约的一次性标记，由您生成；同一标记重发只办一次"
    )
    appointment: Appointment
    reason: str = Field(
        default="", max_length=200, description="为什么改，可以不写；承办单位看得到"
    )


class Cancellation(NumberAndCode):
    """取消预约。"""

    submission: str = Field(
        pattern=_SUBMISSION, description="这次取消的一次性标记，由您生成；同一标记重发只办一次"
    )
    reason: str = Field(
        pattern=r"\S", max_length=200, description="为什么取消，如“临时有事”；承办单位看得到"
    )


class AppointmentState(Shown):
    """办完以后的状态。"""

    number: str
    state: str
    appointment: Held | None = Field(description="现在约着的时间；没有约着的为空")


async def move(asked: Asked[Move]) -> AppointmentState:
    """Give the case another time; the old one is free again only if the new one was."""
    desk, body = asked.api.face.desk, asked.body
    choice = body.appointment.choice()
    if choice is None:
        reason = "没有这个时间，请先查空闲时间"
        raise InvalidInputError(reason, field="appointment", errors={"appointment": reason})

    async def take(session: AsyncSession, case: Case, mark: str) -> Case:
        why = body.reason.strip()
        return await take_time(
            desk, session, case, choice, submission=mark, now=asked.now, reason=why
        )

    return await _once(asked, _MOVE, take)


async def cancel(asked: Asked[Cancellation]) -> AppointmentState:
    """Cancel what the appointment was for; its time is free again."""
    desk, body = asked.api.face.desk, asked.body

    async def give_back(session: AsyncSession, case: Case, mark: str) -> Case:
        why = body.reason.strip()
        return await give_time_back(desk, session, case, why, submission=mark, now=asked.now)

    return await _once(asked, _CANCEL, give_back)


async def _once(
    asked: Asked[Move] | Asked[Cancellation],
    what: str,
    act: Callable[[AsyncSession, Case, str], Awaitable[Case]],
) -> AppointmentState:
    """Do it for who has number and code; sent again it tells how the case stands now."""
    face, body = asked.api.face, asked.body
    asked.about.append(body.number)
    case = await following.admit(face.database, face.codes, body.number, body.code, asked.now)
    mark = f"api:{asked.holder.id}:{what}:{body.submission}"
    try:
        async with face.database.write() as session:
            case = await act(session, case, mark)
    except IntegrityError:
        # The same request came twice at the same moment: the other did it.
        async with face.database.read() as session:
            case = await by_id(session, case.id)
    except InvalidInputError as error:
        raise in_words_of_the_request(face.desk, case.service, error) from error
    async with face.database.read() as session:
        service = await face.desk.definition(session, case)
    state, held = service.states[case.state], following.appointment(service, case)
    return AppointmentState(
        number=case.number,
        state=state.public or state.name,
        appointment=Held.of(held) if held is not None else None,
    )


_APPOINTMENTS: Final = "预约"

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "move_appointment",
        "POST",
        "/cases/appointment",
        _APPOINTMENTS,
        "改约",
        "凭编号和查询码改约到另一个空闲时间；新时间约不到的，原来的时间还在。",
        AppointmentState,
        move,
        refuses=(403, 404, 409),
        body=Move,
        scope=Scope.SUBMIT,
        rate="follow",
        audited=True,
    ),
    Operation(
        "cancel_appointment",
        "POST",
        "/cases/appointment/cancel",
        _APPOINTMENTS,
        "取消预约",
        "凭编号和查询码取消，时间让出来。已经办理的不能取消（409）。",
        AppointmentState,
        cancel,
        refuses=(403, 404, 409),
        body=Cancellation,
        scope=Scope.SUBMIT,
        rate="follow",
        audited=True,
    ),
)
