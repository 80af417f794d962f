"""Scenes of a call's way through the waiting room."""

from __future__ import annotations

import asyncio
import wave
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from hotline.calls.tables import CallTable
from hotline.sipp import HangUp, Press, Ringing, Speak, Stay, Wait
from hotline.store import Outbox
from tests.acceptance.routing.home import Home


async def a_caller_talks_rates_and_leaves_a_ticket(home: Home) -> None:
    number = "13800000101"
    await home.talks("wang", 1.0)
    await home.talks("li")
    await home.call(number, Wait(2.0), Press("2"), Stay(20))
    call = await home.over(number, "answered")
    assert (call.agent_id, call.topic) == ("wang", "wages")
    assert call.satisfaction == 2
    assert call.solved is None
    assert call.answered_at is not None
    assert call.talk_ended_at is not None
    assert call.ended_at is not None
    assert call.started_at < call.answered_at < call.talk_ended_at < call.ended_at
    (offer,) = await home.offered("wang")
    assert (offer.outcome, offer.reason_code) == ("answered", "skilled")
    assert offer.ringing_at is not None
    words = await home.words(call.id)
    assert "劳动报酬专长律师有空，人员wang律师空闲" in words
    assert words[-1] == "通话结束"

    async def recording() -> Any:
        query = select(Outbox).where(Outbox.topic == "recording.ready", Outbox.key == call.id)
        async with home.database.read() as session:
            return await session.scalar(query)

    row = await home.until(recording, what="recording.ready")
    for leg in ("caller", "agent"):
        with wave.open(str(home.settings.recordings / row.payload[leg])) as sound:
            assert sound.getnframes() / sound.getframerate() > 0.5


async def who_does_not_answer_is_followed_by_the_next(home: Home) -> None:
    async def ignore(call: Ringing) -> None:
        await call.ended

    number = "13800000201"
    await home.answers("l02a", ignore)
    await home.talks("l02b")
    await home.call(number, Stay(30))
    call = await home.over(number, "answered")
    assert call.agent_id == "l02b"
    first, second = await home.offered("l02a", "l02b")
    assert (first.agent_id, first.outcome) == ("l02a", "missed")
    assert (second.agent_id, second.outcome) == ("l02b", "answered")
    assert first.ended_at is not None
    assert first.ended_at <= second.made_at
    assert home.rung["l02a"] == [number]


async def a_caller_who_hangs_up_stops_the_ringing(home: Home) -> None:
    ends: list[str] = []

    async def wait_for_end(call: Ringing) -> None:
        ends.append(await call.ended)

    number = "13800000301"
    await home.answers("l03", wait_for_end)
    await home.call_and_hang_up(number, after=1.5)
    await home.over(number, "abandoned")
    (offer,) = await home.offered("l03")
    assert offer.outcome == "cancelled"
    assert ends == ["cancelled"]


async def the_station_of_the_place_answers_where_no_lawyer_can(home: Home) -> None:
    number = "09306610411"
    await home.talks("l04")
    await home.talks("st04")
    await home.call(number, Stay(30))
    call = await home.over(number, "station")
    assert (call.agent_id, call.place) == ("st04", "qingshi")
    (offer,) = await home.offered("st04")
    assert offer.reason_code == "nobody_on_duty"
    assert offer.words == "没有婚姻家庭专长律师在岗，转本乡镇服务站；青石镇服务站空闲"


async def a_caller_whom_nobody_can_answer_leaves_a_message(home: Home) -> None:
    number = "13800000501"
    speech = Path(home.settings.home) / "speech.alaw"
    speech.write_bytes(bytes(range(256)) * 200)
    await home.call(number, Speak(speech), Wait(6.0), HangUp())
    call = await home.over(number, "voicemail")
    assert call.voicemail == f"{call.id}.message.wav"
    assert (home.settings.recordings / call.voicemail).exists()
    words = await home.words(call.id)
    assert any(word.endswith("请来电人留言，由值班人员回拨") for word in words)


async def a_telephone_that_is_not_there_is_not_offered_calls(home: Home) -> None:
    number = "13800000601"
    await home.talks("l06b")
    await home.call(number, Stay(30))
    call = await home.over(number, "answered")
    assert call.agent_id == "l06b"
    assert await home.offered("l06a") == []


