"""What is typed of a place, checked before it is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.places.overview import KINDS
from agents.places.tables import ENGAGEMENTS, PlaceDetailTable, PlaceStaffTable
from agents.tables import OrganisationKind, OrganisationTable
from hotline.errors import InvalidInputError
from hotline.public.stations import WEEKDAYS
from hotline.worktime import spans

_CODE = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_PHONE = re.compile(r"[0-9+()\s-]{3,30}")
_SPLIT = re.compile(r"[,，;；、\s]+")
LONGEST: Final = 80
MOST_STAFF: Final = 200


@dataclass(frozen=True)
class Person:
    """One person of a place's staff."""

    name: str
    duty: str = ""
    engagement: str = "full_time"
    phone: str = ""


@dataclass(frozen=True)
class Draft:
    """A place as somebody wrote it."""

    code: str
    name: str
    kind: str
    parent: str = ""
    phone: str = ""
    address: str = ""
    windows: tuple[str, ...] = ()
    hours: Mapping[str, Sequence[str]] = field(default_factory=dict)
    staff: tuple[Person, ...] = ()


def hours_of(values: Mapping[str, str], problems: dict[str, str]) -> dict[str, list[str]]:
    """Read opening hours, one text a weekday; empty on all days: the bureau's office hours."""
    found: dict[str, list[str]] = {}
    for day, name in WEEKDAYS.items():
        texts = [part for part in _SPLIT.split(values.get(day, "").replace("：", ":")) if part]
        try:
            spans(texts)
        except ValueError as error:
            problems[day] = f"{name}：{error}；几段用逗号隔开"
        if texts:
            found[day] = texts
    return found


def staff_of(text: str, problems: dict[str, str]) -> tuple[Person, ...]:
    """Read staff, one person a line: name, duty, 专职 or 兼职, telephone."""
    found = []
    kinds = {words: code.value for code, words in ENGAGEMENTS.items()}
    for number, line in enumerate(filter(None, map(str.strip, text.splitlines())), 1):
        parts = [part.strip() for part in re.split(r"[,，\t]", line)]
        name, duty, kind, phone = [*parts, "", "", "", ""][:4]
        if not name or len(name) > LONGEST:
            problems["staff"] = f"第 {number} 行没有姓名"
        if kind and kind not in kinds:
            problems["staff"] = f"第 {number} 行：第三项应写“专职”或“兼职”"
        found.append(Person(name, duty[:LONGEST], kinds.get(kind, "full_time"), phone[:30]))
    if len(found) > MOST_STAFF:
        problems["staff"] = f"最多 {MOST_STAFF} 人"
    return tuple(found)


def check(draft: Draft, tree: Mapping[str, str | None], problems: dict[str, str]) -> None:
    """Add what is wrong with a place; ``tree`` are the places that there are."""
    if not _CODE.fullmatch(draft.code):
        problems["code"] = "代码用小写字母开头，只含小写字母、数字、短横线，最多 40 位"
    if not draft.name or len(draft.name) > LONGEST:
        problems["name"] = f"请填写名称，最多 {LONGEST} 个字"
    if draft.kind not in KINDS:
        problems["kind"] = f"级别应是：{'、'.join(KINDS.values())}"
    if draft.phone and not _PHONE.fullmatch(draft.phone):
        problems["phone"] = "请填写电话号码，如 0830-1234567"
    if draft.parent and draft.parent not in tree:
        problems["parent"] = f"没有代码为 {draft.parent} 的站点"
    elif draft.kind in {OrganisationKind.TOWNSHIP, OrganisationKind.VILLAGE} and not draft.parent:
        problems["parent"] = "站、室要写上级"
    elif _circles(draft, tree):
        problems["parent"] = "上级不能是它自己或它的下级"


def _circles(draft: Draft, tree: Mapping[str, str | None]) -> bool:
    above: str | None = draft.parent or None
    seen: set[str] = set()
    while above is not None and above not in seen:
        if above == draft.code:
            return True
        seen.add(above)
        above = tree.get(above)
    return False


async def keep(session: AsyncSession, draft: Draft) -> OrganisationTable:
    """Keep a place and its staff; one that is there already is changed, never its code."""
    row = await session.scalar(
        select(OrganisationTable).where(OrganisationTable.code == draft.code)
    )
    if row is None:
        row = OrganisationTable(code=draft.code, name=draft.name, kind=draft.kind)
        session.add(row)
    parent = await session.scalar(
        select(OrganisationTable.id).where(OrganisationTable.code == draft.parent)
    )
    row.name, row.kind, row.phone = draft.name, draft.kind, draft.phone
    row.parent_id = parent
    row.hours = {day: list(texts) for day, texts in draft.hours.items()}
    await session.flush()
    detail = await session.get(PlaceDetailTable, row.id)
    if detail is None:
        detail = PlaceDetailTable(organisation_id=row.id)
        session.add(detail)
    detail.address, detail.windows = draft.address, list(draft.windows)
    await session.execute(delete(PlaceStaffTable).where(PlaceStaffTable.organisation_id == row.id))
    session.add_all(
        PlaceStaffTable(
            organisation_id=row.id,
            name=person.name,
            duty=person.duty,
            engagement=person.engagement,
            phone=person.phone,
        )
        for person in draft.staff
    )
    return row


def refuse(problems: Mapping[str, Any]) -> None:
    """Raise what is wrong, if anything is.

    Raises:
        InvalidInputError: with the reason by field in ``details["errors"]``.
    """
    if problems:
        told = "；".join(map(str, problems.values()))
        raise InvalidInputError(f"请改正后再保存：{told}", errors=dict(problems))
