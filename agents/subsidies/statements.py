"""Draws statements up and takes them through confirmation, approval and export.

Each act checks the state and who acts, and is one transaction. What is approved is locked: no act
changes its lines any more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.reports.period import Kind, period_of, read_day
from agents.subsidies.due import Due, Gap, due
from agents.subsidies.tables import LineTable, StatementTable
from hotline.casework.services import Services
from hotline.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError


class State(StrEnum):
    """Where a statement stands."""

    DRAWN = "drawn"
    """Drawn up; the person is asked."""
    DISPUTED = "disputed"
    """The person says that something is wrong."""
    CONFIRMED = "confirmed"
    APPROVED = "approved"
    """Approved by the bureau, and locked."""
    EXPORTED = "exported"
    """Handed to whoever pays."""

    @property
    def words(self) -> str:
        """The state's name."""
        return _WORDS[self]

    @property
    def open(self) -> bool:
        """Whether lines may still change."""
        return self in {State.DRAWN, State.DISPUTED}


_WORDS = {
    State.DRAWN: "待本人确认",
    State.DISPUTED: "本人有异议",
    State.CONFIRMED: "待批准",
    State.APPROVED: "已批准",
    State.EXPORTED: "已导出",
}


@dataclass(frozen=True)
class Drawn:
    """What drawing up came to."""

    statements: int
    lines: int
    postponed: int
    """Became due late, for a month whose statement is confirmed already: the next one has them."""
    gaps: tuple[Gap, ...]
    """What could not be reckoned: the tariff lacks it."""


@dataclass(frozen=True)
class Statement:
    """A statement with its lines, as pages and files show it."""

    row: StatementTable
    lines: tuple[LineTable, ...]

    @property
    def state(self) -> State:
        """Where it stands."""
        return State(self.row.state)

    @property
    def kept(self) -> tuple[LineTable, ...]:
        """The lines that count."""
        return tuple(line for line in self.lines if line.removed_at is None)

    @property
    def total(self) -> Decimal:
        """Yuan."""
        return sum((line.amount for line in self.kept), Decimal("0.00"))

    @property
    def example(self) -> bool:
        """Whether example figures are in it."""
        return any(line.example for line in self.kept)


async def draw(
    session: AsyncSession, services: Services, month: str, by: str, now: datetime
) -> Drawn:
    """Put everything that became due by the end of ``month`` on statements that are still open.

    What became due earlier and stands on none comes along; it may be run again at any time.

    Raises:
        InvalidInputError: the month is not over yet.
    """
    period = period_of(Kind.MONTH, read_day(month))
    if now < period.until:
        raise InvalidInputError(f"{period.words}还没有结束，月底之后再编制", field="month")
    taken = await session.execute(
        select(LineTable.kind, LineTable.reference).where(LineTable.removed_at.is_(None))
    )
    removed = await session.execute(
        select(LineTable.kind, LineTable.reference).where(LineTable.removed_at.is_not(None))
    )
    known = [(kind, reference) for kind, reference in (*taken, *removed)]
    found, gaps = await due(session, services, period.until, known)
    by_person: dict[str, list[Due]] = defaultdict(list)
    for one in found:
        by_person[one.person_id].append(one)
    statements = lines = postponed = 0
    for person, items in by_person.items():
        statement = await _open_statement(session, period.mark[:7], person, by, now)
        if statement is None:
            postponed += len(items)
            continue
        session.add_all(_line(statement.id, item) for item in items)
        statements += 1
        lines += len(items)
    return Drawn(statements, lines, postponed, tuple(gaps))


async def _open_statement(
    session: AsyncSession, month: str, person: str, by: str, now: datetime
) -> StatementTable | None:
    row = await session.scalar(
        select(StatementTable).where(
            StatementTable.month == month, StatementTable.person_id == person
        )
    )
    if row is None:
        row = StatementTable(
            month=month, person_id=person, state=State.DRAWN, drawn_at=now, drawn_by=by
        )
        session.add(row)
        await session.flush()
    return row if State(row.state).open else None


def _line(statement_id: int, item: Due) -> LineTable:
    return LineTable(
        statement_id=statement_id,
        kind=item.kind,
        reference=item.reference,
        about=item.about,
        day=item.day,
        amount=item.payment.amount,
        reckoning=list(item.payment.reckoning),
        source=item.payment.source,
        example=item.payment.example,
    )


async def of_month(session: AsyncSession, month: str) -> list[Statement]:
    """Return the statements of a month."""
    rows = list(
        await session.scalars(
            select(StatementTable)
            .where(StatementTable.month == month)
            .order_by(StatementTable.person_id)
        )
    )
    return await _with_lines(session, rows)


