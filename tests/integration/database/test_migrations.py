"""The migrations make exactly the tables that the program uses, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, text

from hotline.store import Database, schema
from hotline.store.discovery import all_tables, table_modules

pytestmark = pytest.mark.each_database


@pytest.fixture
async def blank(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


async def test_the_migrations_make_what_the_program_uses(blank: Database) -> None:
    assert await schema.current(blank) is None
    assert await schema.upgrade(blank) == (None, schema.head())
    assert await schema.differences(blank) == []
    await schema.require_current(blank)


async def test_an_upgrade_again_changes_nothing(blank: Database) -> None:
    await schema.upgrade(blank)
    assert await schema.upgrade(blank) == (schema.head(), schema.head())


async def test_nodes_that_start_together_upgrade_once(blank: Database, database_url: str) -> None:
    other = Database(database_url)
    results = await asyncio.gather(schema.upgrade(blank), schema.upgrade(other))
    await other.close()
    assert sorted(results, key=str) == sorted(
        [(None, schema.head()), (schema.head(), schema.head())], key=str
    )


async def test_a_missing_table_and_a_foreign_one_are_named(blank: Database) -> None:
    await schema.upgrade(blank)
    async with blank.engine.begin() as connection:
        await connection.execute(text("DROP TABLE case_documents"))
        extra = Table("somebody_elses", MetaData(), Column("id", Integer))
        await connection.run_sync(extra.create)
    found = " ".join(await schema.differences(blank))
    assert "add_table: case_documents" in found
    assert "remove_table: somebody_elses" in found


async def test_an_empty_database_is_not_worked_with(blank: Database) -> None:
    with pytest.raises(schema.SchemaError, match="hotline db upgrade"):
        await schema.require_current(blank)


def test_every_package_that_has_tables_is_found() -> None:
    assert {"hotline.casework.tables", "hotline.jobs.tables"} <= set(table_modules())
    assert {"cases", "jobs", "outbox", "outbox_readers"} <= set(all_tables().tables)


async def test_a_bureau_s_rows_outlive_the_upgrade(blank: Database) -> None:
    """What was written by the first release is still there, with sound values where we added."""
    await schema.upgrade(blank, to=schema.RELEASED)
    async with blank.engine.begin() as connection:
        for statement in _ROWS:
            await connection.execute(text(statement))
    await schema.upgrade(blank)
    async with blank.engine.connect() as connection:
        row = (await connection.execute(text("SELECT name, official FROM agents"))).one()
        states = (await connection.execute(text("SELECT agent_id, state FROM presence"))).all()
    assert tuple(row) == ("王晓梅", False)
    assert [tuple(state) for state in states] == [("wang", "ready")]
    assert await schema.differences(blank) == []


_ROWS = (
    """
INSERT INTO agents (id, staff_no, name, kind, skills, languages, endpoint, mobile, capacity, active)
VALUES ('wang', '101', '王晓梅', 'lawyer', '{}', '["zh"]', 'PJSIP/wang', '', 1, true)
""",
    """
INSERT INTO presence (agent_id, state, reason, since, wish, reachable, missed)
VALUES ('wang', 'ready', '', '2026-11-24 02:00:00.000000', 'ready', true, 0)
""",
)
