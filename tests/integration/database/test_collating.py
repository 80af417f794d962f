"""A call's id is kept in two orders; joins of the two go by an index all the same."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Select, select, text
from sqlalchemy.dialects import postgresql

from hotline.calls.tables import CallTable
from hotline.casework import Case
from hotline.clock import ManualClock
from hotline.store import Database, as_code, as_words
from hotline.store.discovery import all_tables
from transcripts.review.tables import TaskTable

all_tables()

TASKS = select(TaskTable.id).join(CallTable, CallTable.id == as_words(TaskTable.call_id))
CASES = select(CallTable.id).join(Case, Case.call_id == as_code(CallTable.id))


@pytest.mark.each_database
async def test_the_two_orders_are_joined(database: Database, clock: ManualClock) -> None:
    async with database.write() as session:
        session.add(CallTable(id="c1", number="13900001111", started_at=clock.now()))
        task = {"purpose": "first", "blind": True, "rank": 1, "reasons": [], "not_by": []}
        session.add(TaskTable(call_id="c1", made_at=clock.now(), **task))
    async with database.read() as session:
        assert len((await session.scalars(TASKS)).all()) == 1
        assert (await session.scalars(CASES)).all() == []


@pytest.mark.parametrize(
    ("query", "index"), [(TASKS, "pk_calls"), (CASES, "uq_cases_call_id")], ids=["tasks", "cases"]
)
@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
async def test_an_index_answers(database: Database, query: Select[Any], index: str) -> None:
    written = str(query.compile(dialect=postgresql.dialect()))
    async with database.read() as session:
        for way in ("seqscan", "hashjoin", "mergejoin", "bitmapscan"):
            await session.execute(text(f"SET LOCAL enable_{way} = off"))
        plan = "\n".join(await session.scalars(text(f"EXPLAIN {written}")))
    assert f"using {index}" in plan
    assert "Index Cond" in plan.partition(f"using {index}")[2]
