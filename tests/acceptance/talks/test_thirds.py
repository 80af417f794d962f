"""Consult, three-way talk and handing on, with real telephones; the survey still comes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from hotline.sipp import alaw
from hotline.talks.orders import Kind, Order, order
from hotline.talks.state import as_third
from hotline.talks.tables import DialledTable
from tests.acceptance.sounds import CALLER, GREETING, LAWYER, THIRD, heard_by, is_in
from tests.acceptance.talks.acting import Scene
from tests.acceptance.talks.stage import scene, somebody

from .coming_back import comes_back


@scene(somebody("wang"), somebody("li"))
async def test_the_caller_stays_with_the_third_and_still_rates(s: Scene) -> None:
    wang, li = await s.seat("wang"), await s.seat("li")
    call_id, caller = await s.call()
    wangs = await wang.answered()
    at = await s.desk("wang", call_id)
    await at.does("consult", "agent:li")
    lis = await li.answered()
    await at.until_third_talks()
    state = await at.state()
    assert state["consulting"]
    assert state["parties"][0]["state"] == "held"
    assert await heard_by(wangs, LAWYER, lis, caller) == (True, False)
    await at.does("join")
    await s.pause(0.5)
    assert await heard_by(lis, THIRD, wangs, caller) == (True, True)
    await wangs.hang_up()
    await s.leads(call_id, "li")
    assert await heard_by(lis, THIRD, caller) == (True,)
    assert await heard_by(caller, CALLER, lis) == (True,)
    await lis.hang_up()
    await s.pause(0.5)
    await caller.press("2")
    call = await s.over(call_id)
    assert (call.outcome, call.agent_id, call.satisfaction) == ("answered", "li", 2)
    said = await s.home.words(call_id)
    assert f"{s.who('wang')}移交给{s.who('li')}后离开" in said
    assert f"{s.who('li')}接入" in said
    ready = await s.recording(call_id)
    assert [piece["name"] for piece in ready["pieces"]] == [f"{call_id}-1", f"{call_id}-c1"]
    assert (s.home.settings.recordings / ready["agent"]).exists()


@scene(somebody("chen"), somebody("zhou"))
async def test_who_is_consulted_sees_the_talk_and_may_leave_it(s: Scene) -> None:
    chen, zhou = await s.seat("chen"), await s.seat("zhou")
    call_id, caller = await s.call()
    await chen.answered()
    at = await s.desk("chen", call_id)
    await at.does("consult", "agent:zhou")
    zhous = await zhou.answered()
    await at.until_third_talks()
    seen = as_third(await at.state(), "zhou")
    assert seen is not None
    assert (seen["call_id"], seen["third"], seen["asked_by"]) == (call_id, "p1", s.who("chen"))
    assert seen["can"] == ["hangup"]
    second = await s.desk("chen", call_id)
    second.agent_id = second.by = "zhou"
    assert "只能退出" in await second.refuses("hold")
    assert await second.does("hangup") == f"{s.who('zhou')}离开通话"
    assert await zhous.ended == "peer"
    assert not chen.call.ended.done()
    await s.is_free("zhou")
    await at.does("unhold")
    await at.does("hangup")
    await caller.hang_up()
    await s.over(call_id)


@scene(somebody("sun"), somebody("hexi", kind="station", place="hexi"))
async def test_held_music_and_handing_over_to_a_station_blindly(s: Scene) -> None:
    sun, hexi = await s.seat("sun"), await s.seat("hexi")
    call_id, caller = await s.call()
    suns = await sun.answered()
    at = await s.desk("sun", call_id)
    await at.does("hold")
    assert (await at.state())["held"]
    assert await heard_by(suns, LAWYER, caller) == (False,)
    assert (await at.ask("hold")).words == "来电人已在保持中"
    await at.does("unhold")
    await at.does("transfer", "agent:hexi", "要就近办理")
    stations = await hexi.answered()
    assert await suns.ended == "peer"
    await s.pause(0.7)
    await stations.hang_up()
    await s.pause(0.5)
    await caller.press("1")
    call = await s.over(call_id)
    assert (call.outcome, call.agent_id, call.satisfaction) == ("station", "hexi", 1)
    first, second = [o for o in await s.home.offers() if o.call_id == call_id]
    assert (first.agent_id, second.agent_id) == ("sun", "hexi")
    assert second.words.endswith(f"由人指定转给{s.who('hexi')}")
    assert f"转接给{s.who('hexi')}：要就近办理" in await s.home.words(call_id)
    assert await at.refuses("hold") == "这个通话不在您的坐席上，或者已经结束"


@scene(somebody("ma"), somebody("roam"), mobiles=["roam"])
async def test_a_mobile_is_handed_a_caller_only_by_its_key(s: Scene) -> None:
    ma = await s.seat("ma")
    mobile = await s.mobile("roam")
    call_id, caller = await s.call()
    await ma.answered()
    at = await s.desk("ma", call_id)
    # A mailbox picks up, says its sentence and presses nothing.
    await at.does("consult", "agent:roam")
    mailbox = await s.outside.answers(mobile)
    await s.pause(0.5)
    assert (await at.state())["parties"][2]["state"] == "ringing"
    await at.does("back")
    assert await mailbox.ended == "peer"
    await s.is_free("roam")
    await at.does("conference", "agent:roam")
    roams = await s.outside.answers(mobile)
    await s.pause(0.3)
    assert await heard_by(roams, THIRD, ma.call, caller) == (False, False)
    await roams.press("1")
    await at.until_third_talks()
    assert await heard_by(roams, THIRD, ma.call, caller) == (True, True)
    await at.does("drop", "party:p2")
    assert await roams.ended == "peer"
    await s.is_free("roam")
    await at.does("transfer", "agent:roam")
    last = await s.outside.answers(mobile)
    await s.pause(0.3)
    await last.press("1")
    await s.leads(call_id, "roam")
    assert await heard_by(caller, CALLER, last) == (True,)
    await last.hang_up()
    await caller.hang_up()
    call = await s.over(call_id)
    assert (call.outcome, call.agent_id) == ("answered", "roam")


@scene(somebody("gao"))
async def test_an_outside_body_joins_goes_on_alone_and_is_not_recorded(s: Scene) -> None:
    gao = await s.seat("gao")
    call_id, caller = await s.call()
    gaos = await gao.answered()
    at = await s.desk("gao", call_id)
    await at.refuses("consult", "outside:999")
    await at.does("conference", "outside:110")
    officer = await s.outside.answers("110")
    await at.until_third_talks()
    assert await heard_by(officer, THIRD, gaos, caller) == (True, True)
    await at.does("handover")
    assert await gaos.ended == "peer"
    await s.pause(0.5)
    assert await heard_by(officer, THIRD, caller) == (True,)
    await s.is_free("gao")
    await officer.hang_up()
    await s.pause(0.5)
    await caller.press("3")
    call = await s.over(call_id)
    assert (call.outcome, call.agent_id, call.satisfaction) == ("answered", "gao", 3)
    sentence = "本热线人员已离开，录音到此为止；来电人与110 公安报警的通话不录音"
    assert sentence in await s.home.words(call_id)
    assert (await s.recording(call_id))["agent"] == f"{call_id}-1.agent.wav"
    assert len(list(s.home.settings.recordings.glob(f"{call_id}*.agent.wav"))) == 1


@scene(somebody("long"))
async def test_an_outside_body_that_is_busy_gives_the_caller_back(s: Scene) -> None:
    long = await s.seat("long")
    call_id, caller = await s.call()
    longs = await long.answered()
    at = await s.desk("long", call_id)
    await at.does("transfer", "outside:120", "胸痛")
    ambulance = await s.outside.rings("120")
    assert await longs.ended == "peer"
    ambulance.reject()
    await s.says(call_id, "120 医疗急救没有接通，来电人回到等候")
    # Who knows the matter is free again, and is rung first.
    again = await long.answered(2)
    at = await s.desk("long", call_id)
    assert await heard_by(caller, CALLER, again) == (True,)
    await at.does("transfer", "outside:120")
    doctor = await s.outside.answers("120")
    assert await again.ended == "peer"
    await s.pause(0.3)
    assert await heard_by(doctor, THIRD, caller) == (True,)
    assert await heard_by(caller, CALLER, doctor) == (True,)
    await doctor.hang_up()
    await s.pause(0.5)
    await caller.press("2")
    call = await s.over(call_id)
    assert (call.agent_id, call.satisfaction) == ("long", 2)
    said = await s.home.words(call_id)
    assert said.count("本热线人员已离开，录音到此为止；来电人与120 医疗急救的通话不录音") == 2


@scene(somebody("he"), somebody("hedong", kind="station", place="hedong"))
async def test_a_click_rings_the_own_telephone_and_then_the_number(s: Scene) -> None:
    await asyncio.gather(*(_click(s, name) for name in ("he", "hedong")))


async def _click(s: Scene, name: str) -> None:
    he = await s.seat(name)
    number = s.stage.number()
    async with s.home.database.write() as session:
        asked = Order(Kind.DIAL, "", name, name, f"number:{number}")
        dial_id = f"dial-{await order(session, asked, datetime.now(UTC))}"
        session.add(
            DialledTable(
                id=dial_id,
                agent_id=name,
                number=number,
                case_id=None,
                started_at=datetime.now(UTC),
                status="",
                seconds=0,
            )
        )
    own = await he.answered()
    called = await s.outside.answers(number)
    assert called.number == "12348", "the lawyer's own number is nobody's business"
    await s.pause(1.2)
    assert await is_in(alaw.decode(called.heard), GREETING)
    assert not await is_in(alaw.decode(own.heard), GREETING)
    assert await heard_by(called, CALLER, own) == (True,)
    assert await heard_by(own, LAWYER, called) == (True,)
    await own.hang_up()

    async def kept() -> DialledTable | None:
        async with s.home.database.read() as session:
            row = await session.get(DialledTable, dial_id)
        return row if row is not None and row.ended_at is not None else None

    row = await s.home.until(kept, 10, "the call is kept")
    assert (row.status, row.seconds >= 1) == ("ANSWER", True)
    ready = await s.recording(dial_id)
    assert await s.holds(ready["caller"], CALLER)
    assert not await s.holds(ready["caller"], LAWYER)
    assert await s.holds(ready["agent"], LAWYER)


@scene(somebody("away"), mobiles=["away"])
async def test_a_mailbox_that_picks_up_for_who_dials_dials_nobody(s: Scene) -> None:
    async with s.home.database.write() as session:
        asked = Order(Kind.DIAL, "", "away", "away", "number:13900000001")
        await order(session, asked, datetime.now(UTC))
    mailbox = await s.outside.answers(await s.mobile("away"))
    await s.pause(0.5)
    assert not s.outside.is_rung("13900000001")
    await s.is_free("away", "busy")
    await mailbox.hang_up()
    await s.is_free("away")


@scene(somebody("deng"), somebody("fang"))
async def test_a_page_loaded_anew_in_a_conference_gets_its_person_back(s: Scene) -> None:
    deng, fang = await s.seat("deng"), await s.seat("fang")
    call_id, caller = await s.call()
    dengs = await deng.answered()
    at = await s.desk("deng", call_id)
    await at.does("conference", "agent:fang")
    fangs = await fang.answered()
    await at.until_third_talks()
    anew = await comes_back(s.home.phones["deng"], dengs)
    await s.says(call_id, f"{s.who('deng')}的线路中断后已接回")
    assert await dengs.ended == "peer"
    await s.recorded(f"{call_id}-c1")
    assert await heard_by(anew, LAWYER, caller, fangs) == (True, True)
    assert await heard_by(caller, CALLER, anew, fangs) == (True, True)
    third = await comes_back(s.home.phones["fang"], fangs)
    await s.says(call_id, f"{s.who('fang')}的线路中断后已接回")
    assert await heard_by(third, THIRD, caller, anew) == (True, True)
    state = await at.state()
    assert (state["agent_id"], [p["state"] for p in state["parties"]]) == ("deng", ["talking"] * 3)
    await at.does("drop", "party:p1")
    assert await third.ended == "peer"
    # And once more with the caller alone: who waits on music in between is not sent away.
    last = await comes_back(s.home.phones["deng"], anew)
    assert await heard_by(caller, CALLER, last) == (True,)
    await at.does("hangup")
    assert await last.ended == "peer"
    await caller.hang_up()
    await s.over(call_id)
    ready = await s.recording(call_id)
    assert len(ready["pieces"]) == 3
    assert await s.holds(ready["agent"], LAWYER)


@scene(somebody("kong"), somebody("lu"), alone=True)
async def test_the_controller_dies_in_a_three_way_talk_and_takes_it_up(s: Scene) -> None:
    kong, lu = await s.seat("kong"), await s.seat("lu")
    call_id, caller = await s.call()
    await kong.answered()
    at = await s.desk("kong", call_id)
    await at.does("conference", "agent:lu")
    await lu.answered()
    await at.until_third_talks()
    await s.home.kill_controller()
    await s.pause(0.5)
    assert await heard_by(caller, CALLER, kong.call, lu.call) == (True, True)
    await s.home.start_controller()
    assert (await at.state())["parties"][2]["words"] == s.who("lu")
    await at.does("drop", "party:p1")
    assert await lu.call.ended == "peer"
    assert not kong.call.ended.done()
    await at.does("hangup")
    await caller.hang_up()
    call = await s.over(call_id)
    assert (call.outcome, call.agent_id) == ("answered", "kong")
