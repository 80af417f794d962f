"""What is done to files of persons. Nothing is merged by itself: a person confirms, and may undo.

A shared telephone is no shared person: the same number makes a suggestion, never a merger.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.persons.tables import PersonMergeTable, PersonTable
from hotline.casework import Case, set_facets
from hotline.errors import ConflictError, NotFoundError
from hotline.web import masking

_TAKEN_OVER = ("name", "phone")
MOST = 200
"""Cases and suggestions of one file that a page shows."""


@dataclass(frozen=True)
class Likeness:
    """A case or a file that may be the same person's, and why."""

    case: Case | None
    person: PersonTable | None
    why: str


async def get(session: AsyncSession, person_id: str) -> PersonTable:
    """Return a file; one that was merged leads to the file that was kept.

    Raises:
        NotFoundError: there is none.
    """
    found = await session.get(PersonTable, person_id)
    seen = set[str]()
    while found is not None and found.merged_into is not None and found.id not in seen:
        seen.add(found.id)
        found = await session.get(PersonTable, found.merged_into)
    if found is None:
        raise NotFoundError("没有这份人员档案，可能已经删除。")
    return found


async def begin(session: AsyncSession, case: Case, *, by: str, now: datetime) -> PersonTable:
    """Begin a file with one case; a case that has one already keeps it."""
    if case.person_id is not None:
        return await get(session, case.person_id)
    person = PersonTable(
        id=f"p-{secrets.token_hex(8)}",
        name=case.caller_name or "",
        phone=case.caller_number or "",
        created_at=now,
        created_by=by,
    )
    session.add(person)
    await session.flush()
    await set_facets(session, case.id, now, actor=by, person_id=person.id)
    return person


async def add(
    session: AsyncSession, person: PersonTable, case: Case, *, by: str, now: datetime
) -> None:
    """Put a case into a file.

    Raises:
        ConflictError: it is in another file; the files are to be merged instead.
    """
    if case.person_id not in {None, person.id}:
        raise ConflictError("这个办件已经在另一份档案里；确认是同一人的，请合并两份档案。")
    await set_facets(session, case.id, now, actor=by, person_id=person.id)


async def take_out(session: AsyncSession, case: Case, *, by: str, now: datetime) -> None:
    """Take a case out of its file: it was somebody else's."""
    await set_facets(session, case.id, now, actor=by, person_id=None)


async def merge(
    session: AsyncSession, kept: PersonTable, merged: PersonTable, *, by: str, now: datetime
) -> PersonMergeTable:
    """Merge one file into another; its cases move, and the merger can be undone.

    Raises:
        ConflictError: it is the same file, or one of them was merged meanwhile.
    """
    if kept.id == merged.id:
        raise ConflictError("这是同一份档案。")
    if kept.merged_into is not None or merged.merged_into is not None:
        raise ConflictError("其中一份档案刚被合并过，请刷新后再看。")
    cases = list(await session.scalars(select(Case.id).where(Case.person_id == merged.id)))
    for case_id in cases:
        await set_facets(session, case_id, now, actor=by, person_id=kept.id)
    merged.merged_into = kept.id
    took = [field for field in _TAKEN_OVER if not getattr(kept, field) and getattr(merged, field)]
    for field in took:
        setattr(kept, field, getattr(merged, field))
    row = PersonMergeTable(
        kept=kept.id, merged=merged.id, cases=cases, took=" ".join(took), at=now, by=by
    )
    session.add(row)
    await session.flush()
    return row


async def undo(
    session: AsyncSession, kept: PersonTable, merge_id: int, *, by: str, now: datetime
) -> PersonTable:
    """Undo a merger into ``kept``: the other file stands again with the cases that it brought.

    Raises:
        NotFoundError: there was none.
        ConflictError: it was undone already, or the kept file was merged into another since.
    """
    row = await session.get(PersonMergeTable, merge_id)
    if row is None or (await get(session, row.kept)).id != kept.id:
        raise NotFoundError("没有这次合并的记录。")
    merged = await session.get(PersonTable, row.merged)
    if row.undone_at is not None or merged is None or merged.merged_into != row.kept:
        raise ConflictError("这次合并已经撤销，或者后来又有改动。")
    if kept.id != row.kept:
        raise ConflictError("保留的档案后来又并入了别的档案，请先撤销那一次。")
    for case in await session.scalars(
        select(Case).where(Case.id.in_(row.cases), Case.person_id == row.kept)
    ):
        await set_facets(session, case.id, now, actor=by, person_id=merged.id)
    for field in row.took.split():
        # What the other file gave goes back with it; what somebody has written since stays.
        if getattr(kept, field) == getattr(merged, field):
            setattr(kept, field, "")
    merged.merged_into = None
    row.undone_at, row.undone_by = now, by
    return merged


