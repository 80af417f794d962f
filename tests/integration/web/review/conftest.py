"""An answered call with ticket, recording, transcript and score."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.routes import section as agents_section
from hotline.calls.tables import CallTable, Outcome
from hotline.clock import ManualClock
from hotline.store import Database
from hotline.tickets import CallFacts, shipped
from hotline.web.section import Section
from transcripts.routes import section as transcripts_section
from transcripts.scoring.scorecard import load_scorecard
from transcripts.scoring.tables import FindingRow, Score
from transcripts.tables import RecordingState, RecordingTable


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section, transcripts_section]


@pytest.fixture
def talk(database: Database, clock: ManualClock) -> Callable[..., Awaitable[str]]:
    """Return a function that makes an answered call with ticket, transcript and score."""

    async def make(call_id: str, agent: str = "wang", **more: Any) -> str:
        now = clock.now()
        async with database.write() as session:
            session.add(
                CallTable(
                    id=call_id,
                    number="13812345678",
                    topic="wages",
                    menu_path=["1"],
                    started_at=now,
                    waiting_since=now,
                    answered_at=now,
                    ended_at=now,
                    agent_id=agent,
                    outcome=Outcome.ANSWERED,
                    satisfaction=more.get("satisfaction"),
                )
            )
            await session.flush()
            facts = CallFacts(call_id, "13812345678", now, topic="wages")
            await shipped().open_for_call(session, facts, now)
            await shipped().call_ended(session, call_id, Outcome.ANSWERED, now, agent_id=agent)
            session.add(_recording(call_id, now))
            session.add(_score(call_id, now))
        return call_id

    return make


def _recording(call_id: str, now: Any) -> RecordingTable:
    return RecordingTable(
        call_id=call_id,
        caller_path=None,
        agent_path=None,
        seconds=60,
        state=RecordingState.TRANSCRIBED,
        created_at=now,
    )


def _score(call_id: str, now: Any) -> Score:
    items = [
        {
            "id": item.id,
            "title": item.title,
            "weight": item.weight,
            "legal": item.legal,
            "points": item.weight,
            "applies": True,
            "judged": True,
            "words": "",
        }
        for item in load_scorecard().items
    ]
    finding = FindingRow(
        item="basis",
        kind="citation",
        verdict="right",
        fault=False,
        confidence=0.9,
        at_second=12.0,
        until_second=15.0,
        leg="agent",
        sentence="根据劳动争议调解仲裁法第二十七条",
        card="labour-arbitration",
        subject="",
        article="《劳动争议调解仲裁法》第二十七条",
        heard="",
        expected="",
        critical=False,
        words="依据正确",
    )
    return Score(
        call_id=call_id,
        transcript_id=None,
        latest=True,
        scorecard="12348",
        scorecard_version=2,
        law_date=now.date(),
        topic="wages",
        card="labour-arbitration",
        card_confidence=0.9,
        total=100.0,
        judged_share=1.0,
        accuracy=1.0,
        legal_ok=True,
        veto=None,
        faults=0,
        needs_person=False,
        why_person="",
        items=items,
        risks=[],
        created_at=now,
        findings=[finding],
    )
