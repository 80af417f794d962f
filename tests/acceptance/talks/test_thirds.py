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
