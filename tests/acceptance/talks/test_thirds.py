"""Consult, three-way talk and handing on, with real telephones; the survey still comes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from agents.tables import PresenceTable
from hotline.sipp import Await, Press, Stay, Wait
from hotline.store import Outbox
from hotline.talks.orders import Kind, Order, order
from hotline.talks.tables import DialledTable

TALKS = """
version: 1
outside: [{code: "110", name: 公安报警, number: "110", trunk: police}]
dial_trunk: police
warn_minutes: []
"""


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

    async def recording() -> Any:
        async with home.database.read() as session:
            return await session.scalar(select(Outbox).where(Outbox.topic == "recording.ready"))

    ready = await home.until(recording, what="recording.ready")
    assert [piece["name"] for piece in ready.payload["pieces"]] == [
        f"{call.id}-1",
        f"{call.id}-c1",
    ]
    assert (home.settings.recordings / ready.payload["agent"]).exists()


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


async def test_an_outside_body_joins_and_goes_on_alone(
    house: Any, somebody: Any, seat: Any, desk: Any, pause: Any
) -> None:
    home = await house([somebody("wang"), somebody("police", wish="offline")])
    (home.policy.parent / "talks.yaml").write_text(TALKS)
    wang, police = await seat(home, "wang"), await seat(home, "police")
    await home.start_controller()
    caller = await home.call("13800000001", Await("survey"), Wait(0.3), Press("3"), Stay(20))
    await wang.answered()
    at = await desk(home, "wang")
    assert (await at.ask("consult", "outside:999")).outcome == "refused"
    await at.does("conference", "outside:110")
    officer = await police.answered()
    await at.until_third_talks()
    assert officer.invite.start.startswith("INVITE sip:110@")
    await at.does("handover")
    assert await wang.call.ended == "peer"
    await pause(1.0)
    assert not officer.ended.done()

    async def wang_is_free() -> bool:
        async with home.database.read() as session:
            presence = await session.get(PresenceTable, "wang")
        return presence is not None and presence.state == "ready"

    await home.until(wang_is_free, 10, "wang is free while the caller talks with the police")
    await officer.hang_up()
    await caller.release("survey")
    (call,) = await home.ended(1)
    assert (call.outcome, call.agent_id, call.satisfaction) == ("answered", "wang", 3)


async def test_a_click_rings_the_own_telephone_and_then_the_number(
    house: Any, somebody: Any, seat: Any, pause: Any
) -> None:
    home = await house([somebody("wang"), somebody("police", wish="offline")])
    (home.policy.parent / "talks.yaml").write_text(TALKS)
    wang, outside = await seat(home, "wang"), await seat(home, "police")
    await home.start_controller()
    async with home.database.write() as session:
        session.add(
            DialledTable(
                id="dial-1",
                agent_id="wang",
                number="13900000009",
                case_id=None,
                started_at=datetime.now(UTC),
                status="",
                seconds=0,
            )
        )
    async with home.database.write() as session:
        asked = Order(Kind.DIAL, "", "wang", "wang", "number:13900000009")
        assert await order(session, asked, datetime.now(UTC)) == 1
    await wang.answered()
    called = await outside.answered()
    assert called.invite.start.startswith("INVITE sip:13900000009@")
    assert called.number == "12348", "the lawyer's own number is nobody's business"
    await pause(1.2)
    await wang.call.hang_up()

    async def kept() -> Any:
        async with home.database.read() as session:
            row = await session.get(DialledTable, "dial-1")
        return row if row is not None and row.ended_at is not None else None

    row = await home.until(kept, 10, "the call is kept")
    assert (row.status, row.seconds >= 1) == ("ANSWER", True)
    assert (home.settings.recordings / "dial-1.caller.wav").exists()
