"""What is heard and recorded: who hears whom, silence while paused, the alarm, the long talk."""

from __future__ import annotations

import asyncio

import numpy as np
from sqlalchemy import select

from agents.people import wish
from hotline.asterisk.music import warning
from hotline.routing.people import Wish
from hotline.routing.tables import PresenceWishTable
from hotline.sipp import alaw
from hotline.talks.tables import EmergencyTable
from tests.acceptance.sounds import (
    CALLER,
    GREETING,
    LAWYER,
    LOST,
    SUPERVISOR,
    heard_by,
    is_in,
    likeness,
    sounding,
)
from tests.acceptance.talks.acting import Scene, now
from tests.acceptance.talks.stage import scene, somebody


@scene(somebody("tang"), somebody("ban1", wish="offline"), alone=True)
async def test_a_supervisor_listens_whispers_and_barges_in(s: Scene) -> None:
    tang, ban = await s.seat("tang"), await s.seat("ban1")
    call_id, caller = await s.call()
    tangs = await tang.answered()
    await s.desk("tang", call_id)
    boss = s.supervisor("ban1", call_id)
    await boss.does("listen", reason="服务质量检查")
    bosses = await ban.answered()
    await s.pause(0.5)
    assert await heard_by(caller, CALLER, bosses, tangs) == (True, True)
    assert await heard_by(tangs, LAWYER, bosses, caller) == (True, True)
    assert await heard_by(bosses, SUPERVISOR, tangs, caller) == (False, False)
    # The telephone is at the ear: it changes what it does, and each step has its own reason.
    assert await boss.does("whisper", reason="新律师带教") == "话机已切换为耳语"
    await s.pause(0.5)
    assert await heard_by(bosses, GREETING, tangs, caller) == (True, False)
    assert await heard_by(caller, CALLER, bosses, tangs) == (True, True)
    assert await boss.does("barge", reason="值班律师请求协助") == "话机已切换为强插"
    await s.pause(0.5)
    assert await heard_by(bosses, SUPERVISOR, tangs, caller) == (True, True)
    assert await heard_by(caller, CALLER, bosses, tangs) == (True, True)
    assert len(ban.calls) == 1
    assert "已经在" in await boss.refuses("barge", reason="值班律师请求协助")
    await bosses.hang_up()
    await s.says(call_id, "周班长（班长）离开通话")
    assert await heard_by(caller, CALLER, tangs) == (True,)
    await tangs.hang_up()
    await caller.hang_up()
    await s.over(call_id)
    said = await s.home.words(call_id)
    assert "周班长监听：服务质量检查" in said
    assert "周班长耳语：新律师带教" in said
    assert "周班长强插：值班律师请求协助" in said
    ready = await s.recording(call_id)
    # What is whispered is between the two; what is said to the caller is on the record.
    assert await s.holds(ready["agent"], LAWYER)
    assert await s.holds(ready["caller"], CALLER)
    for side in ("agent", "caller"):
        assert not await s.holds(ready[side], GREETING)


@scene(somebody("gu"), somebody("ding"), somebody("ban3", wish="offline"))
async def test_who_listens_follows_the_talk_and_whispers_beside_a_dead_line(s: Scene) -> None:
    gu, ding, ban = await s.seat("gu"), await s.seat("ding"), await s.seat("ban3")
    call_id, caller = await s.call()
    gus = await gu.answered()
    at = await s.desk("gu", call_id)
    boss = s.supervisor("ban3", call_id)
    # Nothing comes from the caller's line any more: what is whispered is heard all the same.
    await boss.does("whisper", reason="新律师带教")
    bosses = await ban.answered()
    await s.pause(0.5)
    assert caller.audio is not None
    caller.audio.quiet = True
    assert await heard_by(bosses, GREETING, gus, caller) == (True, False)
    caller.audio.quiet = False
    # The talk changes hands; the telephone stays at the ear and hears who leads it now.
    await at.does("conference", "agent:ding")
    dings = await ding.answered()
    await at.until_third_talks()
    await at.does("handover")
    await s.leads(call_id, "ding")
    assert await gus.ended == "peer"
    await s.tells(f"通话已由{s.who('ding')}接手，耳语继续")
    await s.pause(0.5)
    assert await heard_by(dings, LAWYER, bosses, caller) == (True, True)
    assert await heard_by(bosses, SUPERVISOR, dings, caller) == (True, False)
    assert len(ban.calls) == 1
    await dings.hang_up()
    assert await bosses.ended == "peer"
    await s.tells(f"{s.who('ding')}的这段通话已结束或转出，耳语结束")
    await caller.hang_up()
    await s.over(call_id)


@scene(somebody("bai"))
async def test_a_paused_recording_is_silent_in_both_copies(s: Scene) -> None:
    bai = await s.seat("bai")
    s.live_help_listens()
    call_id, caller = await s.call()
    bais = await bai.answered()
    at = await s.desk("bai", call_id)
    await heard_by(caller, CALLER, bais)
    await at.does("pause_recording", reason="来电人报身份证号")
    assert await heard_by(caller, SUPERVISOR, bais) == (True,)
    assert await heard_by(bais, SUPERVISOR, caller) == (True,)
    # Into the room and back: what goes on recording stays silent.
    await at.does("hold")
    await at.does("unhold")
    assert await heard_by(caller, SUPERVISOR, bais) == (True,)
    await at.does("resume_recording")
    await heard_by(bais, LAWYER, caller)
    await bais.hang_up()
    await caller.hang_up()
    await s.over(call_id)
    assert "暂停录音：来电人报身份证号" in await s.home.words(call_id)
    ready = await s.recording(call_id)
    live = s.home.settings.recordings / "live"
    for side, sound in (("caller", CALLER), ("agent", LAWYER)):
        assert await s.holds(ready[side], sound)
        assert not await s.holds(ready[side], SUPERVISOR)
        copy = np.frombuffer((live / f"{call_id}-1.{side}.sln48").read_bytes(), np.int16)[::6]
        assert await is_in(copy, sound)
        assert not await is_in(copy, SUPERVISOR)


