"""Which calls are veiled from a reviewer: every page of tickets asks, so it must cost little."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from hotline.calls.tables import CallTable
from hotline.clock import ManualClock
from hotline.store import Database
from hotline.web.permissions import Role
from hotline.web.viewer import Viewer
from transcripts.pages.blind import blind_calls
from transcripts.review.tables import TaskTable

pytestmark = pytest.mark.each_database


def reviewer(agent: str | None = None) -> Viewer:
    return Viewer(7, "zhijian", "质检员", frozenset({Role.REVIEWER}), None, agent, 1)


@contextmanager
def asked(database: Database) -> Iterator[list[str]]:
    """Collect the statements that the database is asked meanwhile."""
    found: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        found.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield found
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def test_only_what_waits_for_a_blind_grade_by_this_person_is_veiled(
    database: Database, clock: ManualClock
) -> None:
    now = clock.now()
    async with database.write() as session:
        for call, agent in (("c1", "wang"), ("c2", "li"), ("c3", "li"), ("c4", "li")):
            session.add(CallTable(id=call, number="13900001111", started_at=now, agent_id=agent))
        await session.flush()
        for call, not_by, done in (("c1", [], None), ("c2", [], None), ("c3", [7], None)):
            session.add(_task(call, now, not_by=not_by, done_at=done))
        session.add(_task("c4", now, not_by=[], done_at=now))
    every = ["c1", "c2", "c3", "c4", "unknown"]
    async with database.read() as session:
        assert await blind_calls(session, reviewer(), every) == {"c1", "c2"}
        assert await blind_calls(session, reviewer(), ["c2"]) == {"c2"}
        assert await blind_calls(session, reviewer("wang"), every) == {"c2"}


async def test_where_nothing_waits_no_call_is_read(database: Database, clock: ManualClock) -> None:
    async with database.write() as session:
        session.add(CallTable(id="c1", number="13900001111", started_at=clock.now()))
        await session.flush()
        session.add(_task("c1", clock.now(), not_by=[], done_at=None))
    async with database.read() as session:
        with asked(database) as statements:
            assert not await blind_calls(session, reviewer("wang"), ["c9"])
    assert not [text for text in statements if "FROM calls" in text or "JOIN calls" in text]


def _task(call: str, now: Any, **given: Any) -> TaskTable:
    return TaskTable(
        call_id=call, purpose="first", blind=True, rank=1, reasons=[], made_at=now, **given
    )
