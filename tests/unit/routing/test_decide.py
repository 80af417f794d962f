"""Who gets which call, told as the bureau would tell it."""

from __future__ import annotations

from dataclasses import replace

from hotline.routing import policy as policies
from hotline.routing import reasons
from hotline.routing.board import Board
from hotline.routing.decide import Code, Decision, Kind, decide, decide_all, who_is_next
from hotline.routing.people import Agent, AgentKind, Presence, Wish
from hotline.routing.policy import Policy, Priority, Step, To
from hotline.routing.standing import Caller
from hotline.routing.tables import OfferOutcome

TOPICS = {"wages": "劳动报酬", "marriage": "婚姻家庭"}
POLICY = Policy(
    ladder=(
        Step(after=0, to=To.SKILLED, level=2),
        Step(after=10, to=To.SKILLED, level=1),
        Step(after=15, to=To.LAWYERS),
        Step(after=30, to=To.HOME_STATION),
        Step(after=60, to=To.VOICEMAIL),
    ),
    wrapup_seconds={AgentKind.LAWYER: 10},
    priorities={
        "normal": Priority(name="普通"),
        "elderly": Priority(name="老年人", head_start=30),
    },
    nobody_seconds=20,
    again_after=30,
)
WANG = Agent("wang", "王晓梅", AgentKind.LAWYER, "PJSIP/wang", {"wages": 3})
SUN = Agent("sun", "孙丽", AgentKind.LAWYER, "PJSIP/sun", {"wages": 2})
LI = Agent("li", "李建国", AgentKind.LAWYER, "PJSIP/li", {"marriage": 3})
QINGSHI = Agent("qingshi", "周明", AgentKind.STATION, "PJSIP/qingshi", place="qingshi")


def board(*agents: Agent, policy: Policy = POLICY) -> Board:
    made = Board(policy, 0.0)
    made.set_people(agents, 0.0)
    for n, agent in enumerate(agents):
        made.set_wish(agent.id, Wish.READY, "", float(n))
    return made


def ring(on: Board, decision: Decision | None, at: float) -> Decision:
    assert decision is not None
    on.offer("o", decision.call_id, decision.agent_id, at)
    return decision


def said(decision: Decision | None) -> str:
    assert decision is not None
    return reasons.words(decision.reason, TOPICS)


def test_the_skilled_lawyer_who_is_idle_longest_comes_first() -> None:
    made = decide_all(100.0, [Caller("c", 100.0, "wages")], [SUN, WANG, LI], POLICY)
    assert [(d.call_id, d.agent_id) for d in made] == [("c", "sun")]
    assert made[0].reason.code is Code.SKILLED
    assert reasons.words(made[0].reason, TOPICS) == "劳动报酬专长律师有空，孙丽律师空闲最久"


def test_the_floor_widens_with_time_and_says_so() -> None:
    here = board(WANG, LI)
    here.waits(Caller("first", 1.0, "wages"), 1.0)
    ring(here, decide(here), 1.0)
    here.waits(Caller("second", 2.0, "wages"), 2.0)
    assert decide(here) is None
    here.advance(20.0)
    decision = decide(here)
    assert decision is not None
    assert (decision.agent_id, decision.reason.code) == ("li", Code.WIDENED)
    assert said(decision) == "等待 18 秒：劳动报酬专长律师全忙，放宽到综合律师；李建国律师空闲"


def test_where_no_skilled_lawyer_is_on_duty_nobody_waits_for_one() -> None:
    here = board(LI)
    here.waits(Caller("c", 1.0, "wages"), 1.0)
    decision = decide(here)
    assert decision is not None
    assert decision.reason.code is Code.NOBODY_ON_DUTY
    assert said(decision) == "没有劳动报酬专长律师在岗，转综合律师；李建国律师空闲"


def test_the_station_of_the_callers_place_comes_after_the_lawyers() -> None:
    here = board(WANG, QINGSHI)
    here.waits(Caller("first", 1.0, "wages", place="qingshi"), 1.0)
    ring(here, decide(here), 1.0)
    here.waits(Caller("near", 2.0, "wages", place="qingshi"), 2.0)
    here.waits(Caller("far", 2.0, "wages", place="liuhe"), 2.0)
    here.advance(31.0)
    assert decide(here) is None
    here.advance(32.0)
    decision = ring(here, decide(here), 32.0)
    assert (decision.call_id, decision.agent_id) == ("near", "qingshi")
    assert said(decision) == "等待 30 秒：劳动报酬专长律师全忙，放宽到本乡镇服务站；周明空闲"
    assert decide(here) is None


