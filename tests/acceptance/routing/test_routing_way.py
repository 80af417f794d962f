"""The way of a call through the waiting room, on a real Asterisk with real telephones."""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path
from typing import Any

from sqlalchemy import select

from hotline.sipp import HangUp, Press, Ringing, Speak, Stay, Wait
from hotline.store import Outbox


async def answer_and_talk(call: Ringing, seconds: float = 1.0) -> None:
    await call.answer()
    await asyncio.sleep(seconds)
    await call.hang_up()


async def never_answer(call: Ringing) -> None:
    await call.ended


async def test_a_caller_talks_rates_and_leaves_a_ticket(house: Any, somebody: Any) -> None:
    home = await house([somebody("wang"), somebody("li", skills={"marriage": 3})])
    await home.phone("wang", answer_and_talk)
    await home.phone("li", answer_and_talk)
    await home.start_controller()
    await home.call("13800000001", Wait(2.0), Press("2"), Stay(20))
    (call,) = await home.ended(1)
    assert (call.outcome, call.agent_id, call.topic) == ("answered", "wang", "wages")
    assert call.number == "13800000001"
    assert call.satisfaction == 2
    assert call.solved is None
    assert call.answered_at is not None
    assert call.talk_ended_at is not None
    assert call.started_at < call.answered_at < call.talk_ended_at < call.ended_at
    (offer,) = await home.offers()
    assert (offer.outcome, offer.reason_code) == ("answered", "skilled")
    assert offer.ringing_at is not None
    await home.one_ticket_each([call])
    words = await home.words(call.id)
    assert "劳动报酬专长律师有空，人员0律师空闲" in words
    assert words[-1] == "通话结束"

    async def recording() -> Any:
        async with home.database.read() as session:
            return await session.scalar(select(Outbox).where(Outbox.topic == "recording.ready"))

    row = await home.until(recording, what="recording.ready")
    assert row.key == call.id
    for leg in ("caller", "agent"):
        with wave.open(str(home.settings.recordings / row.payload[leg])) as sound:
            assert sound.getnframes() / sound.getframerate() > 0.5


async def test_who_does_not_answer_is_followed_by_the_next(house: Any, somebody: Any) -> None:
    home = await house([somebody("a"), somebody("b")])
    rung: list[str] = []

    async def ignore(call: Ringing) -> None:
        rung.append("a")
        await call.ended

    await home.phone("a", ignore)
    await home.phone("b", answer_and_talk)
    await home.start_controller()
    await home.call("13800000001", Stay(30))
    (call,) = await home.ended(1)
    assert (call.outcome, call.agent_id) == ("answered", "b")
    first, second = await home.offers()
    assert (first.agent_id, first.outcome) == ("a", "missed")
    assert (second.agent_id, second.outcome) == ("b", "answered")
    assert first.ended_at is not None
    assert first.ended_at <= second.made_at
    assert rung == ["a"]


async def test_a_caller_who_hangs_up_stops_the_ringing(house: Any, somebody: Any) -> None:
    home = await house([somebody("a")])
    ends: list[str] = []

    async def wait_for_end(call: Ringing) -> None:
        ends.append(await call.ended)

    await home.phone("a", wait_for_end)
    await home.start_controller()
    await home.call_and_hang_up("13800000001", after=1.5)
    (call,) = await home.ended(1)
    assert call.outcome == "abandoned"
    (offer,) = await home.offers()
    assert offer.outcome == "cancelled"
    assert ends == ["cancelled"]
    await home.one_ticket_each([call])


async def test_the_station_of_the_place_answers_where_no_lawyer_can(
    house: Any, somebody: Any
) -> None:
    home = await house(
        [
            somebody("lawyer", wish="paused"),
            somebody("qingshi", kind="station", place="qingshi", skills={}),
        ]
    )
    await home.phone("lawyer", answer_and_talk)
    await home.phone("qingshi", answer_and_talk)
    await home.start_controller()
    await home.call("09306610011", Stay(30))
    (call,) = await home.ended(1)
    assert (call.outcome, call.agent_id, call.place) == ("station", "qingshi", "qingshi")
    (offer,) = await home.offers()
    assert offer.reason_code == "nobody_on_duty"
    assert offer.words == "没有劳动报酬专长律师在岗，转本乡镇服务站；人员1空闲"


async def test_a_caller_whom_nobody_can_answer_leaves_a_message(
    house: Any, somebody: Any, tmp_path: Path
) -> None:
    policy = (
        "version: 1\nladder:\n  - {after: 0, to: lawyers}\n  - {after: 2, to: voicemail}\n"
        "priorities: {normal: {name: 普通}}\ncallback: {enabled: false}\n"
    )
    home = await house([somebody("a", wish="offline")], policy)
    await home.start_controller()
    speech = tmp_path / "speech.alaw"
    speech.write_bytes(bytes(range(256)) * 200)
    await home.call("13800000001", Speak(speech), Wait(6.0), HangUp())
    (call,) = await home.ended(1)
    assert call.outcome == "voicemail"
    assert call.voicemail == f"{call.id}.message.wav"
    assert (home.settings.recordings / call.voicemail).exists()
    words = await home.words(call.id)
    assert any(word.endswith("请来电人留言，由值班人员回拨") for word in words)
    await home.one_ticket_each([call])


async def test_a_telephone_that_is_not_there_is_not_offered_calls(
    house: Any, somebody: Any
) -> None:
    home = await house([somebody("gone"), somebody("here")])
    await home.phone("here", answer_and_talk)
    await home.start_controller()
    await home.call("13800000001", Stay(30))
    (call,) = await home.ended(1)
    assert call.agent_id == "here"
    assert [offer.agent_id for offer in await home.offers()] == ["here"]
