from __future__ import annotations

from datetime import UTC, datetime, timedelta

from transcripts.live.pauses import Mark, between
from transcripts.live.tables import LiveTurn

BEGUN = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def said(talk: int, start: float, text: str) -> LiveTurn:
    return LiveTurn(talk_id=talk, leg="agent", start=start, end=start + 1, text=text)


def mark(kind: str, after: float) -> Mark:
    return Mark(f"mark-{after}", kind, "", BEGUN + timedelta(seconds=after))


def test_pauses_stand_between_the_words_of_all_talks_of_a_call() -> None:
    turns = [said(1, 0, "您好"), said(1, 9, "请说"), said(2, 1, "我是李敏")]
    marks = [mark("recording_paused", 5), mark("recording_resumed", 20)]
    second = BEGUN + timedelta(seconds=30)
    both = between(turns, marks, {1: BEGUN, 2: second})
    assert [one.kind if isinstance(one, Mark) else one.text for one in both] == [
        "您好",
        "recording_paused",
        "请说",
        "recording_resumed",
        "我是李敏",
    ]
