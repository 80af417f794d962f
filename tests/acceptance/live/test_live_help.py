"""A talk is heard while it goes on: words, card, ticks and warning, in real time."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select, update

import hotline.store.schema  # noqa: F401 - knows every package's tables
from hotline.calls.tables import CallTable
from hotline.clock import SystemClock
from hotline.demo.scripts import Line
from hotline.settings import Settings
from hotline.store import Database
from knowledge_base.cards import load_cards
from knowledge_base.topics.teaching import open_classifier
from tests.acceptance.live.speaking import Told, hinted, recordings_of, speak, write
from transcripts.live.hints import Desk
from transcripts.live.tables import HintRow, LiveTalk, LiveTurn
from transcripts.live.tap import LISTENING, Found
from transcripts.live.worker import LiveHelp
from transcripts.recognisers.models import SHIPPED, open_folder
from transcripts.scoring.scorecard import load_scorecard
from transcripts.scoring.scorer import Knowledge
from transcripts.turns import Leg

CALL = "1795500000.1"
LINES = (
    Line(
        who="caller", say="律师你好，公司没有跟我签劳动合同，昨天突然把我辞退了，我能要求什么赔偿？"
    ),
    Line(who="agent", say="您可以申请劳动仲裁，劳动仲裁的时效是两年，仲裁不收费。"),
    Line(who="agent", say="请您保留好聊天记录和考勤。"),
)


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    return recordings_of(tmp_path)


async def test_a_talk_is_heard_helped_and_warned_of_while_it_goes_on(
    database: Database, recordings: Path, tmp_path: Path
) -> None:
    clock = SystemClock()
    async with database.write() as session:
        now = clock.now()
        session.add(
            CallTable(
                id=CALL, number="", menu_path=[], started_at=now, answered_at=now, agent_id="wang"
            )
        )
    cards = load_cards()
    topics = open_classifier(Settings(home=tmp_path)).guesses

    async def desk() -> Desk:
        return Desk(Knowledge(cards), load_scorecard(), topics=topics)

    recogniser = open_folder(SHIPPED)
    talk, told = speak(LINES), Told()
    found = Found(CALL, "1", recordings / "live")
    worker = asyncio.create_task(
        LiveHelp(database, clock, recordings, lambda: recogniser, desk).run()
    )
    listening = asyncio.create_task(told.follow(database))
    try:
        begun = await write(found, talk)
        assert (recordings / "live" / LISTENING).exists()
        async with database.write() as session:
            await session.execute(
                update(CallTable).where(CallTable.id == CALL).values(talk_ended_at=clock.now())
            )
        async with asyncio.timeout(10):
            while not (told.words and told.words[-1][1]["ended"]):
                await asyncio.sleep(0.05)
    finally:
        for task in (worker, listening):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await worker
    # Words of both legs, heard as they were said.
    assert "把我辞退了" in told.said(Leg.CALLER, CALL)
    assert "时效是2年" in told.said(Leg.AGENT, CALL)
    words = [
        (leg, word.text, word.end)
        for leg, samples in talk.legs.items()
        for segment in recogniser.transcribe(samples, 8000)
        for word in segment.words
    ]
    delays = told.delays(CALL, begun, words)
    assert len(delays) > 0.8 * len(words)
    assert np.percentile(delays, 95) <= 2.0, sorted(delays)[-5:]
    # The card is there before the lawyer begins to answer; the warning after the wrong sentence.
    assert hinted(told, "card:written-contract") - begun - talk.ends[0] <= 0.5
    async with database.read() as session:
        hints = {row.key: row for row in await session.scalars(select(HintRow))}
        live = await session.scalar(select(LiveTalk))
        turns = list(await session.scalars(select(LiveTurn)))
    warning = next(row for row in hints.values() if row.kind == "warning")
    assert (warning.heard, warning.expected) == ("2年", "一年")
    assert hints["duty:legal_aid_notice"].used_at is None
    card = hints["card:written-contract"]
    assert [point["id"] for point in card.points if point["at"] is not None]
    assert card.used_how == "said"
    assert live is not None
    assert live.agent_id == "wang"
    assert live.ended_at is not None
    assert turns
    # Nothing is left of the sound that was written for us alone.
    assert not list((recordings / "live").iterdir())