def test_who_waits_too_long_is_asked_for_a_message() -> None:
    here = board(WANG)
    here.waits(Caller("first", 0.0, "wages"), 1.0)
    ring(here, decide(here), 1.0)
    here.waits(Caller("second", 1.0, "wages"), 1.0)
    here.advance(61.0)
    decision = decide(here)
    assert decision is not None
    assert (decision.kind, decision.call_id) == (Kind.VOICEMAIL, "second")
    assert decision.reason.code is Code.WAITED_TOO_LONG


def test_where_nobody_at_all_is_on_duty_a_message_is_asked_for_soon_but_not_at_once() -> None:
    here = board()
    here.waits(Caller("c", 0.0, "wages"), 0.0)
    here.advance(19.9)
    assert decide(here) is None
    here.advance(20.0)
    decision = decide(here)
    assert decision is not None
    assert (decision.kind, decision.reason.code) == (Kind.VOICEMAIL, Code.NOBODY_AT_ALL)


def test_the_person_who_talked_with_the_caller_before_goes_first() -> None:
    here = board(SUN, WANG)
    here.waits(Caller("c", 5.0, "wages", last_agent="wang"), 5.0)
    decision = decide(here)
    assert decision is not None
    assert (decision.agent_id, decision.reason.code) == ("wang", Code.LAST_AGENT)
    assert said(decision) == "上次由王晓梅律师接听，现在空闲，优先转回"


def test_a_head_start_is_worth_its_seconds_and_no_more() -> None:
    callers = [
        Caller("normal", 0.0, "wages"),
        Caller("old", 29.0, "wages", priority="elderly"),
        Caller("later", 31.0, "wages", priority="elderly"),
    ]
    here = board(WANG)
    for caller in callers:
        here.waits(caller, 31.0)
    order = []
    for at in (32.0, 33.0, 34.0):
        decision = ring(here, decide(here), at)
        order.append(decision.call_id)
        here.offer_ended(decision.call_id, OfferOutcome.ANSWERED, at)
        here.talk_ended(decision.call_id, "wang", at)
        here.set_wish("wang", Wish.READY, "", at)
    assert order == ["old", "normal", "later"]


def test_who_misses_is_followed_by_the_next_and_not_rung_again_soon() -> None:
    here = board(SUN, WANG)
    here.waits(Caller("c", 5.0, "wages"), 5.0)
    assert ring(here, decide(here), 5.0).agent_id == "sun"
    here.offer_ended("c", OfferOutcome.MISSED, 20.0)
    assert ring(here, decide(here), 20.0).agent_id == "wang"
    here.offer_ended("c", OfferOutcome.REFUSED, 22.0)
    assert decide(here) is None
    here.advance(50.0)
    assert ring(here, decide(here), 50.0).agent_id == "sun"


def test_who_misses_too_often_is_paused_with_the_reason() -> None:
    here = board(WANG)
    for n in range(3):
        here.waits(Caller(f"c{n}", float(n), "wages"), float(n))
        ring(here, decide(here), float(n))
        here.offer_ended(f"c{n}", OfferOutcome.MISSED, n + 0.5)
    person = here.people["wang"]
    assert (person.presence, person.reason) == (Presence.PAUSED, "连续漏接 3 次")
    here.set_wish("wang", Wish.READY, "", 10.0)
    assert (person.presence, person.missed, person.reason) == (Presence.READY, 0, "")


def test_wrap_up_belongs_to_the_person_and_can_be_ended_early() -> None:
    here = board(WANG)
    here.waits(Caller("c", 1.0, "wages"), 1.0)
    ring(here, decide(here), 1.0)
    here.offer_ended("c", OfferOutcome.ANSWERED, 2.0)
    here.talk_ended("c", "wang", 60.0)
    here.waits(Caller("d", 60.0, "marriage"), 60.0)
    assert here.people["wang"].presence is Presence.WRAPUP
    assert decide(here) is None
    here.set_wish("wang", Wish.READY, "", 65.0)
    assert ring(here, decide(here), 65.0).agent_id == "wang"


