"""A real call on a real Asterisk is heard while it goes on."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import hotline.store.schema  # noqa: F401 - knows every package's tables
from hotline.clock import SystemClock
from hotline.sipp import Await, Ringing, Speak, Stay
from hotline.sipp.alaw import encode
from knowledge_base.cards import load_cards
from tests.acceptance.house import House, Somebody, opened_house
from tests.acceptance.live.speaking import Told, speak
from tests.acceptance.live.test_live_help import LINES
from transcripts.live.hints import Desk
from transcripts.live.tap import LISTENING
from transcripts.live.worker import LiveHelp
from transcripts.recognisers.models import SHIPPED, open_folder
from transcripts.scoring.scorecard import load_scorecard
from transcripts.scoring.scorer import Knowledge
from transcripts.turns import Leg


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    async with opened_house(tmp_path / "home", [Somebody("wang")]) as opened:
        yield opened


async def test_both_legs_of_a_real_call_are_heard_within_two_seconds(
    home: House, tmp_path: Path
) -> None:
    talk, told = speak(LINES), Told()
    tracks = {leg: tmp_path / f"{leg}.al" for leg in Leg}
    for leg, file in tracks.items():
        file.write_bytes(encode(talk.legs[leg]))
    answered = asyncio.Event()
    begun = 0.0

    async def answer_and_speak(call: Ringing) -> None:
        nonlocal begun
        await call.answer()
        begun = time.time()
        answered.set()
        await call.speak(tracks[Leg.AGENT].read_bytes())
        await call.hang_up()

    async def desk() -> Desk:
        return Desk(Knowledge(load_cards()), load_scorecard())

    recogniser = open_folder(SHIPPED)
    worker = asyncio.create_task(
        LiveHelp(
            home.database, SystemClock(), home.settings.recordings, lambda: recogniser, desk
        ).run()
    )
    listening = asyncio.create_task(told.follow(home.database))
    try:

        async def ready() -> bool:
            return (home.settings.recordings / "live" / LISTENING).exists()

        await home.until(ready, what="live help listens")
        await home.phone("wang", answer_and_speak)
        await home.start_controller()
        call = await home.call("13800000001", Await("talk"), Speak(tracks[Leg.CALLER]), Stay(30))
        await answered.wait()
        await call.release("talk")

        async def over() -> bool:
            return bool(told.words) and bool(told.words[-1][1]["ended"])

        await home.until(over, what="the talk is over")
    finally:
        for task in (worker, listening):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await worker
    (row,) = await home.calls()
    assert "把我辞退了" in told.said(Leg.CALLER, row.id)
    assert "时效是2年" in told.said(Leg.AGENT, row.id)
    assert {words["agent_id"] for _, words in told.words} == {"wang"}
    # Who began to speak when is known to a tenth of a second here; the last word counts.
    wrong = next(at for at, words in told.words if "2年" in str(words) or "两年" in str(words))
    assert wrong - begun - talk.ends[1] <= 2.0
    assert "card:written-contract" in {key for _, hint in told.hints for key in hint["keys"]}
    assert not list((home.settings.recordings / "live").glob("*.sln48"))
