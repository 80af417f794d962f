"""The worker on its own: what it takes up, what it leaves behind, what it survives."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

import hotline.store.schema  # noqa: F401 - knows every package's tables
from hotline.calls.tables import CallTable
from hotline.clock import ManualClock
from hotline.store import Database
from tests.unit.live.test_hearing import Scripted
from transcripts.live.hints import Desk
from transcripts.live.tables import LiveTalk, LiveTurn
from transcripts.live.tap import FOLDER, LISTENING, Found
from transcripts.live.worker import LiveHelp
from transcripts.scoring.scorecard import load_scorecard
from transcripts.scoring.scorer import Knowledge
from transcripts.turns import Leg

CALL = "1795500000.1"
DEADLINE = 10.0


@pytest.fixture
async def call(database: Database, clock: ManualClock) -> None:
    """A call whose talk is over, as after a crash of the worker."""
    async with database.write() as session:
        session.add(
            CallTable(
                id=CALL,
                number="",
                menu_path=[],
                started_at=clock.now(),
                answered_at=clock.now(),
                talk_ended_at=clock.now(),
                agent_id="wang",
            )
        )


def left_over(recordings: Path, seconds: int) -> Found:
    found = Found(CALL, "1", recordings / FOLDER)
    found.folder.mkdir(parents=True, exist_ok=True)
    for leg in Leg:
        found.file(leg).write_bytes(np.zeros(seconds * 48_000, "<i2").tobytes())
    return found


@asynccontextmanager
async def working(
    database: Database,
    clock: ManualClock,
    recordings: Path,
    desk: Callable[[], Awaitable[Desk]] | None = None,
) -> AsyncIterator[None]:
    async def plain() -> Desk:
        return Desk(Knowledge(()), load_scorecard())

    worker = asyncio.create_task(
        LiveHelp(database, clock, recordings, Scripted, desk or plain, cores=2).run()
    )
    try:
        yield
    finally:
        worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await worker


async def until(true: Callable[[], Awaitable[Any]], clock: ManualClock | None = None) -> Any:
    async with asyncio.timeout(DEADLINE):
        while not (found := await true()):
            await asyncio.sleep(0.02)
            if clock is not None:
                clock.advance(0.5)
        return found


@pytest.mark.each_database
@pytest.mark.usefixtures("call")
async def test_what_a_crash_left_is_heard_to_its_end_and_deleted(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    found = left_over(tmp_path, seconds=3)

    async def gone() -> bool:
        return not found.file(Leg.AGENT).exists()

    async with working(database, clock, tmp_path):
        await until(gone, clock)

        async def written() -> Any:
            async with database.read() as session:
                return await session.scalar(select(LiveTalk).where(LiveTalk.ended_at.is_not(None)))

        talk = await until(written)
    assert talk.agent_id == "wang"
    async with database.read() as session:
        assert {turn.text for turn in await session.scalars(select(LiveTurn))} == {"说完了"}


@pytest.mark.usefixtures("call")
async def test_two_workers_on_one_machine_take_a_talk_once(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    left_over(tmp_path, seconds=3)

    async def heard() -> Any:
        async with database.read() as session:
            return list(await session.scalars(select(LiveTurn)))

    async with working(database, clock, tmp_path), working(database, clock, tmp_path):
        await until(heard)
        await asyncio.sleep(0.3)
        async with database.read() as session:
            assert len(list(await session.scalars(select(LiveTalk)))) == 1
        assert len(await heard()) == 2  # one sentence a leg


async def test_the_dialplan_is_told_while_somebody_listens_and_no_longer(
    database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    listening = tmp_path / FOLDER / LISTENING

    async def told() -> bool:
        return listening.exists()

    async with working(database, clock, tmp_path):
        await until(told)
    assert not listening.exists()


@pytest.mark.usefixtures("call")
async def test_help_that_fails_ends_the_help_of_one_talk_and_nothing_else(
    database: Database, clock: ManualClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("a card is wrong")

    monkeypatch.setattr("transcripts.live.talk.help_with", fails)
    bad = left_over(tmp_path, seconds=1)

    async def gone() -> bool:
        return not bad.file(Leg.AGENT).exists()

    async with working(database, clock, tmp_path):
        await until(gone)
        monkeypatch.undo()
        again = left_over(tmp_path, seconds=3)

        async def heard() -> Any:
            async with database.read() as session:
                return list(await session.scalars(select(LiveTurn)))

        await until(heard)
        assert again.file(Leg.AGENT).exists()
