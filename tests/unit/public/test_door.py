"""Limits, places, names of files and conditions in words."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from hotline.casework.conditions import Condition
from hotline.casework.fields import FieldType, FormField
from hotline.clock import ManualClock
from hotline.public import papers
from hotline.public.forms import condition_words
from hotline.public.limits import Limiter, Rate, TooManyError, network
from hotline.public.stations import Station, hours_words, is_open, tree
from hotline.worktime import Calendar, Hours, Week, WorkTime, spans

OFFICE = WorkTime(
    Calendar({date(2026, 10, 1): "国庆节"}, known=frozenset({2026, 2027})),
    Hours(Week(workdays=spans(["09:00-17:00"]))),
)


def test_an_address_is_counted_within_a_sliding_window(clock: ManualClock) -> None:
    limiter = Limiter(clock, {"look": Rate(2, 60)})
    limiter.check("look", "10.0.0.1")
    clock.advance(30)
    limiter.check("look", "10.0.0.1")
    with pytest.raises(TooManyError) as refused:
        limiter.check("look", "10.0.0.1")
    assert refused.value.retry_after == 30
    limiter.check("look", "10.0.0.2")
    clock.advance(30)
    limiter.check("look", "10.0.0.1")


def test_a_household_of_ipv6_is_one_address() -> None:
    assert network("2001:db8:1:2::5") == network("2001:db8:1:2:ffff::1")
    assert network("2001:db8:1:3::5") != network("2001:db8:1:2::5")


def test_places_stand_as_a_tree_whatever_is_missing() -> None:
    lost = Station("x", "nowhere", "village", "无上级的室")
    centre = Station("c", None, "district", "中心")
    township = Station("t", "c", "township", "站")
    branches = tree([centre, township, lost])
    assert [b.station.code for b in branches] == ["c", "x"]
    assert [b.station.code for b in branches[0].below] == ["t"]


def test_days_with_the_same_hours_are_drawn_together() -> None:
    week = {day: ["08:30-12:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    assert hours_words(week) == [("周一至周五", "08:30-12:00")]
    assert hours_words({"wed": ["09:00-11:30"]}) == [("周三", "09:00-11:30")]


def test_a_station_is_shut_on_a_public_holiday() -> None:
    station = Station("t", None, "township", "站", hours={"thu": ["09:00-17:00"]})
    assert is_open(station, OFFICE, datetime(2026, 9, 24, 2, tzinfo=UTC))
    assert not is_open(station, OFFICE, datetime(2026, 10, 1, 2, tzinfo=UTC))
    assert not is_open(station, OFFICE, datetime(2026, 9, 24, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\a\\欠条.jpg", "欠条.jpg"),
        ("a\x00b\n.pdf", "ab.pdf"),
        ("<script>.pdf", "script.pdf"),
        ("长" * 300 + ".pdf", "长" * 80 + ".pdf"),
        ("...", "材料"),
        ("", "材料"),
    ],
)
def test_a_files_name_is_cleaned(given: str, kept: str) -> None:
    assert papers.cleaned(given) == kept


def test_a_name_without_ending_gets_the_contents_own() -> None:
    paper = papers.look_at("合同", b"%PDF-1.7\nx\n%%EOF")
    assert paper.name == "合同.pdf"


def test_a_condition_is_told_in_words() -> None:
    means = FormField(
        name="means", label="经济困难情况", type=FieldType.CHOICE, options={"exempt": "免予核查"}
    )
    fields = {"means": means}
    one = Condition.model_validate({"field": "means", "in": ["exempt"]})
    assert condition_words(one, fields) == "“经济困难情况”选“免予核查”"
    both = Condition.model_validate(
        {"all": [{"field": "means", "is": "exempt"}, {"field": "means", "filled": True}]}
    )
    assert condition_words(both, fields).count("，且") == 1
