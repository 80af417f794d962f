"""Consult, three-way talk and handing on, with real telephones; the survey still comes."""

from __future__ import annotations

from typing import Any

from hotline.sipp import Await, Press, Stay, Wait


async def test_the_caller_stays_with_the_third_and_still_rates(
    house: Any, somebody: Any, seat: Any, desk: Any, pause: Any
) -> None:
    home = await house([somebody("wang"), somebody("li", skills={"marriage": 3})])
    wang, li = await seat(home, "wang"), await seat(home, "li")
    await home.start_controller()
    caller = await home.call("13800000001", Await("survey"), Wait(0.3), Press("2"), Stay(20))
    wangs = await wang.answered()
    at = await desk(home, "wang")
    await at.does("consult", "agent:li")
    await li.answered()
    await at.until_third_talks()
    state = await at.state()
    assert state["consulting"]
    assert state["parties"][0]["state"] == "held"
    await at.does("join")
    await pause(0.5)
    await wangs.hang_up()

    async def lis() -> bool:
        (call,) = await home.calls()
        return bool(call.agent_id == "li")

    await home.until(lis, 10, "li leads")
    await pause(1.5)
    assert not li.call.ended.done(), "the caller was lost with the first lawyer"
    await li.call.hang_up()
    await caller.release("survey")
    (call,) = await home.ended(1)
    assert (call.outcome, call.agent_id, call.satisfaction) == ("answered", "li", 2)
    said = await home.words(call.id)
    assert "人员0律师移交给人员1律师后离开" in said
    assert "人员1律师接入" in said
    for piece in ("1", "c1"):
        assert (home.settings.recordings / f"{call.id}-{piece}.agent.wav").exists()


async def test_held_music_and_handing_over_to_a_station_blindly(
    house: Any, somebody: Any, seat: Any, desk: Any, pause: Any
) -> None:
    home = await house(
        [somebody("wang"), somebody("hexi", skills={}, kind="station", place="hexi")]
    )
    wang, hexi = await seat(home, "wang"), await seat(home, "hexi")
    await home.start_controller()
    caller = await home.call("13800000001", Await("survey"), Wait(0.3), Press("1"), Stay(20))
    await wang.answered()
    at = await desk(home, "wang")
    await at.does("hold")
    assert (await at.state())["held"]
    assert (await at.ask("hold")).words == "来电人已在保持中"
    await at.does("unhold")
    await at.does("transfer", "agent:hexi", "要就近办理")
    stations = await hexi.answered()
    assert await wang.call.ended == "peer"
    await pause(0.7)
    await stations.hang_up()
    await caller.release("survey")
    (call,) = await home.ended(1)
    assert (call.outcome, call.agent_id, call.satisfaction) == ("station", "hexi", 1)
    first, second = await home.offers()
    assert (first.agent_id, second.agent_id) == ("wang", "hexi")
    assert second.words.endswith("由人指定转给人员1")
    said = await home.words(call.id)
    assert "转接给人员1：要就近办理" in said
    refused = await at.ask("hold")
    assert (refused.outcome, refused.words) == ("refused", "这个通话不在您的坐席上，或者已经结束")


async def test_the_controller_dies_in_a_three_way_talk_and_takes_it_up(
    house: Any, somebody: Any, seat: Any, desk: Any, pause: Any
) -> None:
    home = await house([somebody("wang"), somebody("li", skills={"marriage": 3})])
    wang, li = await seat(home, "wang"), await seat(home, "li")
    await home.start_controller()
    await home.call("13800000001", Stay(60))
    await wang.answered()
    at = await desk(home, "wang")
    await at.does("conference", "agent:li")
    await li.answered()
    await at.until_third_talks()
    await home.kill_controller()
    await pause(1.0)
    assert not wang.call.ended.done()
    assert not li.call.ended.done()
    await home.start_controller()
    assert (await at.state())["parties"][2]["words"] == "人员1律师"
    await at.does("drop", "party:p1")
    assert await li.call.ended == "peer"
    assert not wang.call.ended.done()
    await at.does("hangup")
    (call,) = await home.ended(1)
    assert (call.outcome, call.agent_id) == ("answered", "wang")
