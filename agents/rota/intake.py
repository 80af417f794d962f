"""What came back in a workbook is taken into the rota: all of it or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agents.rota import reading, workbook
from agents.rota.checks import Conflict
from agents.rota.plan import Shift, Week
from agents.rota.planning import ManyShiftsError, Planner
from agents.rota.workbook import Line, RotaFileError


@dataclass(frozen=True)
class Taken:
    """How many shifts of a file were what."""

    added: int
    changed: int
    removed: int
    same: int
    left: int
    """Of the week, not in the file, and left as they are."""

    @property
    def words(self) -> str:
        """Told to whoever brought the file."""
        if not self.added + self.changed + self.removed:
            return "文件与排班一致，没有改动"
        return f"已导入：新增 {self.added} 班，改动 {self.changed} 班，删除 {self.removed} 班"


async def take(planner: Planner, content: bytes, week: Week, *, remove: bool) -> Taken:
    """Take in a file; ``remove`` takes out what stands in ``week`` and not in the file.

    A marked row changes the shift that it was written from, as long as it stays in its week:
    a file is also the pattern for another week. Everything is looked at as it will stand together,
    so that two may change places.

    Raises:
        RotaFileError: what is wrong, cell by cell; nothing is taken then.
    """
    people = await reading.people(planner.session)
    lines = workbook.read(content, people, planner.rules)
    if remove and not any(Week.of(line.shift.start) == week for line in lines):
        raise RotaFileError([f"文件里没有这一周的班次（{week.monday} 起），不能按它删除"])
    there = {shift.id: shift for shift in await _around(planner, lines, week)}
    claims = _claims(lines, there)
    changed = [replace(lines[n].shift, id=i) for n, i in claims.items()]
    changed = [shift for shift in changed if shift != there[shift.id]]
    revisions = await reading.revisions(planner.session, [shift.id for shift in changed])
    stale = [
        f"{workbook.cell(workbook.MARK, lines[n].row)}：这一班导出以后有人改过，请重新导出再改"
        for n, i in claims.items()
        if i in revisions and lines[n].mark != (i, revisions[i])
    ]
    if stale:
        raise RotaFileError(stale)
    new = _distinct([line.shift for n, line in enumerate(lines) if n not in claims])
    rest = [
        shift.id
        for shift in there.values()
        if Week.of(shift.start) == week and shift.id not in claims.values()
    ]
    try:
        await planner.take(changed, new, rest if remove else [])
    except ManyShiftsError as error:
        rows = {i: lines[n].row for n, i in claims.items()}
        told = [_told(one, rows) for one in error.conflicts]
        raise RotaFileError(list(dict.fromkeys(told))) from error
    same = len(lines) - len(changed) - len(new)
    gone, left = (len(rest), 0) if remove else (0, len(rest))
    return Taken(len(new), len(changed), gone, same, left)


async def _around(planner: Planner, lines: Sequence[Line], week: Week) -> list[Shift]:
    starts = [week.start, *(line.shift.start for line in lines)]
    ends = [week.end, *(line.shift.end for line in lines)]
    first, last = Week.of(min(starts)), Week.of(max(ends))
    return await reading.shifts(planner.session, first.start, last.end)


def _claims(lines: Sequence[Line], there: dict[int, Shift]) -> dict[int, int]:
    """Return which line is which shift that is there, by the line's place."""
    alike = {_facts(shift): shift.id for shift in there.values()}
    found: dict[int, int] = {}
    for n, line in enumerate(lines):
        known = alike.get(_facts(line.shift))
        if known is not None and known not in found.values():
            found[n] = known
    for n, line in enumerate(lines):
        if n in found or line.mark is None:
            continue
        shift = there.get(line.mark[0])
        if (
            shift is not None
            and shift.id not in found.values()
            and Week.of(shift.start) == Week.of(line.shift.start)
        ):
            found[n] = shift.id
    return found


def _facts(shift: Shift) -> tuple[object, ...]:
    return shift.agent_id, shift.start, shift.end, shift.seat


def _distinct(shifts: Sequence[Shift]) -> list[Shift]:
    """Leave out rows that stand in the file twice."""
    return list({_facts(shift): shift for shift in reversed(shifts)}.values())[::-1]


def _told(one: Conflict, rows: dict[int, int]) -> str:
    column = workbook.SEAT if one.kind == "seat" else workbook.PERSON
    # A new shift's id is its row, below zero.
    numbers = sorted(rows.get(i, -i) for i in one.shifts if i in rows or i < 0)
    return f"{workbook.cell(column, *numbers)}：{one.words}"
