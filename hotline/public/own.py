"""A person's own view of what is held about them (个人信息保护法 45): who may look, and at what.

It takes three things: a case's number, its code, and a second code that goes to the case's
telephone. What is shown are the matters of that telephone, without confidential ones: a family may
share a telephone.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.tables import CallTable
from hotline.casework import Case, Codes, Desk
from hotline.casework.definition import APPLICANT
from hotline.errors import ConflictError, InvalidInputError
from hotline.messages import TextMessageTable
from hotline.public.tables import OwnViewTable
from hotline.store import append

VALID: Final = timedelta(minutes=10)
AGAIN: Final = timedelta(minutes=2)
"""Before another message goes out for one case."""
TRIES: Final = 5
MOST: Final = 200
TOPIC: Final = "case.own_code"

_MOBILE = re.compile(r"(\+86)?1[3-9]\d{9}", re.ASCII)


@dataclass(frozen=True)
class HeldCase:
    """One matter that is held, with what the person gave."""

    number: str
    service: str
    state: str
    opened_at: datetime
    closed_at: datetime | None
    values: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Held:
    """All that a person is shown."""

    telephone: str
    cases: Sequence[HeldCase]
    calls: int
    first_call: datetime | None
    last_call: datetime | None
    messages: int

    def as_json(self) -> dict[str, Any]:
        """Return it as a copy to take away (复制)."""
        found = asdict(self)
        for case in found["cases"]:
            case["values"] = dict(case["values"])
        return found


def reachable(case: Case) -> bool:
    """Whether a code can be sent: a mobile, and nobody is endangered by a text on it."""
    return not case.confidential and bool(_MOBILE.fullmatch(case.caller_number or ""))


async def send_code(session: AsyncSession, codes: Codes, case: Case, now: datetime) -> None:
    """Send a code to the case's telephone.

    Raises:
        ConflictError: none can be sent, or one was sent just now.
    """
    if not reachable(case):
        raise ConflictError(
            "这个办件没有留手机号，或者是保密办件，不能发验证码。"
            "请带身份证到公共法律服务中心窗口查看，或拨打 12348。"
        )
    row = await session.get(OwnViewTable, case.id)
    if row is not None and row.sent_at > now - AGAIN:
        raise ConflictError("验证码刚刚发过，请两分钟以后再试。")
    code = f"{secrets.randbelow(10**6):06d}"
    if row is None:
        row = OwnViewTable(case_id=case.id)
        session.add(row)
    row.digest, row.sent_at, row.tries = _digest(codes, case, code), now, 0
    append(session, TOPIC, str(case.id), {"number": case.number, "text": code}, now)


async def check_code(
    session: AsyncSession, codes: Codes, case: Case, given: str, now: datetime
) -> bool:
    """Return whether the code is right; it opens once, and wrong tries are counted.

    Raises:
        InvalidInputError: it is too old, or was guessed too often: another must be sent.
    """
    row = await session.get(OwnViewTable, case.id)
    if row is None or row.sent_at <= now - VALID or row.tries >= TRIES:
        raise InvalidInputError("验证码已失效，请重新发送", field="own_code")
    row.tries += 1
    if not hmac.compare_digest(row.digest, _digest(codes, case, given.strip())):
        return False
    await session.delete(row)
    return True


async def held(session: AsyncSession, desk: Desk, case: Case) -> Held:
    """Return what is held of the person with this case's telephone."""
    rows = await session.scalars(
        select(Case)
        .where(Case.caller_number == case.caller_number)
        .where(~Case.confidential | (Case.id == case.id))
        .order_by(Case.opened_at.desc())
        .limit(MOST)
    )
    found = []
    for row in rows:
        service = await desk.definition(session, row)
        if APPLICANT not in service.opened_by:
            continue
        state = service.states[row.state]
        values = [
            (field.label, words)
            for field in service.fields
            if field.public and (words := field.words(row.data.get(field.name)))
        ]
        found.append(
            HeldCase(
                row.number,
                service.name,
                state.public or state.name,
                row.opened_at,
                row.closed_at,
                values,
            )
        )
    calls, first, last = (
        await session.execute(
            select(
                func.count(), func.min(CallTable.started_at), func.max(CallTable.started_at)
            ).where(CallTable.number == case.caller_number)
        )
    ).one()
    sent = await session.scalar(
        select(func.count())
        .select_from(TextMessageTable)
        .where(TextMessageTable.recipient == case.caller_number)
    )
    return Held(str(case.caller_number), found, calls, first, last, sent or 0)


def _digest(codes: Codes, case: Case, code: str) -> str:
    # Keyed by the installation's secret, so that a stolen row gives no code away.
    return codes.mark(f"own:{code}", case.number)
