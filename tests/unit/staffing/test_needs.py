import math
import random
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from statistics import fmean

import openpyxl
import pytest

from agents.staffing import pictures, telling
from agents.staffing.checking import checked
from agents.staffing.erlang import people_needed
from agents.staffing.needs import HALF_HOUR, History, Target, needs, ordinary_days, rostered
from agents.staffing.traffic import DAY, Offered, Traffic, TrafficFileError
from agents.staffing.workbook import workbook
from hotline.calls.patience import Patience
from hotline.clock import CHINA
from hotline.routing.people import AgentKind
from hotline.routing.policy import Policy, Step, To
from hotline.worktime.calendar import Calendar

TEN = 10 * 3600
MONDAY = datetime(2026, 11, 16, tzinfo=CHINA)
POLICY = Policy(ladder=(Step(after=0, to=To.LAWYERS),), wrapup_seconds={AgentKind.LAWYER: 20})


def mornings(days: int, calls: int, talk: float = 280) -> Traffic:
    """Return ``calls`` between 10:00 and 10:30 on each day from a Monday on."""
    return Traffic(
        tuple(
            Offered(day * DAY + TEN + n * HALF_HOUR / calls, talk=talk)
            for day in range(days)
            for n in range(calls)
        ),
        MONDAY,
    )


def history(traffic: Traffic, patience: Patience | None = None) -> History:
    return History(traffic, tuple(ordinary_days(traffic, Calendar())), patience)


def test_a_half_hour_needs_what_the_formula_says_of_its_mean_with_wrap_up() -> None:
    found = needs(history(mornings(14, 12)), Target(), wrapup=20)
    assert [need.weekday for need in found] == list(range(7))
    expected = people_needed(12 * 300 / HALF_HOUR, 300, target=0.8, seconds=15)
    for need in found:
        assert (need.begins, need.calls, need.days, need.handling) == ("10:00", 12, 2, 300)
        assert need.prospect == expected


def test_impatient_callers_need_fewer_people_than_erlang_c_asks_for() -> None:
    traffic = mornings(7, 40)
    patient = needs(history(traffic), Target(), 20)[0]
    hasty = needs(history(traffic, Patience(30)), Target(), 20)[0]
    assert hasty.people < patient.people
    assert hasty.prospect.abandons > 0


def test_absences_are_added_to_the_rota() -> None:
    assert [rostered(n, 0.25) for n in (0, 3, 4)] == [0, 4, 6]
    assert rostered(7, 0.3) == 10


def test_a_holiday_does_not_make_its_monday_quiet() -> None:
    traffic = mornings(8, 12)
    without = Traffic(tuple(c for c in traffic.calls if c.at > DAY), MONDAY)
    calendar = Calendar({date(2026, 11, 16): "某节"}, {date(2026, 11, 21): "某节"})
    assert ordinary_days(without, calendar) == [1, 2, 3, 4, 6, 7]
    found = needs(History(without, (1, 2, 3, 4, 6, 7), None), Target(), 20)
    assert next(need.calls for need in found if need.weekday == 0) == 12


def test_a_weekday_without_calls_counts_as_a_day_with_none() -> None:
    traffic = mornings(8, 12)
    quiet = Traffic(tuple(c for c in traffic.calls if c.at > DAY), MONDAY)
    found = needs(history(quiet), Target(), 20)
    assert next(need.calls for need in found if need.weekday == 0) == 6


def test_history_without_any_talk_is_refused() -> None:
    with pytest.raises(TrafficFileError):
        needs(history(Traffic((Offered(5),))), Target(), 20)


def test_the_simulation_agrees_where_the_formula_holds() -> None:
    # A shift of eight like half-hours: the later ones have forgotten that it began with nobody.
    chance = random.Random(4)
    calls = tuple(
        replace(call, at=call.at + later * HALF_HOUR, talk=chance.expovariate(1 / 280))
        for later in range(8)
        for call in mornings(1, 30).calls
    )
    past = history(Traffic(calls, MONDAY), Patience(120))
    found = needs(past, Target(), 0)
    plain = POLICY.model_copy(update={"wrapup_seconds": {}})
    held = checked(found, past, Target(), plain, chance=chance, calls=6000, rounds=1)
    assert [need.people for need in held] == [need.people for need in found]
    seen = fmean(need.simulated or 0.0 for need in held[3:])
    assert seen == pytest.approx(found[0].prospect.within, abs=0.05)


def test_people_are_added_where_a_policy_keeps_callers_for_few() -> None:
    # Two topics that nobody shares: twice one team needs more than one team of twice the size.
    traffic = mornings(7, 24)
    split = tuple(
        replace(c, topic="wages" if n % 2 else "marriage") for n, c in enumerate(traffic.calls)
    )
    past = history(replace(traffic, calls=split))
    strict = Policy(ladder=(Step(after=0, to=To.SKILLED, level=3),))
    found = needs(past, Target(), 0)
    held = checked(found, past, Target(), strict, chance=random.Random(1), calls=4000)
    assert sum(n.people for n in held) > sum(n.people for n in found)
    assert all(n.prospect.servers == n.people for n in held)


def test_the_workbook_opens_with_figures_a_chart_and_its_basis() -> None:
    past = history(mornings(14, 12), Patience(90, abandons=40))
    target = Target(absence=0.2)
    found = needs(past, target, 20)
    book = openpyxl.load_workbook(BytesIO(workbook(found, telling.basis(past, target, found))))
    week = book["每周排班人数"]
    assert [cell.value for cell in week[1]][:3] == ["时段", "周一", "周二"]
    assert [cell.value for cell in week[2]][:2] == ["10:00", found[0].rostered]
    assert week["B3"].value == "=SUM(B2:B2)/2"
    assert len(week._charts) == 1
    assert book["明细"].max_row == 1 + len(found)
    basis = {row[0].value: row[1].value for row in book["说明"].iter_rows(min_row=2)}
    assert basis["目标"].startswith("15 秒内接通 80%")
    assert "Kaplan–Meier" in basis["模型"]
    assert "2026-11-16 至 2026-11-29" in basis["话务"]


def test_the_picture_of_the_week_names_its_days() -> None:
    found = needs(history(mornings(7, 12)), Target(absence=0.3), 20)
    picture = pictures.week(found, "每半小时排班人数")
    assert "周日" in picture
    assert "10:00" in picture
    assert f"排班 {found[0].rostered} 人" in picture


def test_values_for_programs_are_finite() -> None:
    for need in needs(history(mornings(7, 3)), Target(), 20):
        values = telling.need_values(need)
        assert values["simulated_within"] is None
        assert all(math.isfinite(v) for v in values.values() if isinstance(v, float))
