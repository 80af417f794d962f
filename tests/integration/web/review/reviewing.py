"""What review takes again and again: calls are written down, drawn, and graded."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from hotline.clock import ManualClock
from hotline.store import Database
from transcripts.review import draws
from transcripts.review.rules import load_rules
from transcripts.scoring.scorecard import load_scorecard
from transcripts.tables import RecordingTable, TranscriptTable, TurnTable

ITEMS = [item.id for item in load_scorecard().items]
RULES = load_rules().model_copy(update={"new_lawyer_calls": 0})


async def drawn(database: Database, clock: ManualClock, *, double: float = 0.0) -> None:
    """Draw everything up to now at random."""
    rules = RULES.model_copy(update={"random_share": 1.0, "double_blind_share": double})
    now = clock.now()
    async with database.write() as session:
        run = await draws.draw_period(
            session,
            now - timedelta(days=1),
            now + timedelta(seconds=1),
            rules=rules,
            now=now,
            seed="s",
        )
        assert run is not None


async def graded(browser: Any, call_id: str, purpose: str = "", **marks: str) -> Any:
    query = f"?purpose={purpose}" if purpose else ""
    page = await browser.get(f"/review/{call_id}{query}")
    form = re.search(r'name="form" value="(\d+)"', page.text)
    assert form, page.text[:2000]
    data = {f"item-{item}": "0" for item in ITEMS} | {"form": form.group(1), "note": "讲得清楚"}
    return await browser.post(f"/review/{call_id}/grade{query}", data | marks)


def written(recording: RecordingTable, clock: ManualClock, turn: TurnTable) -> TranscriptTable:
    """Return the transcript of a recording in which one turn was said."""
    return TranscriptTable(
        recording_id=recording.id,
        engine="vosk",
        model="m",
        model_description="",
        seconds_taken=1,
        created_at=clock.now(),
        turns=[turn],
    )
