"""A call whose answer was never told is put right by Asterisk's own journal."""

from __future__ import annotations

from hotline.calls import reconcile
from hotline.calls.tables import CallTable
from hotline.clock import ManualClock
from hotline.store import Database


async def test_only_a_call_kept_as_abandoned_is_told_anew(
    database: Database, clock: ManualClock
) -> None:
    now = clock.now()
    async with database.write() as session:
        for call_id, outcome, ended in (
            ("1.1", "abandoned", now),
            ("1.2", "answered", now),
            ("1.3", "voicemail", now),
            ("1.4", None, None),
        ):
            session.add(
                CallTable(id=call_id, number="138", started_at=now, outcome=outcome, ended_at=ended)
            )
    ids = ["1.1", "1.2", "1.3", "1.4"]
    async with database.read() as session:
        kept, over = await reconcile.unfinished(session, ids, {"1.1", "1.2", "1.3"})
        assert set(kept) == {"1.1", "1.4"}
        assert over == {"1.2", "1.3"}
        kept, over = await reconcile.unfinished(session, ids)
        assert set(kept) == {"1.4"}
