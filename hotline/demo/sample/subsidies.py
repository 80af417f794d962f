"""October's subsidies of the made-up county, in every state that a statement may have."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from agents.subsidies.statements import State
from agents.subsidies.tables import LineTable, StatementTable

MONTH = "2026-10"
_SOURCE = "示范县财政局、司法局〔2026〕3 号"
_STATES = {
    "wang": (State.DRAWN, ""),
    "li": (State.CONFIRMED, ""),
    "chen": (State.DISPUTED, "10 月 17 日的值班是 3 小时 20 分，登记成了 2 小时。"),
    "zhao": (State.APPROVED, ""),
    "liu": (State.EXPORTED, ""),
}

_LONG, _SHORT = ("150.00", "三小时以上 150 元"), ("80.00", "一小时以上 80 元")


async def pay(session: AsyncSession, now: datetime) -> None:
    """Write the statements."""
    drawn = now - timedelta(days=22)
    for number, (person, (state, objection)) in enumerate(_STATES.items()):
        confirmed = state in {State.CONFIRMED, State.APPROVED, State.EXPORTED}
        approved = state in {State.APPROVED, State.EXPORTED}
        row = StatementTable(
            month=MONTH,
            person_id=person,
            state=state,
            objection=objection,
            drawn_at=drawn,
            drawn_by="banzhang",
            confirmed_at=drawn + timedelta(days=1) if confirmed else None,
            confirmed_by=person if confirmed else "",
            approved_at=drawn + timedelta(days=3) if approved else None,
            approved_by="banzhang" if approved else "",
            exported_at=drawn + timedelta(days=4) if state is State.EXPORTED else None,
        )
        session.add(row)
        await session.flush()
        session.add_all(_lines(row.id, number))


def _lines(statement: int, number: int) -> list[LineTable]:
    cases = [
        (f"26103011000{number}{n}", ("民事、行政代理 1000 元", "× 优秀 1.2"), "1200.00")
        for n in range(1 + number % 3)
    ]
    found = [
        _line(statement, "case", case, f"法律援助 {case}", 12 + n, steps, yuan)
        for n, (case, steps, yuan) in enumerate(cases)
    ]
    for n in range(3 + number):
        day = 8 + 3 * n
        hours = 3.4 if n % 3 else 2.0
        yuan, words = (
            ("150.00", "三小时以上 150 元") if hours >= 3 else ("80.00", "一小时以上 80 元")
        )
        about = f"值班 10-{day:02} 08:30 至 12:00，核实在岗 {hours:g} 小时"
        found.append(_line(statement, "shift", f"{statement}-{n}", about, day, (words,), yuan))
    return found


def _line(  # noqa: PLR0917 - a row of a table
    statement: int,
    kind: str,
    reference: str,
    about: str,
    day: int,
    steps: tuple[str, ...],
    yuan: str,
) -> LineTable:
    return LineTable(
        statement_id=statement,
        kind=kind,
        reference=reference,
        about=about,
        day=date(2026, 10, day),
        amount=Decimal(yuan),
        reckoning=list(steps),
        source=_SOURCE,
    )
