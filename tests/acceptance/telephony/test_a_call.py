import asyncio
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hotline.ami import Link, Mailbox, events
from hotline.asterisk import Asterisk, journal
from hotline.sipp import Await, Caller, HangUp, Press, Ringing, Sipp, Speak, Stay, Wait, alaw
from tests.acceptance.sounds import likeness

from ..conftest import Register, sip_address  # noqa: TID252


def chirp(low: float, high: float, seconds: float) -> NDArray[np.int16]:
    """A sound that resembles itself at one place only."""
    times = np.arange(int(seconds * alaw.RATE)) / alaw.RATE
    phase = 2 * np.pi * (low * times + (high - low) * times**2 / (2 * seconds))
    return (np.sin(phase) * 9000).astype(np.int16)


def leg(file: Path) -> NDArray[np.int16]:
    with wave.open(str(file), "rb") as recording:
        assert recording.getframerate() == alaw.RATE
        return np.frombuffer(recording.readframes(recording.getnframes()), np.int16)


async def until(mailbox: Mailbox, kind: type[events.Event], **wanted: object) -> events.Event:
    async with asyncio.timeout(15):
        while True:
            event = await mailbox.get()
            if isinstance(event, kind) and all(getattr(event, k) == v for k, v in wanted.items()):
                return event


async def test_caller_and_lawyer_hear_each_other_and_both_legs_are_recorded(  # noqa: PLR0917
    bare_asterisk: Asterisk,
    callers: Sipp,
    phone: Register,
    link: Link,
    mailbox: Mailbox,
    tmp_path: Path,
) -> None:
    question, answer = chirp(400, 1500, 2), chirp(2400, 900, 2)
    (tmp_path / "question.al").write_bytes(alaw.encode(question))
    answered: list[Ringing] = []
    said = asyncio.Event()

    async def lawyer(call: Ringing) -> None:
        await call.answer()
        answered.append(call)
        await call.speak(alaw.encode(answer))
        await said.wait()
        await call.hang_up()

    await phone("lawyer1", lawyer)
    steps = [Await("talk"), Speak(tmp_path / "question.al"), Wait(2.5), Await("said")]
    call = await callers.start(
        Caller(
            "13800138000",
            [*steps, Wait(0.5), Press("1"), Stay(10)],
            dialled="diallawyer1",
            name="张三丰",
        )
    )
    enter = await until(mailbox, events.BridgeEnter, members=2)
    await call.release("talk")
    await call.release("said")
    said.set()
    key = await until(mailbox, events.UserEvent, name="SurveyKey")
    ended = await call.finished()

    assert ended.check().hung_up_by_peer
    assert isinstance(enter, events.BridgeEnter)
    assert isinstance(key, events.UserEvent)
    assert key.fields["Key"] == "1"
    assert key.channel is not None
    assert key.channel.number == "13800138000"
    assert key.channel.caller_name == "张三丰"
    assert key.channel.variables["HL_CALL"] == key.channel.uniqueid
    assert likeness(alaw.decode(answered[0].heard), question) > 0.95
    folder = bare_asterisk.layout.recordings
    caller_leg, agent_leg = (
        leg(folder / f"{key.channel.uniqueid}-{name}.wav") for name in ("caller", "agent")
    )
    assert likeness(caller_leg, question) > 0.95
    assert likeness(agent_leg, answer) > 0.95
    assert likeness(caller_leg, answer) < 0.3


async def test_the_journal_tells_of_a_call_that_no_controller_saw(
    bare_asterisk: Asterisk, callers: Sipp, phone: Register
) -> None:
    async def lawyer(call: Ringing) -> None:
        await call.answer()
        await call.hang_up()

    await phone("lawyer2", lawyer)
    file = bare_asterisk.layout.journal
    before = journal.read(file).offset
    ended = await callers.run(Caller("13800138001", [Wait(1), Press("2"), Stay(10)], "diallawyer2"))
    assert ended.check().hung_up_by_peer
    async with asyncio.timeout(5):
        while not any(line["hl_outcome"] for line in journal.read(file, before).lines):
            await asyncio.sleep(0.05)
    lines = journal.read(file, before).lines
    assert {line["uniqueid"] for line in lines} == {lines[0]["hl_call"]}


async def test_a_lawyer_who_does_not_answer_is_told_as_no_answer(
    callers: Sipp, phone: Register, link: Link, mailbox: Mailbox
) -> None:
    cancelled = asyncio.Event()

    async def lawyer(call: Ringing) -> None:
        assert await call.ended == "cancelled"
        cancelled.set()

    await phone("lawyer3", lawyer)
    call = await callers.start(Caller("13800138002", [Wait(1), HangUp()], "diallawyer3"))
    ended = await until(mailbox, events.DialEnd)
    assert isinstance(ended, events.DialEnd)
    assert ended.status == "CANCEL"
    assert ended.called.endpoint == "PJSIP/lawyer3"
    (await call.finished()).check()
    await asyncio.wait_for(cancelled.wait(), 5)


async def test_a_caller_who_gives_up_in_the_middle_of_the_script_hangs_up_with_a_bye(
    callers: Sipp, link: Link, mailbox: Mailbox
) -> None:
    call = await callers.start(Caller("13800138003", [Wait(30), HangUp()], "music"))
    await asyncio.wait_for(call.answered.wait(), 10)
    await call.hang_up()
    gone = await until(mailbox, events.Hangup)
    assert isinstance(gone, events.Hangup)
    assert gone.channel.endpoint == "PJSIP/trunk"


async def test_music_on_hold_is_heard_and_is_no_silence(
    bare_asterisk: Asterisk, link: Link, mailbox: Mailbox, phone: Register
) -> None:
    from hotline.ami import actions

    heard: list[bytes] = []
    enough = asyncio.Event()

    async def lawyer(call: Ringing) -> None:
        await call.answer()
        await asyncio.sleep(1.5)
        heard.append(call.heard)
        enough.set()
        await call.hang_up()

    await phone("lawyer4", lawyer)
    ended = await link.originate(actions.Originate("PJSIP/lawyer4", "arrived", "music"))
    assert ended.ok
    assert ended.reason == 4
    await asyncio.wait_for(enough.wait(), 5)
    loudness = np.sqrt(np.mean(alaw.decode(heard[0]).astype(float) ** 2))
    assert 200 < loudness < 6000


async def test_the_plain_queue_finds_a_registered_phone(callers: Sipp, phone: Register) -> None:
    rung = asyncio.Event()

    async def lawyer(call: Ringing) -> None:
        await call.answer()
        rung.set()
        await call.hang_up()

    await phone("station1", lawyer)
    ended = await callers.run(Caller("13800138004", [Stay(10)], "queue"))
    assert ended.check().hung_up_by_peer
    assert rung.is_set()


async def test_a_wrong_secret_registers_no_phone(bare_asterisk: Asterisk) -> None:
    from hotline.sipp import Account, Phone, RegistrationError

    async def nobody(call: Ringing) -> None:
        raise AssertionError

    stranger = Phone(Account("lawyer5", "not-the-secret", sip_address(bare_asterisk)), nobody)
    with pytest.raises(RegistrationError):
        await stranger.start()
    stranger.vanish()