def test_a_telephone_that_fails_twice_is_left_alone_until_it_is_back() -> None:
    here = board(WANG)
    here.waits(Caller("c", 1.0, "wages"), 1.0)
    ring(here, decide(here), 1.0)
    here.offer_ended("c", OfferOutcome.UNREACHABLE, 1.0)
    here.waits(Caller("d", 3.0, "wages"), 3.0)
    ring(here, decide(here), 3.0)
    here.offer_ended("d", OfferOutcome.UNREACHABLE, 3.0)
    here.waits(Caller("e", 5.0, "wages"), 5.0)
    here.advance(32.0)
    assert decide(here) is None
    here.set_reachable("wang", 32.5, reachable=True)
    assert decide(here) is not None


def test_who_cannot_be_reached_is_offered_nothing() -> None:
    here = board(WANG)
    here.set_reachable("wang", 1.0, reachable=False)
    here.waits(Caller("c", 1.0, "wages"), 1.0)
    assert decide(here) is None
    here.set_reachable("wang", 5.0, reachable=True)
    assert decide(here) is not None


def test_the_shipped_policy_is_sound_and_sends_station_calls_to_the_station_first() -> None:
    policy = policies.load()
    here = board(WANG, QINGSHI, policy=policy)
    here.waits(Caller("c", 2.0, "station", place="qingshi"), 2.0)
    decision = decide(here)
    assert decision is not None
    assert decision.agent_id == "qingshi"


def test_a_station_with_several_lines_goes_behind_after_a_talk() -> None:
    """Once found by random schedules: it was free all along and kept its old place."""
    two = Agent("liuhe", "吴芳", AgentKind.STATION, "PJSIP/liuhe", place="liuhe", capacity=2)
    policy = POLICY.model_copy(update={"ladder": (Step(after=0, to=To.STATIONS),)})
    here = board(two, QINGSHI, policy=policy)
    here.waits(Caller("c", 2.0), 2.0)
    assert ring(here, decide(here), 2.0).agent_id == "liuhe"
    here.offer_ended("c", OfferOutcome.ANSWERED, 3.0)
    here.talk_ended("c", "liuhe", 9.0)
    here.waits(Caller("d", 10.0), 10.0)
    assert ring(here, decide(here), 10.0).agent_id == "qingshi"


def test_a_signed_in_lawyer_whose_desk_does_not_answer_is_rung_on_the_mobile_in_the_end() -> None:
    away = Agent("chen", "陈静", AgentKind.LAWYER, "PJSIP/chen", mobile="13900000001")
    ladder = (Step(after=0, to=To.LAWYERS), Step(after=20, to=To.MOBILES))
    here = board(WANG, away, policy=POLICY.model_copy(update={"ladder": ladder}))
    here.set_reachable("chen", 1.0, reachable=False)
    here.talks("x", "wang", 1.0)
    here.waits(Caller("c", 2.0), 2.0)
    here.advance(21.0)
    assert decide(here) is None
    here.advance(22.0)
    decision = decide(here)
    assert decision is not None
    assert decision.agent_id == "chen"
    assert said(decision) == "等待 20 秒：综合律师全忙，放宽到律师手机；陈静律师空闲"


def test_a_wait_that_will_be_long_widens_at_once() -> None:
    ladder = (
        Step(after=0, to=To.SKILLED, level=2),
        Step(after=60, to=To.LAWYERS, predicted=100),
    )
    policy = POLICY.model_copy(update={"ladder": ladder, "handling_seconds": 300})
    here = board(WANG, LI, policy=policy)
    here.talks("x", "wang", 1.0)
    here.waits(Caller("c", 2.0, "wages"), 2.0)
    decision = decide(here)
    assert decision is not None
    assert (decision.agent_id, decision.reason.code) == ("li", Code.WIDENED)


def test_another_district_helps_out_at_the_end_of_the_ladder() -> None:
    centre = Agent("linxian", "邻县中心", AgentKind.DISTRICT, "PJSIP/trunk", mobile="09390000001")
    ladder = (Step(after=0, to=To.LAWYERS), Step(after=30, to=To.DISTRICTS))
    here = board(WANG, centre, policy=POLICY.model_copy(update={"ladder": ladder}))
    here.talks("x", "wang", 1.0)
    here.waits(Caller("c", 2.0), 2.0)
    assert decide(here) is None
    here.advance(32.0)
    decision = decide(here)
    assert decision is not None
    assert decision.agent_id == "linxian"


