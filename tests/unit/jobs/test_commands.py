"""Dead letters from the command line."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hotline.clock import SystemClock
from hotline.jobs import Queue
from hotline.jobs.commands import app
from hotline.store import Base, Database


@pytest.fixture
def dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    url = f"sqlite+aiosqlite:///{tmp_path / 'jobs.db'}"
    monkeypatch.setenv("HOTLINE_DATABASE", url)

    async def prepare() -> int:
        database = Database(url)
        async with database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        queue = Queue(database, SystemClock())
        async with database.write() as session:
            await queue.put(session, "transcribe", {})
        job = await queue.claim("w", frozenset({"transcribe"}))
        assert job is not None
        await queue.failed(job, "录音已损坏", final=True)
        await database.close()
        return job.id

    return asyncio.run(prepare())


def test_a_dead_letter_is_shown_and_given_another_life(dead: int) -> None:
    shown = CliRunner().invoke(app, ["list"])
    assert "死信 1" in shown.output
    assert "录音已损坏" in shown.output
    revived = CliRunner().invoke(app, ["retry", str(dead)])
    assert (revived.exit_code, revived.output) == (0, "已重新排队 1 项。\n")
    again = CliRunner().invoke(app, ["retry", str(dead)])
    assert again.exit_code == 1
    assert '"dead": []' in CliRunner().invoke(app, ["list", "--json"]).output