async def a_long_wait_to_be_expected_widens_at_once(home: Home) -> None:
    first, second = "13800000801", "13800000802"
    gate = asyncio.Event()

    async def long_talk(call: Ringing) -> None:
        await call.answer()
        await gate.wait()
        await call.hang_up()

    await home.answers("l08a", long_talk)
    await home.talks("l08b")
    await home.call(first, Stay(60))
    await home.until(lambda: home.rang("l08a", first), 20, "the expert talks")
    await home.call(second, Stay(60))
    call = await home.over(second, "answered")
    gate.set()
    assert call.agent_id == "l08b"
    (offer,) = await home.offered("l08b")
    assert offer.reason_code == "widened"


async def nobody_is_overtaken_for_long(home: Home) -> None:
    talking, normal, old, late = "13800002701", "13800002702", "13800002761", "13800002762"
    gates = {number: asyncio.Event() for number in (talking, old)}

    async def lawyer(call: Ringing) -> None:
        await call.answer()
        if call.number in gates:
            await gates[call.number].wait()
        await call.hang_up()

    async def waits(number: str) -> CallTable:
        async def found() -> CallTable | None:
            calls = await home.calls()
            return next((c for c in calls if c.number == number and c.waiting_since), None)

        row: CallTable = await home.until(found, 20, f"{number} waits")
        return row

    await home.answers("l27", lawyer)
    await home.call(talking, Stay(60))
    await home.until(lambda: home.rang("l27", talking), 20, "the lawyer talks")
    await home.call(normal, Stay(60))
    await waits(normal)
    await home.call(old, Stay(60))
    assert (await waits(old)).priority == "elderly"
    gates[talking].set()
    await home.until(lambda: home.rang("l27", old), 20, "the elderly caller comes first")
    await home.call(late, Stay(60))
    since = (await waits(normal)).waiting_since
    await waits(late)

    async def too_long() -> bool:
        assert since is not None
        return home.seconds_since(since) > 10.5

    await home.until(too_long, 20, "the caller has waited for the longest time")
    gates[old].set()
    for number in (normal, late):
        await home.over(number, "answered")
    assert home.rung["l27"] == [talking, old, normal, late]


UNHELPED = "13800004001"


async def who_was_not_helped_need_not_listen_to_the_menu(home: Home) -> None:
    async def is_listed() -> bool:
        asked = f"database get HL_SKIP {UNHELPED}"
        return "unsolved" in await asyncio.to_thread(home.asterisk.console, asked)

    await home.until(is_listed, 20, "Asterisk's list has the number")


async def leave_unhelped(home: Home) -> None:
    """Let somebody have called in vain, before the controller comes up."""
    before = datetime.now(UTC) - timedelta(days=1)
    async with home.database.write() as session:
        session.add(
            CallTable(
                id="1.40",
                number=UNHELPED,
                agent_id="wang",
                solved=2,
                outcome="answered",
                started_at=before,
                answered_at=before,
                ended_at=before,
            )
        )


async def who_is_next_is_rung_without_a_question_and_for_one_caller_only(home: Home) -> None:
    """The second caller takes whom the controller laid out; of two who take one, one is sent on."""
    people = ("l33a", "l33b")
    for name in people:
        await home.talks(name, 2.0)
    await home.call("13800003301", Stay(20))
    await home.over("13800003301", "answered")

    async def globals_of(name: str) -> dict[str, str]:
        shown = await asyncio.to_thread(home.asterisk.console, "dialplan show globals")
        lines = [line.strip().partition("=") for line in shown.splitlines()]
        return {key: value for key, _, value in lines if key.startswith(name)}

    async def laid_out() -> tuple[str, str] | None:
        variable = f"HL_NEXT_{(await globals_of('HL_LIFE'))['HL_LIFE']}_s33_zh_"
        entries = (await globals_of(variable)).get(variable, "")
        return (variable, entries) if all(name in entries for name in people) else None

    await home.until(laid_out, 20, "both are laid out again")
    await home.call("13800003302", Stay(20))
    took = await home.over("13800003302", "answered")
    (offer,) = [offer for offer in await home.offered(*people) if offer.call_id == took.id]
    assert offer.id == f"n-{took.id}"
    assert (offer.reason_code, offer.outcome) == ("skilled", "answered")
    assert "律师空闲" in "".join(await home.words(took.id))

    variable, entries = await home.until(laid_out, 20, "both are laid out once more")
    twice = "|".join([entries.partition("|")[0]] * 2)
    await asyncio.to_thread(home.asterisk.console, f'dialplan set global {variable} "{twice}"')
    both = ("13800003303", "13800003304")
    await asyncio.gather(*(home.call(number, Stay(20)) for number in both))
    by = {(await home.over(number, "answered")).agent_id for number in both}
    assert by == set(people)
    rings = [number for name in people for number in home.rung[name] if number in both]
    assert sorted(rings) == sorted(both), "each rang at one telephone"