def test_the_ladder_names_the_district_and_its_lawyers_answer_nothing_else() -> None:
    near = Agent(
        "zhou", "周敏", AgentKind.LAWYER, "PJSIP/zhou", district="qingshan", district_name="青山区"
    )
    far = Agent("linxian", "林县中心", AgentKind.DISTRICT, "PJSIP/trunk", mobile="09390000001")
    ladder = (
        Step(after=0, to=To.LAWYERS),
        Step(after=30, to=To.DISTRICTS, district="qingshan"),
        Step(after=60, to=To.DISTRICTS),
    )
    here = board(WANG, near, far, policy=POLICY.model_copy(update={"ladder": ladder}))
    here.talks("x", "wang", 1.0)
    for call in ("c", "d"):
        here.waits(Caller(call, 2.0), 2.0)
    assert decide(here) is None, "a lawyer of another district is none of ours"
    here.advance(32.0)
    decision = ring(here, decide(here), 32.0)
    assert decision.agent_id == "zhou"
    assert said(decision) == "等待 30 秒：综合律师全忙，放宽到邻近区县中心；青山区周敏律师空闲"
    assert decide(here) is None, "only the one that is named"
    here.advance(62.0)
    assert ring(here, decide(here), 62.0).agent_id == "linxian"


def test_another_districts_centre_is_not_paused_because_nobody_there_could_end_it() -> None:
    far = Agent("linxian", "林县中心", AgentKind.DISTRICT, "PJSIP/trunk", mobile="09390000001")
    ladder = (Step(after=0, to=To.DISTRICTS),)
    here = board(far, policy=POLICY.model_copy(update={"ladder": ladder}))
    for number in range(POLICY.missed_limit + 1):
        at = 100.0 * number
        here.waits(Caller(f"c{number}", at), at)
        ring(here, decide(here), at)
        here.offer_ended(f"c{number}", OfferOutcome.MISSED, at + 15)
        here.leaves(f"c{number}", at + 15)
        assert not here.people["linxian"].is_free(at + 20), "it is left alone for a while"
    assert here.people["linxian"].presence is Presence.READY


def test_a_telephone_that_failed_twice_is_shown_as_gone_until_it_is_tried_again() -> None:
    here = board(WANG)
    for number in range(2):
        at = 1.0 + 5 * number
        here.waits(Caller(f"c{number}", at, "wages"), at)
        ring(here, decide(here), at)
        here.offer_ended(f"c{number}", OfferOutcome.UNREACHABLE, at)
        here.leaves(f"c{number}", at)
        assert here.people["wang"].answers is (number == 0)
    here.advance(6.0 + POLICY.broken_seconds)
    assert here.people["wang"].answers


def fails_twice(here: Board, person: str, topic: str, at: float) -> None:
    """Let a telephone fail for two callers, who hang up."""
    for number in range(2):
        call, now = f"{person}{number}", at + 2 * number
        here.waits(Caller(call, now, topic), now)
        assert ring(here, decide(here), now).agent_id == person
        here.offer_ended(call, OfferOutcome.UNREACHABLE, now)
        here.leaves(call, now)


def test_a_telephone_that_failed_twice_is_not_on_duty_so_that_its_callers_go_on_at_once() -> None:
    here = board(WANG, LI)
    fails_twice(here, "wang", "wages", 2.0)
    here.waits(Caller("c", 5.0, "wages"), 5.0)
    decision = ring(here, decide(here), 5.0)
    assert (decision.agent_id, decision.reason.code) == ("li", Code.NOBODY_ON_DUTY)
    assert said(decision) == "劳动报酬专长律师的话机不通，转综合律师；李建国律师空闲"
    here.advance(4.0 + POLICY.broken_seconds)
    here.waits(Caller("d", here.now, "wages"), here.now)
    assert ring(here, decide(here), here.now).agent_id == "wang", "back after the rest"


