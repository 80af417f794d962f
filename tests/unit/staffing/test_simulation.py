import math
import random
from datetime import datetime
from xml.etree import ElementTree as ET

import pytest

from agents.staffing import pictures
from agents.staffing.figures import figures
from agents.staffing.simulation import Conduct, Duty, End, Run, simulate
from agents.staffing.traffic import Offered, Traffic
from hotline.clock import CHINA
from hotline.routing.people import Agent, AgentKind
from hotline.routing.policy import Policy, Step, To

WANG = Agent("wang", "王晓梅", AgentKind.LAWYER, "PJSIP/wang", {"wages": 3})
LI = Agent("li", "李建国", AgentKind.LAWYER, "PJSIP/li", {"marriage": 3})
POLICY = Policy(
    ladder=(Step(after=0, to=To.SKILLED, level=2), Step(after=10, to=To.LAWYERS)),
    wrapup_seconds={AgentKind.LAWYER: 20},
)
RINGS = Conduct(answer_seconds=2)


def play(
    *calls: Offered,
    people: tuple[Agent | Duty, ...] = (WANG, LI),
    conduct: Conduct = RINGS,
    policy: Policy = POLICY,
    origin: datetime | None = None,
) -> Run:
    duties = [one if isinstance(one, Duty) else Duty(one) for one in people]
    return simulate(Traffic(calls, origin), duties, policy, random.Random(1), conduct)


def wages(at: float, talk: float = 100, patience: float = math.inf, number: str = "") -> Offered:
    return Offered(at, "wages", talk=talk, patience=patience, number=number)


def test_a_caller_is_answered_by_who_has_the_topic_after_it_rang() -> None:
    (ending,) = play(wages(0.1)).endings
    assert (ending.end, ending.agent_id, ending.right) == (End.ANSWERED, "wang", True)
    assert ending.waited == pytest.approx(2)


def test_the_ladder_widens_on_the_virtual_clock_whatever_the_fraction_of_a_second() -> None:
    # 0.1 + 10 - 0.1 rounds below 10: a clock that stood exactly there would miss the step.
    _, second = play(wages(0.0), wages(0.1)).endings
    assert (second.agent_id, second.right) == ("li", False)
    assert second.waited == pytest.approx(12, abs=1e-4)


def test_wrap_up_keeps_the_next_caller_waiting() -> None:
    _, second = play(wages(0, talk=30), wages(1), people=(WANG,)).endings
    assert second.waited == pytest.approx(2 + 30 + 20 + 2 - 1, abs=1e-4)


def test_a_caller_who_hangs_up_while_it_rings_frees_the_lawyer_at_once() -> None:
    first, second = play(wages(0, patience=1), wages(0.5), people=(WANG,)).endings
    assert (first.end, first.waited) == (End.ABANDONED, 1)
    assert second.waited == pytest.approx(2.5, abs=1e-4)


def test_nobody_and_no_end_of_patience_is_told_as_unserved() -> None:
    run = play(wages(0), people=(Duty(WANG, ((0.0, 0.0),)),))
    assert [ending.end for ending in run.endings] == [End.UNSERVED]


def test_a_ladder_that_ends_in_a_message_ends_there() -> None:
    policy = Policy(ladder=(Step(after=0, to=To.LAWYERS), Step(after=60, to=To.VOICEMAIL)))
    _, second = play(wages(0, talk=500), wages(1), people=(WANG,), policy=policy).endings
    assert second.end is End.ANSWERED or second.waited == pytest.approx(60, abs=1e-4)
    assert {
        e.end for e in play(wages(0, 500), wages(1), people=(WANG,), policy=policy).endings
    } == {
        End.ANSWERED,
        End.VOICEMAIL,
    }


def test_missed_offers_pause_a_lawyer_who_comes_back() -> None:
    conduct = Conduct(missed=0.999, back_seconds=200)
    run = play(wages(0, patience=3000), people=(WANG,), conduct=conduct)
    assert run.endings[0].end is End.ABANDONED
    assert len(run.busy["wang"]) > POLICY.missed_limit


def test_who_talked_with_this_number_before_goes_first() -> None:
    policy = Policy(ladder=(Step(after=0, to=To.LAWYERS),))
    number = "13900000001"
    ends = play(wages(0, 10, number=number), wages(100, 10, number=number), policy=policy).endings
    assert len({ending.agent_id for ending in ends}) == 1


def test_a_station_answers_in_its_hours_only() -> None:
    policy = Policy(ladder=(Step(after=0, to=To.STATIONS),))
    hours = {"tue": ("09:00-12:00",)}
    station = Agent("qingshi", "周明", AgentKind.STATION, "PJSIP/q", place="qingshi", hours=hours)
    midnight = datetime(2026, 11, 24, tzinfo=CHINA)
    (ending,) = play(
        wages(8 * 3600 + 1800), people=(station,), policy=policy, origin=midnight
    ).endings
    assert ending.waited == pytest.approx(1802, abs=1e-3)


def test_figures_sum_up_what_callers_met() -> None:
    run = play(
        wages(0, 100),
        wages(1, 100),
        wages(2, patience=30),
        Offered(98, "other", talk=2),
        wages(200),
    )
    found = figures("现行策略", run)
    assert (found.offered, found.answered, found.abandoned) == (5, 4, 1)
    assert (found.right, found.right_of) == (2, 3)
    assert found.within + found.abandoned < found.offered
    assert found.p95_wait == max(ending.waited for ending in run.endings)
    assert 0 < found.occupancy_lowest <= found.occupancy <= found.occupancy_highest <= 1


def test_no_calls_make_no_figures_and_no_fuss() -> None:
    found = figures("空", play())
    assert (found.offered, found.mean_wait, found.right_share) == (0, 0, None)


def test_the_picture_tells_each_policy_and_is_sound_svg() -> None:
    found = [figures("甲<乙", play(wages(0))), figures("丙", play(wages(0), people=(WANG,)))]
    picture = ET.fromstring(pictures.policies(found))  # noqa: S314 - our own picture
    words = "".join(picture.itertext())
    assert "甲<乙" in words
    assert "15 秒内接通" in words
    assert "100.0%" in words
