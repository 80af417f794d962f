"""Making the rota: each change is checked, kept, and told in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from agents.pages import words
from agents.rota import checks, reading
from agents.rota.checks import Conflict
from agents.rota.plan import Shift, Week
from agents.rota.rules import HALF_HOUR, Rules
from agents.rota.tables import AttendanceTable, ShiftTable
from hotline.clock import CHINA
from hotline.errors import InvalidInputError, NotFoundError
from hotline.store import append

LONGEST_SHIFT = timedelta(hours=24)
AROUND = timedelta(days=8)
"""How far from a change its conflicts are looked for: a week's hours and the nights beside it."""


class ShiftError(InvalidInputError):
    """这一班排不了，请按提示调整。"""

    error_id = "rota-shift"


class UnknownShiftError(NotFoundError):
    """没有这一班，可能刚被别人删除。请刷新排班表。"""

    error_id = "rota-no-shift"


class ManyShiftsError(InvalidInputError):
    """有的班排不了，请按提示调整。"""

    error_id = "rota-shifts"

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        self.conflicts = tuple(conflicts)
        super().__init__("；".join(dict.fromkeys(one.words for one in conflicts)))


@dataclass(frozen=True)
class Planner:
    """Changes shifts inside a session's transaction, on behalf of somebody."""

    session: AsyncSession
    rules: Rules
    by: str
    now: datetime

    async def add(self, agent_id: str, start: datetime, end: datetime, seat: str) -> ShiftTable:
        """Put a person on the rota.

        Raises:
            ShiftError: it cannot be; says why.
        """
        wanted = Shift(0, agent_id, start, end, seat)
        await self._check(wanted)
        row = await self._add(wanted)
        self._tell(reading.shift_of(row))
        return row

    async def change(self, shift: Shift) -> ShiftTable:
        """Move a shift to another time, person or seat.

        Raises:
            UnknownShiftError: it is gone.
            ShiftError: it cannot be; says why.
        """
        row = await self.get(shift.id)
        before = reading.shift_of(row)
        if shift == before:
            return row
        await self._check(shift)
        await self._put(shift)
        self._tell(before, shift)
        return row

    async def take(
        self, changed: Sequence[Shift], new: Sequence[Shift], removed: Sequence[int]
    ) -> None:
        """Change, put in and take out many shifts, looked at as they will stand together.

        New shifts have ids below zero, by which their conflicts are told.

        Raises:
            ManyShiftsError: some cannot be; nothing is changed then.
        """
        wanted = [*changed, *new]
        ids = {shift.id for shift in wanted}
        if wanted:
            around = await conflicts_around(self.session, self.rules, wanted, without=removed)
            found = [one for one in around if one.bad and one.shifts & ids]
            if found:
                raise ManyShiftsError(found)
        told = [reading.shift_of(await self.get(number)) for number in removed]
        for shift in told:
            await self._drop(shift.id)
        for shift in changed:
            told += [await self._put(shift), shift]
        for shift in new:
            told.append(reading.shift_of(await self._add(shift)))
        self._tell(*told)

    async def exchange(self, first: ShiftTable, second: ShiftTable | None, other: str) -> None:
        """Hand a shift over to ``other``, in return for ``second`` where it is given.

        Raises:
            ShiftError: somebody would then be on two shifts at once, or is away.
        """
        giver = first.agent_id
        changed = await self.exchanged(first, second, other)
        first.agent_id = other
        if second is not None:
            second.agent_id = giver
        for row in (first, second):
            if row is not None:
                self._touch(row)
                await self._forget_attendance(row.id)
        self._tell(*changed)

    async def exchanged(
        self, first: ShiftTable, second: ShiftTable | None, other: str
    ) -> list[Shift]:
        """Return the shifts as an exchange would leave them; nothing is changed.

        Raises:
            ShiftError: somebody would then be on two shifts at once, or is away.
        """
        changed = [replace(reading.shift_of(first), agent_id=other)]
        if second is not None:
            changed.append(replace(reading.shift_of(second), agent_id=first.agent_id))
        await self._check(*changed)
        return changed

    async def remove(self, shift_id: int) -> None:
        """Take a shift out.

        Raises:
            UnknownShiftError: it is gone already.
        """
        told = reading.shift_of(await self.get(shift_id))
        await self._drop(shift_id)
        self._tell(told)

    async def get(self, shift_id: int) -> ShiftTable:
        """Return a shift's row, held until the transaction ends.

        Raises:
            UnknownShiftError: it is gone.
        """
        row = await self.session.get(ShiftTable, shift_id, with_for_update=True)
        if row is None:
            raise UnknownShiftError
        return row

    async def copy_week(self, source: Week, target: Week) -> tuple[int, list[str]]:
        """Copy a week's shifts to another week, beside what is there already.

        Returns how many were copied, and why others were not.
        """
        wanted = await reading.shifts(self.session, source.start, source.end)
        copied, refused = 0, []
        for shift in wanted:
            if shift.start < source.start:
                continue
            moved = target.monday - source.monday
            start, end = shift.start + moved, shift.end + moved
            known = await reading.shifts(self.session, start, end, shift.agent_id)
            if any((s.start, s.end, s.seat) == (start, end, shift.seat) for s in known):
                continue
            try:
                await self.add(shift.agent_id, start, end, shift.seat)
            except ShiftError as error:
                refused.append(error.message)
            else:
                copied += 1
        return copied, refused

    async def _check(self, *changed: Shift) -> None:
        for shift in changed:
            check_times(shift.start, shift.end)
            if shift.seat and shift.seat not in self.rules.seats_by_code:
                raise ShiftError(f"没有坐席“{shift.seat}”，请从列表中选择", field="seat")
        ids = {shift.id for shift in changed}
        found = [
            one
            for one in await conflicts_around(self.session, self.rules, changed)
            if one.bad and one.shifts & ids
        ]
        if found:
            raise ShiftError("；".join(dict.fromkeys(one.words for one in found)))

    async def _add(self, shift: Shift) -> ShiftTable:
        row = ShiftTable(
            agent_id=shift.agent_id,
            starts_at=shift.start,
            ends_at=shift.end,
            seat=shift.seat,
            revision=1,
            changed_at=self.now,
            changed_by=self.by,
        )
        self.session.add(row)
        await self.session.flush()
        return row

    async def _put(self, shift: Shift) -> Shift:
        """Write a shift over its row; return what it was."""
        row = await self.get(shift.id)
        before = reading.shift_of(row)
        row.agent_id, row.seat = shift.agent_id, shift.seat
        row.starts_at, row.ends_at = shift.start, shift.end
        self._touch(row)
        if (before.agent_id, before.start) != (shift.agent_id, shift.start):
            await self._forget_attendance(row.id)
        return before

    async def _drop(self, shift_id: int) -> None:
        await self._forget_attendance(shift_id)
        await self.session.delete(await self.get(shift_id))

    def _touch(self, row: ShiftTable) -> None:
        row.revision += 1
        row.changed_at, row.changed_by = self.now, self.by

    async def _forget_attendance(self, shift_id: int) -> None:
        await self.session.execute(
            delete(AttendanceTable).where(AttendanceTable.shift_id == shift_id)
        )

    def _tell(self, *shifts: Shift) -> None:
        for monday in sorted({Week.of(shift.start).monday for shift in shifts}):
            people = sorted({shift.agent_id for shift in shifts})
            append(
                self.session,
                "rota.changed",
                monday.isoformat(),
                {"week": monday.isoformat(), "people": people},
                self.now,
            )


