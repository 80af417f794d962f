"""What is heard and recorded: silence while paused, both legs for who listens, the alarm."""

from __future__ import annotations

import asyncio
import wave
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from hotline.sipp import Await, Speak, Stay
from hotline.sipp.alaw import decode, encode
from hotline.talks.orders import Kind, Order, order
from hotline.talks.tables import CallOrderTable, EmergencyTable

CALLERS, LAWYERS = 440.0, 1000.0


def tone(frequency: float, seconds: float) -> bytes:
    times = np.arange(int(seconds * 8000)) / 8000
    return encode((np.sin(2 * np.pi * frequency * times) * 9000).astype(np.int16))


def loudness(samples: Any, frequency: float) -> float:
    """How much of a frequency there is."""
    if not len(samples):
        return 0.0
    times = np.arange(len(samples)) / 8000
    return float(abs(np.dot(samples, np.exp(-2j * np.pi * frequency * times))) / len(samples))


@pytest.fixture
def spoken(tmp_path: Path) -> Path:
    file = tmp_path / "caller.alaw"
    file.write_bytes(tone(CALLERS, 25))
    return file


async def supervisor_asks(home: Any, call_id: str, kind: str, reason: str = "") -> None:
    asked = Order(Kind(kind), call_id, "ban", "user:1:周班长", reason=reason)
    async with home.database.write() as session:
        number = await order(session, asked, datetime.now(UTC))

    async def done() -> Any:
        async with home.database.read() as session:
            row = await session.get(CallOrderTable, number)
        return row if row.done_at is not None else None

    row = await home.until(done, 10, kind)
    assert row.outcome == "done", row.words


async def test_listening_hears_both_and_a_paused_recording_is_silent(
    house: Any, somebody: Any, seat: Any, desk: Any, spoken: Path
) -> None:
    pause = asyncio.sleep
    home = await house([somebody("wang"), somebody("ban", wish="offline")])
    wang, ban = await seat(home, "wang"), await seat(home, "ban")
    await home.start_controller()
    await home.call("13800000001", Speak(spoken), Stay(40))
    lawyer = await wang.answered()
    at = await desk(home, "wang")
    talking = asyncio.create_task(lawyer.speak(tone(LAWYERS, 25)))
    await supervisor_asks(home, at.call_id, "listen", "质量检查")
    listener = await ban.answered()
    await pause(0.5)
    before = len(listener.heard)
    await pause(1.0)
    heard = decode(listener.heard[before:])
    assert loudness(heard, CALLERS) > 500
    assert loudness(heard, LAWYERS) > 500
    assert loudness(decode(lawyer.heard[-8000:]), CALLERS) > 500
    await at.does("pause_recording", reason="来电人报身份证号")
    await pause(2.0)
    await at.does("resume_recording")
    await pause(0.8)
    await at.does("hangup")
    talking.cancel()
    (call,) = await home.ended(1)
    assert "暂停录音：来电人报身份证号" in await home.words(call.id)
    assert "周班长监听：质量检查" in await home.words(call.id)
    for leg, frequency in (("caller", CALLERS), ("agent", LAWYERS)):
        with wave.open(str(home.settings.recordings / f"{call.id}-1.{leg}.wav")) as sound:
            samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
        blocks = [samples[n : n + 1600] for n in range(0, len(samples) - 1600, 1600)]
        loud = [loudness(block, frequency) > 300 for block in blocks]
        assert loud[2:6] == [True] * 4, f"{leg}: {loud}"
        quiet = "".join("#" if one else "." for one in loud)
        assert "........" in quiet, f"{leg} goes on while paused: {quiet}"
        assert quiet.rstrip(".").endswith("#"), f"{leg} does not come back: {quiet}"


async def test_a_cry_for_help_stays_on_the_line_until_it_is_seen(
    house: Any, somebody: Any, seat: Any, desk: Any
) -> None:
    home = await house([somebody("wang")])
    wang = await seat(home, "wang")
    await home.start_controller()
    caller = await home.call("13800000001", Await("over"), Stay(5))
    lawyer = await wang.answered()
    at = await desk(home, "wang")
    await at.does("emergency", reason="来电人扬言自杀")
    refused = await at.ask("hangup")
    assert refused.outcome == "refused"
    async with home.database.read() as session:
        (alarm,) = await session.scalars(select(EmergencyTable))
    assert (alarm.agent_id, alarm.reason, alarm.seen_at) == ("wang", "来电人扬言自杀", None)
    # By mistake, on the telephone: the caller waits, first of all, and is talked to again.
    await lawyer.hang_up()
    second = await wang.answered(2)
    await supervisor_asks(home, at.call_id, "emergency_seen")
    (call,) = await home.calls()
    assert call.priority == "emergency"
    await second.hang_up()
    await caller.release("over")
    (call,) = await home.ended(1)
    said = await home.words(call.id)
    assert "紧急求助未确认，接听人一方断开，来电人回到等候并排到最前" in said
    assert "周班长已确认紧急求助" in said
    async with home.database.read() as session:
        (alarm,) = await session.scalars(select(EmergencyTable))
    assert alarm.seen_by == "周班长"
