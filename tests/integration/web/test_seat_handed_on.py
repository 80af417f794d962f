"""What the seat is about once a call was handed on to a colleague."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.pages.seat_call import current_call, handed_on
from agents.tables import AgentTable
from hotline.calls.tables import CallTable
from hotline.routing.tables import OfferOutcome, OfferTable
from hotline.store import Database

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def call(name: str, agent_id: str, begun: datetime, ended: datetime | None) -> CallTable:
    return CallTable(
        id=name,
        number="",
        menu_path=[],
        started_at=begun,
        answered_at=begun,
        talk_ended_at=ended,
        ended_at=ended,
        agent_id=agent_id,
    )


def taken(call_id: str, at: datetime) -> OfferTable:
    return OfferTable(
        id=f"offer-{call_id}",
        call_id=call_id,
        agent_id="wang",
        made_at=at,
        ended_at=at,
        outcome=OfferOutcome.ANSWERED.value,
        reason_code="skilled",
        words="",
        detail={},
    )


@pytest.fixture
async def handed(database: Database) -> None:
    """Wang took a call six minutes ago, and Li talks on with the caller since."""
    people = (("wang", "王晓梅"), ("li", "李敏"))
    async with database.write() as session:
        for number, (name, called) in enumerate(people):
            session.add(
                AgentTable(
                    id=name, staff_no=str(number), name=called, kind="lawyer", endpoint="PJSIP/x"
                )
            )
        session.add_all([call("given", "li", ago(6), None), taken("given", ago(6))])


@pytest.mark.usefixtures("handed")
async def test_the_form_of_the_call_before_does_not_come_back(database: Database) -> None:
    async with database.write() as session:
        session.add_all([call("before", "wang", ago(9), ago(7)), taken("before", ago(9))])
    async with database.read() as session:
        assert await current_call(session, "wang", NOW) is None
        told = await handed_on(session, "wang", NOW)
        assert told is not None
        assert told.title == "已转给李敏律师"


@pytest.mark.usefixtures("handed")
async def test_a_call_that_came_after_it_by_a_colleague_is_wrapped_up(database: Database) -> None:
    async with database.write() as session:
        session.add(call("taken over", "wang", ago(5), ago(1)))
    async with database.read() as session:
        current = await current_call(session, "wang", NOW)
        assert current is not None
        assert current.call.id == "taken over"