async def conflicts_around(
    session: AsyncSession, rules: Rules, changed: Sequence[Shift], without: Sequence[int] = ()
) -> list[Conflict]:
    """Return the conflicts that there would be with ``changed`` in place, ``without`` some."""
    start = min(s.start for s in changed) - AROUND
    end = max(s.end for s in changed) + AROUND
    ids = {*without, *(shift.id for shift in changed)}
    others = [s for s in await reading.shifts(session, start, end) if s.id not in ids]
    people = await reading.people(session, also=[s.agent_id for s in others])
    leaves = await reading.leaves(session, start, end)
    return checks.conflicts(
        [*others, *changed],
        people,
        rules,
        leaves,
        topic=words.topic,
        language=words.language,
    )


def check_times(start: datetime, end: datetime) -> None:
    """Refuse times that are not a shift.

    Raises:
        ShiftError: says what a shift is.
    """
    if end <= start:
        raise ShiftError("结束时间应晚于开始时间", field="to")
    if end - start > LONGEST_SHIFT:
        raise ShiftError("一班最长 24 小时", field="to")
    if any(t.astimezone(CHINA).minute % 30 or t.second or t.microsecond for t in (start, end)):
        minutes = int(HALF_HOUR.total_seconds() // 60)
        raise ShiftError(f"起止时间以 {minutes} 分钟为单位", field="from")
