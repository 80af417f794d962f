"""Erasure of a person's data in a case (个人信息保护法 47), and what must be kept for now.

What identifies somebody goes; that a matter of this kind was dealt with, when and how, stays: the
bureau must account for it. A case that is still being dealt with is kept by law.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.casework import rows
from hotline.casework.definition import Service
from hotline.casework.fields import FormField, Sensitivity, clean
from hotline.casework.tables import Case, CaseDocument, CaseEvent
from hotline.errors import ConflictError, InvalidInputError
from hotline.store import append

ERASED: Final = "（已按本人请求删除）"
_PERSONAL = frozenset({Sensitivity.PERSONAL, Sensitivity.SENSITIVE})


def held(case: Case) -> str:
    """Return why a case must be kept for now, in words; empty: it may be erased."""
    return "正在办理" if case.closed_at is None else ""


async def erase(
    session: AsyncSession, service: Service, case: Case, *, by: str, now: datetime
) -> None:
    """Erase what is personal in a case, in its events and in its documents.

    Raises:
        ConflictError: it must be kept for now.
    """
    if why := held(case):
        raise ConflictError(f"办件 {case.number} {why}，依法须继续保存。")
    personal = {f.name for f in service.fields if f.sensitivity in _PERSONAL}
    case.data = _without(case.data, personal)
    case.caller_name = case.caller_number = case.caller_reversed = None
    case.person_id = None
    case.title = ERASED if case.title else None
    case.revision += 1
    for event in await session.scalars(select(CaseEvent).where(CaseEvent.case_id == case.id)):
        event.data = _without(event.data, personal)
        event.note = ERASED if event.note else None
    await session.execute(
        update(CaseDocument).where(CaseDocument.case_id == case.id).values(text=ERASED)
    )
    _tell(session, case, "erase", by=by, now=now)


async def correct(
    session: AsyncSession,
    service: Service,
    case: Case,
    given: Mapping[str, Any],
    *,
    by: str,
    now: datetime,
    note: str,
    revision: int | None = None,
) -> None:
    """Correct what is personal in a case (个人信息保护法 46), whatever state it is in.

    Raises:
        InvalidInputError: the form is not right, or no reason is given.
        ConflictError: somebody changed the case meanwhile.
    """
    if not note.strip():
        raise InvalidInputError("请写明依据哪个请求更正", errors={"note": "请写明依据哪个请求"})
    if revision is not None and revision != case.revision:
        raise ConflictError("别人刚刚改动过这个办件，请核对后再办", revision=case.revision)
    values = rows.view(case).values
    changed = clean(personal_fields(service), given, values)
    case.data = {
        name: value for name, value in {**case.data, **changed}.items() if value is not None
    }
    for name in ("caller_name", "title"):
        if name in changed:
            setattr(case, name, changed[name])
    if changed.get("phone"):
        case.caller_number = changed["phone"]
        case.caller_reversed = changed["phone"][::-1]
    case.revision += 1
    # What it was before is not kept: a wrong datum that is corrected must not live on.
    for event in await session.scalars(select(CaseEvent).where(CaseEvent.case_id == case.id)):
        event.data = {k: v for k, v in event.data.items() if k not in changed}
    _tell(session, case, "correct", by=by, now=now, note=note.strip())


def personal_fields(service: Service) -> list[FormField]:
    """Return the fields that hold personal data, none of them asked for."""
    return [
        f.model_copy(update={"required": False, "when": None})
        for f in service.fields
        if f.sensitivity in _PERSONAL
    ]


def _tell(
    session: AsyncSession, case: Case, action: str, *, by: str, now: datetime, note: str = ""
) -> None:
    session.add(
        CaseEvent(
            case_id=case.id,
            at=now,
            actor=by,
            action=action,
            from_state=case.state,
            to_state=case.state,
            note=note or None,
            data={},
        )
    )
    about = {"service": case.service, "number": case.number}
    append(session, f"case.{action}", str(case.id), about, now)


def _without(data: dict[str, Any], names: set[str]) -> dict[str, Any]:
    kept = {name: value for name, value in data.items() if name not in names}
    kept.pop("caller_number", None)
    if "title" in kept:
        kept["title"] = ERASED
    return kept
