"""Nothing is paid twice, nobody approves their own, what is approved stays."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.rota.tables import AttendanceTable, ShiftTable
from agents.subsidies import statements
from agents.subsidies.statements import Drawn, State, Statement
from agents.subsidies.tables import LineTable
from agents.tables import AgentTable
from hotline.casework import Case, services, versions
from hotline.casework.services import Services
from hotline.casework.versions import Version
from hotline.errors import ConflictError, ForbiddenError, InvalidInputError
from hotline.store import Database

pytestmark = pytest.mark.each_database

OCTOBER = datetime(2026, 10, 20, 2, 0, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)


@pytest.fixture
def real_tariffs() -> Services:
    """The services with tariffs that a bureau has set."""
    loaded = services.load()
    tariffs = {
        code: tariff.model_copy(update={"example": False})
        for code, tariff in loaded.tariffs.items()
    }
    return dataclasses.replace(loaded, tariffs=tariffs)


@pytest.fixture
async def aid(database: Database, real_tariffs: Services) -> Any:
    """Return a function that keeps closed legal aid cases."""

    async def keep(*numbers: str, acts: dict[str, list[Any]] | None = None, **data: str) -> None:
        async with database.write() as session:
            version = await versions.record(
                session, Version.of(real_tariffs.get("legal_aid")), OCTOBER
            )
            for number in numbers:
                session.add(
                    Case(
                        number=number,
                        service="legal_aid",
                        service_version=version,
                        state="archived",
                        data={"matter": "civil", "grade": "excellent", "lawyer_kind": "law_firm"}
                        | data,
                        acts=acts
                        if acts is not None
                        else {"assess": ["zhao", 1], "approve_subsidy": ["sun", 1]},
                        clocks={},
                        assignee_id="wang",
                        opened_at=OCTOBER - timedelta(days=60),
                        closed_at=OCTOBER,
                    )
                )

    return keep


async def draw(database: Database, known: Services, month: str = "2026-10") -> Drawn:
    async with database.write() as session:
        return await statements.draw(session, known, month, "ju", NOVEMBER)


async def of_month(database: Database, month: str = "2026-10") -> Sequence[Statement]:
    async with database.read() as session:
        return await statements.of_month(session, month)


async def test_a_closed_case_is_paid_once_by_its_tariff(
    database: Database, real_tariffs: Services, aid: Any
) -> None:
    await aid("2611110000011", "2611110000012")
    assert (await draw(database, real_tariffs)).lines == 2
    assert (await draw(database, real_tariffs)).lines == 0
    (statement,) = await of_month(database)
    assert statement.total == Decimal("2400.00")
    assert statement.lines[0].reckoning == ["民事、行政代理 1000 元", "× 优秀 1.2"]


async def test_the_database_refuses_to_pay_twice(
    database: Database, real_tariffs: Services, aid: Any
) -> None:
    await aid("2611110000011")
    await draw(database, real_tariffs)
    (statement,) = await of_month(database)
    line = statement.lines[0]
    copied = {c.name: getattr(line, c.name) for c in LineTable.__table__.columns if c.name != "id"}
    with pytest.raises(IntegrityError):
        async with database.write() as session:
            session.add(LineTable(**copied))


@pytest.mark.parametrize(
    "acts",
    [{}, {"assess": ["zhao", 1]}, {"assess": ["zhao", 1], "approve_subsidy": ["zhao", 1]}],
    ids=["nobody", "one approval", "both by one person"],
)
async def test_without_two_people_s_approval_nothing_is_due(
    database: Database, real_tariffs: Services, aid: Any, acts: dict[str, list[Any]]
) -> None:
    await aid("2611110000011", acts=acts)
    assert (await draw(database, real_tariffs)).lines == 0


async def test_public_officials_draw_none(
    database: Database, real_tariffs: Services, aid: Any
) -> None:
    await aid("2611110000011", lawyer_kind="official")
    assert (await draw(database, real_tariffs)).lines == 0


async def test_what_the_tariff_does_not_know_is_told_and_not_guessed(
    database: Database, real_tariffs: Services, aid: Any
) -> None:
    await aid("2611110000011", matter="something new")
    drawn = await draw(database, real_tariffs)
    assert drawn.lines == 0
    assert "2611110000011" in drawn.gaps[0].about


async def test_a_month_is_drawn_up_when_it_is_over(
    database: Database, real_tariffs: Services
) -> None:
    with pytest.raises(InvalidInputError, match="还没有结束"):
        await draw(database, real_tariffs, "2026-11")


async def test_duty_is_paid_by_the_hours_that_were_seen(
    database: Database, real_tariffs: Services
) -> None:
    async with database.write() as session:
        for agent, official in (("wang", False), ("zhao", True)):
            session.add(
                AgentTable(
                    id=agent,
                    staff_no=agent,
                    name=agent,
                    kind="lawyer",
                    endpoint=f"PJSIP/{agent}",
                    official=official,
                )
            )
        await session.flush()
        for agent, seen in (("wang", 3.4), ("wang", 0.5), ("zhao", 3.5)):
            shift = ShiftTable(
                agent_id=agent,
                starts_at=OCTOBER,
                ends_at=OCTOBER + timedelta(hours=3.5),
                changed_at=OCTOBER,
                changed_by="ju",
            )
            session.add(shift)
            await session.flush()
            session.add(AttendanceTable(shift_id=shift.id, looked_at=OCTOBER, seconds=seen * 3600))
    assert (await draw(database, real_tariffs)).lines == 1
    (statement,) = await of_month(database)
    assert (statement.row.person_id, statement.total) == ("wang", Decimal("150.00"))


async def one(database: Database, known: Services, aid: Any) -> Statement:
    await aid("2611110000011")
    await draw(database, known)
    return (await of_month(database))[0]


async def test_the_way_from_the_person_to_the_bureau(
    database: Database, real_tariffs: Services, aid: Any
) -> None:
    statement = await one(database, real_tariffs, aid)
    with pytest.raises(ConflictError, match="待本人确认"):
        statements.approve(statement, "ju", NOVEMBER)
    statements.confirm(statement, "wang", NOVEMBER)
    with pytest.raises(ForbiddenError, match="不能批准自己的补贴"):
        statements.approve(statement, "wang", NOVEMBER)
    statements.approve(statement, "ju", NOVEMBER)
    with pytest.raises(ConflictError, match="不能再改"):
        statements.remove(statement, statement.lines[0].id, "错了", "ju", NOVEMBER)
    assert statements.export([statement], "ju", NOVEMBER) == [statement]
    assert statement.state is State.EXPORTED
    assert statements.export([statement], "ju", NOVEMBER) == [statement]


async def test_a_dispute_is_settled_and_the_person_asked_again(
    database: Database, real_tariffs: Services, aid: Any
) -> None:
    statement = await one(database, real_tariffs, aid)
    with pytest.raises(InvalidInputError, match="哪一项"):
        statements.dispute(statement, "  ")
    statements.dispute(statement, "这件不是我办的")
    statements.remove(statement, statement.lines[0].id, "承办人登记有误", "ju", NOVEMBER)
    statements.settle(statement, "已剔除")
    assert statement.total == Decimal(0)
    assert statement.state is State.DRAWN
    assert statement.row.objection == "这件不是我办的\n处理：已剔除"


async def test_what_became_due_late_waits_for_the_next_month(
    database: Database, real_tariffs: Services, aid: Any
) -> None:
    await aid("2611110000011")
    await draw(database, real_tariffs)
    async with database.write() as session:
        (statement,) = await statements.of_month(session, "2026-10")
        statements.confirm(statement, "wang", NOVEMBER)
    await aid("2611110000012")
    assert (await draw(database, real_tariffs)).postponed == 1
    async with database.write() as session:
        later = datetime(2026, 12, 1, tzinfo=UTC)
        drawn = await statements.draw(session, real_tariffs, "2026-11", "ju", later)
    assert (drawn.statements, drawn.lines) == (1, 1)


async def test_example_figures_are_never_approved(database: Database, aid: Any) -> None:
    statement = await one(database, services.load(), aid)
    assert statement.example
    statements.confirm(statement, "wang", NOVEMBER)
    with pytest.raises(ConflictError, match="示例标准"):
        statements.approve(statement, "ju", NOVEMBER)