async def of_person(session: AsyncSession, people: Sequence[str]) -> list[Statement]:
    """Return all statements of a person, whatever names they go by, the newest first."""
    rows = list(
        await session.scalars(
            select(StatementTable)
            .where(StatementTable.person_id.in_(people))
            .order_by(StatementTable.month.desc())
        )
    )
    return await _with_lines(session, rows)


async def by_id(session: AsyncSession, statement_id: int) -> Statement:
    """Return one statement.

    Raises:
        NotFoundError: there is none.
    """
    row = await session.get(StatementTable, statement_id)
    if row is None:
        raise NotFoundError("没有这份补贴清单")
    return (await _with_lines(session, [row]))[0]


async def _with_lines(session: AsyncSession, rows: Sequence[StatementTable]) -> list[Statement]:
    lines: dict[int, list[LineTable]] = defaultdict(list)
    for line in await session.scalars(
        select(LineTable)
        .where(LineTable.statement_id.in_([row.id for row in rows]))
        .order_by(LineTable.day, LineTable.id)
    ):
        lines[line.statement_id].append(line)
    return [Statement(row, tuple(lines[row.id])) for row in rows]


def confirm(statement: Statement, by: str, now: datetime) -> None:
    """Let the person agree.

    Raises:
        ConflictError: it is confirmed already, or a dispute is not settled.
    """
    _expect(statement, State.DRAWN)
    statement.row.state = State.CONFIRMED
    statement.row.confirmed_at, statement.row.confirmed_by = now, by


def dispute(statement: Statement, objection: str) -> None:
    """Let the person say what is wrong.

    Raises:
        InvalidInputError: nothing was said.
    """
    _expect(statement, State.DRAWN)
    if not objection.strip():
        raise InvalidInputError("请写明哪一项有误、应当是多少", field="objection")
    statement.row.state = State.DISPUTED
    statement.row.objection = objection.strip()


def settle(statement: Statement, answer: str) -> None:
    """Answer a dispute, after lines were removed or not, and ask the person again.

    Raises:
        InvalidInputError: there is no answer.
    """
    _expect(statement, State.DISPUTED)
    if not answer.strip():
        raise InvalidInputError("请写明处理结果", field="answer")
    statement.row.state = State.DRAWN
    statement.row.objection += f"\n处理：{answer.strip()}"


def remove(statement: Statement, line_id: int, reason: str, by: str, now: datetime) -> None:
    """Take a line off; it stays to be seen, with its reason, and is not drawn up again.

    Raises:
        InvalidInputError: there is no reason.
        ConflictError: the statement is locked.
    """
    if not statement.state.open:
        raise ConflictError(f"清单{statement.state.words}，不能再改")
    line = next((one for one in statement.kept if one.id == line_id), None)
    if line is None:
        raise NotFoundError("清单里没有这一项，或已经剔除")
    if not reason.strip():
        raise InvalidInputError("请写明剔除的原因", field="reason")
    line.removed_at, line.removed_by, line.removed_for = now, by, reason.strip()


def approve(statement: Statement, by: str, now: datetime) -> None:
    """Approve and lock.

    Raises:
        ForbiddenError: whoever is paid, or confirmed, may not approve.
        ConflictError: it is not confirmed, or rests on example figures.
    """
    _expect(statement, State.CONFIRMED)
    if by in {statement.row.person_id, statement.row.confirmed_by}:
        raise ForbiddenError("不能批准自己的补贴，请由另一位负责人批准")
    if statement.example:
        raise ConflictError(
            "清单里有按示例标准算出的金额，不能发放；请先在 config/tariffs 填写本地标准"
        )
    statement.row.state = State.APPROVED
    statement.row.approved_at, statement.row.approved_by = now, by


def export(statements: Sequence[Statement], by: str, now: datetime) -> list[Statement]:
    """Mark what is approved as handed over; return what belongs into the file.

    Those exported before come along again, so that the file of a month is always whole.

    Raises:
        ConflictError: nothing is approved.
    """
    ready = [one for one in statements if one.state in {State.APPROVED, State.EXPORTED}]
    if not ready:
        raise ConflictError("本月还没有已批准的清单，批准后才能导出")
    for one in ready:
        if one.state is State.APPROVED:
            one.row.state = State.EXPORTED
            one.row.exported_at, one.row.exported_by = now, by
    return ready


def _expect(statement: Statement, wanted: State) -> None:
    if statement.state is not wanted:
        raise ConflictError(f"清单现在是“{statement.state.words}”，不能这样做，请刷新页面")