@scene(somebody("xie"), alone=True)
async def test_who_talks_long_is_told_by_a_tone_that_the_caller_does_not_hear(s: Scene) -> None:
    xie = await s.seat("xie")
    call_id, caller = await s.call()
    xies = await xie.answered()
    await s.desk("xie", call_id)
    mine, theirs = len(xies.heard), len(caller.heard)
    await s.says(call_id, "通话已满 0.05 分钟，提醒坐席")

    async def heard() -> bool:
        like = await asyncio.to_thread(likeness, alaw.decode(xies.heard[mine:]), warning())
        return like > 0.5

    await s.home.until(heard, 6, "the tone")
    assert await asyncio.to_thread(likeness, alaw.decode(caller.heard[theirs:]), warning()) < 0.2
    await xies.hang_up()
    await caller.hang_up()
    await s.over(call_id)
    ready = await s.recording(call_id)
    assert not await s.holds(ready["agent"], warning())


@scene(somebody("fei"), somebody("ban2", wish="offline"))
async def test_a_cry_for_help_is_silent_and_nobody_who_cried_is_left(s: Scene) -> None:
    fei, ban = await s.seat("fei"), await s.seat("ban2")
    call_id, caller = await s.call()
    feis = await fei.answered()
    at = await s.desk("fei", call_id)
    before = len(caller.heard), len(feis.heard)
    await at.does("emergency", reason="来电人扬言自杀")
    await s.pause(0.8)
    assert sounding(caller.heard[before[0] :]) < 50, "the caller heard something of it"
    async with s.home.database.read() as session:
        alarm = await session.get_one(EmergencyTable, call_id)
    assert (alarm.agent_id, alarm.reason, alarm.seen_at) == ("fei", "来电人扬言自杀", None)
    await at.refuses("hangup")
    # By mistake, on the telephone: the caller waits, first of all, and is talked to again.
    told = len(caller.heard)
    await feis.hang_up()
    second = await fei.answered(2)
    await s.desk("fei", call_id)
    assert await is_in(alaw.decode(caller.heard[told:]), LOST)
    assert (await s.row(call_id)).priority == "emergency"
    boss = s.supervisor("ban2", call_id)
    await boss.does("barge", reason="紧急求助，保护生命安全")
    bosses = await ban.answered()
    await at.until_third_talks()
    # The lawyer's telephone dies; the supervisor goes on with the caller, and is recorded.
    await second.hang_up()
    await s.leads(call_id, "ban2")
    await s.recorded(f"{call_id}-c1")
    assert await heard_by(bosses, SUPERVISOR, caller) == (True,)
    assert await heard_by(caller, CALLER, bosses) == (True,)
    await boss.does("emergency_seen")
    await bosses.hang_up()
    await caller.hang_up()
    call = await s.over(call_id)
    assert call.agent_id == "ban2"
    said = await s.home.words(call_id)
    assert "紧急求助未确认，接听人一方断开，来电人回到等候并排到最前" in said
    assert "周班长已确认紧急求助" in said
    ready = await s.recording(call_id)
    assert await s.holds(ready["agent"], SUPERVISOR)
    async with s.home.database.read() as session:
        alarm = await session.get_one(EmergencyTable, call_id)
    assert alarm.seen_by == "周班长"


@scene(somebody("wei", wish="offline"), somebody("wen", skills={}))
async def test_a_waiting_caller_is_moved_and_a_state_is_forced(s: Scene) -> None:
    wei, wen = await s.seat("wei"), await s.seat("wen")
    first_id, first = await s.call()
    second_id, second = await s.call()
    for call_id in (first_id, second_id):
        await s.says(call_id, "进入等候")
    boss = s.supervisor("ban", second_id)
    assert "不空闲" in await boss.refuses("move", "agent:wei", "律师已到岗")
    await boss.does("move", "agent:wen", "就近先接")
    await wen.answered()
    await s.leads(second_id, "wen")
    assert f"周班长将来电调整到{s.who('wen')}：就近先接" in await s.home.words(second_id)
    third_id, third = await s.call()
    await s.says(third_id, "进入等候")
    await s.supervisor("ban", third_id).does("move", "front", "来电人情绪激动")
    # The lawyer forgot to sign in; the supervisor does it, and the first in line is now the third.
    async with s.home.database.write() as session:
        await wish(session, "wei", Wish.READY, by="user:1", now=now())
    await wei.answered()
    await s.leads(third_id, "wei")
    async with s.home.database.write() as session:
        await wish(session, "wei", Wish.PAUSED, reason="班长要求", by="user:1", now=now())

    async def taken() -> bool:
        async with s.home.database.read() as session:
            asked = select(PresenceWishTable).where(PresenceWishTable.agent_id == "wei")
            return await session.scalar(asked) is None

    await s.home.until(taken, 10, "the controller has heard of it")
    await wei.call.hang_up()
    await third.hang_up()
    await s.over(third_id)

    async def paused() -> bool:
        found = await s.home.presence("wei")
        return (found.state, found.reason) == ("paused", "班长要求")

    await s.home.until(paused, 10, "wei is paused")
    assert not (await s.row(first_id)).answered_at, "a paused lawyer was rung"
    for one in (first, second):
        await one.hang_up()
    await s.over(first_id)
    await s.over(second_id)