async def forget_empty(session: AsyncSession, person_id: str) -> None:
    """Erase a file, and what was merged into it, that no case stands in any more.

    What is left of it is a name and a number that nobody needs (个人信息保护法 47).
    """
    files, todo = {person_id}, [person_id]
    while todo:
        rows = await session.scalars(
            select(PersonTable.id).where(PersonTable.merged_into == todo.pop())
        )
        todo += [found for found in rows if found not in files]
        files.update(todo)
    if await session.scalar(select(Case.id).where(Case.person_id.in_(files)).limit(1)) is not None:
        return
    among = PersonMergeTable.kept.in_(files) | PersonMergeTable.merged.in_(files)
    await session.execute(delete(PersonMergeTable).where(among))
    await session.execute(delete(PersonTable).where(PersonTable.id.in_(files)))


async def cases_of(
    session: AsyncSession, person: PersonTable, visible: ColumnElement[bool]
) -> Sequence[Case]:
    """Return the cases of a file that the viewer may see, newest first."""
    query = select(Case).where(Case.person_id == person.id, visible)
    return (await session.scalars(query.order_by(Case.opened_at.desc()).limit(MOST))).all()


async def mergers(session: AsyncSession, person: PersonTable) -> Sequence[PersonMergeTable]:
    """Return what was merged into a file, newest first."""
    query = select(PersonMergeTable).where(PersonMergeTable.kept == person.id)
    return (await session.scalars(query.order_by(PersonMergeTable.id.desc()))).all()


async def like_case(
    session: AsyncSession, case: Case, visible: ColumnElement[bool]
) -> list[Likeness]:
    """Return files that a case without one may belong to, by the cases that the viewer sees."""
    if not case.caller_number:
        return []
    rows = await session.scalars(
        select(Case)
        .where(Case.caller_number == case.caller_number, Case.person_id.is_not(None), visible)
        .order_by(Case.id.desc())
        .limit(MOST)
    )
    found: dict[str, Likeness] = {}
    for row in rows:
        person = await get(session, str(row.person_id))
        found.setdefault(person.id, Likeness(None, person, _why(case.caller_name, row)))
    return list(found.values())


async def like_person(
    session: AsyncSession, person: PersonTable, visible: ColumnElement[bool]
) -> list[Likeness]:
    """Return cases and other files that may be the same person's: the same telephone."""
    own = await cases_of(session, person, visible)
    numbers = {case.caller_number for case in own if case.caller_number}
    numbers |= {person.phone} if person.phone else set()
    if not numbers:
        return []
    rows = await session.scalars(
        select(Case)
        .where(Case.caller_number.in_(numbers), visible)
        .where((Case.person_id != person.id) | Case.person_id.is_(None))
        .order_by(Case.id.desc())
        .limit(MOST)
    )
    found: list[Likeness] = []
    others: dict[str, Likeness] = {}
    for row in rows:
        why = _why(person.name, row)
        if row.person_id is None:
            found.append(Likeness(row, None, why))
            continue
        other = await get(session, row.person_id)
        if other.id != person.id:
            others.setdefault(other.id, Likeness(None, other, why))
    return [*others.values(), *found]


def _why(name: str | None, row: Case) -> str:
    if name and row.caller_name:
        return "电话和姓名都相同" if name == row.caller_name else "电话相同，姓名不同"
    return "电话相同"


async def masked_names(session: AsyncSession, person_ids: Sequence[str]) -> dict[str, str]:
    """Return the names of files as the audit shows them."""
    rows = await session.execute(
        select(PersonTable.id, PersonTable.name).where(PersonTable.id.in_(person_ids))
    )
    return {row.id: masking.name(row.name) for row in rows}