def test_who_waited_for_a_telephone_goes_on_at_once_when_it_fails_for_the_second_time() -> None:
    here = board(WANG, LI)
    here.set_wish("li", Wish.PAUSED, "午休", 2.0)
    for number, call in enumerate(("c", "d")):
        at = 3.0 + 2 * number
        here.waits(Caller(call, at, "wages"), at)
        ring(here, decide(here), at)
        here.offer_ended(call, OfferOutcome.UNREACHABLE, at)
    here.set_wish("li", Wish.READY, "", 6.0)
    assert ring(here, decide(here), 6.0).call_id == "c", "ten seconds are not waited for"


def test_nobody_is_asked_for_a_message_while_a_telephone_only_rests() -> None:
    here = board(WANG)
    fails_twice(here, "wang", "wages", 2.0)
    here.waits(Caller("c", 5.0, "wages"), 5.0)
    here.advance(5.0 + POLICY.nobody_seconds)
    assert decide(here) is None, "it will be tried again"
    here.set_reachable("wang", 26.0, reachable=False)
    decision = decide(here)
    assert decision is not None
    assert decision.kind is Kind.VOICEMAIL, "now nobody is there who could be tried"
    assert said(decision) == "等待 21 秒：值班人员的话机都不通，请来电人留言，由值班人员回拨"


def test_a_desk_that_failed_twice_and_goes_leaves_the_mobile() -> None:
    away = Agent("chen", "陈静", AgentKind.LAWYER, "PJSIP/chen", mobile="13900000001")
    ladder = (Step(after=0, to=To.LAWYERS), Step(after=20, to=To.MOBILES))
    here = board(away, policy=POLICY.model_copy(update={"ladder": ladder}))
    fails_twice(here, "chen", "wages", 2.0)
    here.waits(Caller("c", 5.0), 5.0)
    assert decide(here) is None
    here.set_reachable("chen", 6.0, reachable=False)
    decision = decide(here)
    assert decision is not None, "the mobile did not fail"
    assert (decision.agent_id, decision.reason.gone) == ("chen", True)


def test_wrap_up_does_not_shorten_the_rest_of_a_telephone() -> None:
    two = Agent("liuhe", "吴芳", AgentKind.STATION, "PJSIP/liuhe", place="liuhe", capacity=2)
    ladder = (Step(after=0, to=To.STATIONS),)
    wrapup = {AgentKind.STATION: 5.0}
    here = board(two, policy=POLICY.model_copy(update={"ladder": ladder, "wrapup_seconds": wrapup}))
    here.talks("x", "liuhe", 1.0)
    fails_twice(here, "liuhe", "", 2.0)
    here.talk_ended("x", "liuhe", 6.0)
    here.advance(12.0)
    assert not here.people["liuhe"].answers
    here.advance(4.0 + POLICY.broken_seconds)
    assert here.people["liuhe"].answers
    assert here.people["liuhe"].presence is Presence.READY


def test_a_page_that_was_loaded_anew_while_it_rang_is_rung_again_at_once() -> None:
    here = board(WANG)
    here.waits(Caller("c", 1.0, "wages"), 1.0)
    ring(here, decide(here), 1.0)
    here.set_reachable("wang", 2.0, reachable=False)
    here.offer_ended("c", OfferOutcome.UNREACHABLE, 2.0)
    here.set_reachable("wang", 4.0, reachable=True)
    assert ring(here, decide(here), 4.0).agent_id == "wang"
    here.offer_ended("c", OfferOutcome.MISSED, 19.0)
    here.set_reachable("wang", 20.0, reachable=False)
    here.set_reachable("wang", 21.0, reachable=True)
    assert decide(here) is None, "who did not pick up is not rung again so soon"


def test_who_chose_the_mobile_is_asked_as_at_the_desk_and_only_while_the_trunk_is_there() -> None:
    wang = replace(WANG, endpoint="PJSIP/13900000101@trunk", mobile="13900000101")
    here = board(wang)
    # Nobody hears of a registration of a number outside.
    here.set_reachable("wang", 1.0, reachable=False)
    here.waits(Caller("c", 1.0, "wages"), 1.0)
    person = here.people["wang"]
    assert person.on_mobile
    assert person.answers
    decision = decide(here)
    assert decision is not None
    assert (decision.agent_id, decision.reason.code) == ("wang", Code.SKILLED)
    # The key that is asked for there must not be left out.
    assert who_is_next(here, "wages", "zh", "", 4) == []
    here.set_outside(2.0, reachable=False)
    assert not person.answers
    assert decide(here) is None
