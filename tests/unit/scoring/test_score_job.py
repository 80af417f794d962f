from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from hotline.calls.tables import CallTable
from hotline.clock import ManualClock
from hotline.jobs import Job
from hotline.store import Database, Outbox
from knowledge_base.cards import load_cards
from transcripts.scoring.jobs import NothingToScoreError, Scorer
from transcripts.scoring.scorer import Knowledge
from transcripts.scoring.tables import FindingRow, Score
from transcripts.tables import RecordingTable, TranscriptTable, TurnTable

LINES = (
    ("agent", "您好这里是一二三四八法律服务热线我是一零一号王律师"),
    ("caller", "公司没有跟我签劳动合同昨天把我辞退了"),
    ("agent", "您可以申请劳动仲裁劳动仲裁的时效是两年可以申请法律援助"),
)


async def keep_talk(database: Database, clock: ManualClock) -> int:
    async with database.write() as session:
        session.add(CallTable(id="c1", number="13900120006", started_at=clock.now()))
        recording = RecordingTable(
            call_id="c1", caller_path="a", agent_path="b", created_at=clock.now()
        )
        session.add(recording)
        await session.flush()
        transcript = TranscriptTable(
            recording_id=recording.id,
            engine="vosk",
            model="m",
            model_description="",
            seconds_taken=0.1,
            created_at=clock.now(),
            turns=[
                TurnTable(
                    position=position,
                    leg=leg,
                    start=position * 5.0,
                    end=position * 5.0 + 4,
                    text=text,
                    said=text,
                    confidence=0.95,
                    words=words_of(text, position * 5.0),
                )
                for position, (leg, text) in enumerate(LINES)
            ],
        )
        session.add(transcript)
        await session.flush()
        return transcript.id


def words_of(text: str, start: float) -> list[Any]:
    return [
        {"text": letter, "start": start + i * 0.1, "end": start + i * 0.1 + 0.1, "confidence": 0.95}
        for i, letter in enumerate(text)
    ]


@pytest.fixture
def scorer(database: Database, clock: ManualClock) -> Scorer:
    return Scorer(database, clock, lambda: Knowledge(load_cards()))


async def test_a_transcript_becomes_a_score_with_findings_and_is_told(
    database: Database, clock: ManualClock, scorer: Scorer
) -> None:
    transcript = await keep_talk(database, clock)
    await scorer(Job(1, "score", {"call": "c1", "transcript": transcript}, 1))
    async with database.read() as session:
        score = (await session.scalars(select(Score))).one()
        findings = list(await session.scalars(select(FindingRow).where(FindingRow.fault)))
        told = (await session.scalars(select(Outbox).where(Outbox.topic == "score.ready"))).one()
    assert (score.call_id, score.transcript_id, score.latest) == ("c1", transcript, True)
    assert score.total == 0
    assert score.veto == "critical_wrong_fact"
    assert [(one.kind, one.heard, one.expected) for one in findings] == [
        ("wrong_fact", "两年", "一年")
    ]
    assert findings[0].at_second is not None
    said_at = 10 + 0.1 * LINES[2][1].index("仲裁")
    assert said_at <= findings[0].at_second <= said_at + 1
    assert told.key == "c1"
    assert told.payload["faults"] == ["wrong_fact"]
    assert told.payload["needs_person"]


async def test_a_job_that_runs_twice_keeps_one_score(
    database: Database, clock: ManualClock, scorer: Scorer
) -> None:
    transcript = await keep_talk(database, clock)
    for attempt in (1, 2):
        await scorer(Job(1, "score", {"call": "c1", "transcript": transcript}, attempt))
    async with database.read() as session:
        assert len(list(await session.scalars(select(Score)))) == 1


async def test_a_new_score_stands_beside_the_old_one(
    database: Database, clock: ManualClock, scorer: Scorer
) -> None:
    await keep_talk(database, clock)
    await scorer.run("c1")
    await scorer.run("c1")
    async with database.read() as session:
        assert [row.latest for row in await session.scalars(select(Score).order_by(Score.id))] == [
            False,
            True,
        ]


async def test_a_call_without_a_transcript_is_a_dead_letter(scorer: Scorer) -> None:
    with pytest.raises(NothingToScoreError, match="没有转写文本"):
        await scorer(Job(1, "score", {"call": "nobody", "transcript": None}, 1))
