"""Who hears the original of a recording, and what everybody else is given."""

from __future__ import annotations

from typing import Any

import numpy as np
from sqlalchemy import select

from hotline.casework import Case
from hotline.clock import ManualClock
from hotline.store import Database
from hotline.web.context import SETTINGS
from hotline.web.permissions import Role
from hotline.web.tables import AuditEntry
from tests.integration.web.review.reviewing import written
from transcripts.audio import parse, wav
from transcripts.tables import RecordingTable, TurnTable


async def test_the_original_is_for_those_who_work_on_the_call_and_the_export_is_redacted(
    signed_in: Any, talk: Any, database: Database, clock: ManualClock, app: Any
) -> None:
    await talk("1.1")
    folder = app[SETTINGS].recordings
    folder.mkdir(parents=True, exist_ok=True)
    loud = np.full(16_000, 900, dtype=np.int16)
    for leg in ("caller", "agent"):
        (folder / f"{leg}.wav").write_bytes(wav([loud], 8_000))
    text = "我叫张建国电话13800138000"
    async with database.write() as session:
        row = (await session.scalars(select(RecordingTable))).one()
        row.caller_path, row.agent_path = "caller.wav", "agent.wav"
        turn = TurnTable(
            position=0,
            leg="caller",
            start=0.0,
            end=1.0,
            text=text,
            said=text,
            confidence=0.9,
            words=[{"text": text, "start": 0.0, "end": 1.0}],
        )
        session.add(written(row, clock, turn))
        number = await session.scalar(select(Case.number).where(Case.call_id == "1.1"))
    bureau = await signed_in("lin", Role.BUREAU)
    mei = await signed_in("mei", Role.REVIEWER)
    for who, seen in ((bureau, "我叫【姓名】电话【电话】"), (mei, text)):
        panel = (await who.get(f"/tickets/{number}/panels/recording")).text
        assert seen in panel
        assert (text in panel) == (who is mei)
    for path, who, first in (
        ("/calls/1.1/recording.wav", mei, 900),
        ("/calls/1.1/recording.wav", bureau, 0),
        ("/calls/1.1/redacted.wav", bureau, 0),
    ):
        async with who.session.get(who.server.make_url(path)) as answer:
            caller = parse(await answer.read())[0].samples
        assert caller[4_000] == first
        assert caller[15_000] == 900
    exported = await bureau.get("/calls/1.1/redacted.txt")
    assert "我叫【姓名】电话【电话】" in exported.text
    wang = await signed_in("wang", Role.LAWYER, agent_id="wang")
    assert (await wang.get("/calls/1.1/redacted.txt")).status == 403
    async with database.read() as session:
        looks = await session.execute(
            select(AuditEntry.user_name, AuditEntry.action).where(AuditEntry.subject_id == number)
        )
        assert {tuple(row) for row in looks} >= {
            ("lin", "transcript.export"),
            ("lin", "recording.export"),
            ("mei", "recording.listen"),
        }
