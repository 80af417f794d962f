"""A ticket follows the end of its call, by a job."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from agents.switchboard import TicketsOfCalls
from hotline.calls.live import Call
from hotline.calls.tables import CallTable
from hotline.casework.tables import Case
from hotline.clock import ManualClock
from hotline.errors import NotFoundError
from hotline.jobs import Job
from hotline.store import Database, Outbox
from hotline.tickets import jobs


async def ended(database: Database, clock: ManualClock, call: Call, *, ticket: bool = True) -> None:
    async with database.write() as session:
        session.add(CallTable(**call.row()))
        await session.flush()
        if ticket:
            await TicketsOfCalls().born(session, [call], clock.now())
    await jobs.Closer(database, clock)(Job(1, jobs.CLOSE, {"call": call.id}, 1))


async def ticket_of(database: Database, call_id: str) -> Case:
    async with database.read() as session:
        found = await session.scalar(select(Case).where(Case.call_id == call_id))
        assert found is not None
        return found


async def test_a_dissatisfied_caller_is_called_back(database: Database, clock: ManualClock) -> None:
    now = clock.now()
    call = Call("1.1", "13800000001", now, topic="wages", ended_at=now, outcome="answered")
    call.agent_id, call.satisfaction, call.solved = "wang", 3, 2
    await ended(database, clock, call)
    ticket = await ticket_of(database, "1.1")
    assert (ticket.state, ticket.assignee_id, ticket.satisfaction) == ("followup", "wang", 3)


async def test_who_left_a_message_is_called_back(database: Database, clock: ManualClock) -> None:
    now = clock.now()
    await ended(database, clock, Call("1.2", "138", now, ended_at=now, outcome="voicemail"))
    assert (await ticket_of(database, "1.2")).state == "callback"


async def test_a_ticket_that_is_not_there_yet_is_tried_again(
    database: Database, clock: ManualClock
) -> None:
    now = clock.now()
    call = Call("1.3", "138", now, ended_at=now, outcome="abandoned")
    with pytest.raises(NotFoundError):
        await ended(database, clock, call, ticket=False)


async def test_a_call_that_is_not_kept_is_a_dead_letter(
    database: Database, clock: ManualClock
) -> None:
    with pytest.raises(jobs.CallUnknownError):
        await jobs.Closer(database, clock)(Job(1, jobs.CLOSE, {"call": "nope"}, 1))


async def test_a_call_that_was_answered_after_all_is_not_called_back(
    database: Database, clock: ManualClock
) -> None:
    now = clock.now()
    call = Call("1.4", "138", now, waiting_since=now, ended_at=now, outcome="abandoned")
    await ended(database, clock, call)
    assert (await ticket_of(database, "1.4")).state == "callback"
    async with database.write() as session:
        row = await session.get_one(CallTable, "1.4")
        row.outcome, row.agent_id, row.satisfaction = "answered", "wang", 1
    await jobs.Closer(database, clock)(Job(2, jobs.CLOSE, {"call": "1.4"}, 1))
    ticket = await ticket_of(database, "1.4")
    assert (ticket.state, ticket.assignee_id, ticket.satisfaction) == ("answered", "wang", 1)


def test_one_job_for_each_end_that_is_told() -> None:
    first, again = (Outbox(id=n, topic="call.ended", key="1.1", payload={}) for n in (7, 8))
    told = [job for row in (first, first, again) for job in jobs.RULES["call.ended"](row)]
    assert [job.key for job in told] == [f"{jobs.CLOSE}:{n}" for n in (7, 7, 8)]
    assert {job.payload["call"] for job in told} == {"1.1"}
