"""The last day of a period, with holidays and make-up days."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from agents import limitation
from agents.limitation import Kind, Rule, load, reckon
from agents.pages.words import topics
from hotline.configfiles import ConfigFileError
from hotline.errors import InvalidInputError
from hotline.worktime import Calendar, load_calendar

TODAY = date(2026, 11, 24)


def rule(**more: object) -> Rule:
    values = {"code": "x", "name": "x", "since": "x", "law": "x", "articles": "x"} | more
    return Rule.model_validate(values)


def last(since: date, calendar: Calendar | None = None, **more: object) -> date:
    return reckon(rule(**more), since, TODAY, calendar or Calendar()).last


@pytest.mark.parametrize(
    ("since", "period", "expected"),
    [
        (date(2023, 11, 24), {"years": 3}, date(2026, 11, 24)),
        (date(2024, 2, 29), {"years": 1}, date(2025, 2, 28)),
        (date(2026, 8, 31), {"months": 6}, date(2027, 2, 28)),
        (date(2026, 12, 31), {"months": 2}, date(2027, 2, 28)),
        (date(2026, 11, 24), {"days": 15}, date(2026, 12, 9)),
    ],
)
def test_the_first_day_is_not_counted(since: date, period: dict[str, int], expected: date) -> None:
    assert last(since, **period) == expected


def test_a_last_day_that_is_off_moves_to_the_next_working_day() -> None:
    calendar = load_calendar()
    found = reckon(rule(days=15, roll=True), date(2026, 9, 18), TODAY, calendar)
    assert found.counted == date(2026, 10, 3)
    assert found.last == date(2026, 10, 8)
    assert found.moved_over == "国庆节"
    assert "顺延至2026 年 10 月 8 日" in found.words


def test_a_weekend_that_is_worked_in_exchange_is_a_working_day() -> None:
    saturday = date(2026, 10, 10)
    assert last(date(2026, 9, 25), load_calendar(), days=15, roll=True) == saturday
    assert load_calendar().is_workday(saturday)


def test_a_period_that_does_not_move_ends_on_a_sunday() -> None:
    assert last(date(2026, 11, 15), days=7) == date(2026, 11, 22)


def test_a_time_of_waiting_ends_before_the_day_on_which_it_may_be_done() -> None:
    assert last(date(2026, 8, 31), months=6, kind=Kind.WAIT) == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("since", "words"),
    [
        (date(2023, 11, 24), "今天就是最后一天"),
        (date(2023, 11, 27), "只剩 3 天，法律援助应当先行提供"),
        (date(2023, 10, 9), "已过 46 天"),
        (date(2024, 11, 25), "还剩 366 天"),
    ],
)
def test_the_words_say_how_near_it_is(since: date, words: str) -> None:
    assert words in reckon(rule(years=3), since, TODAY, Calendar()).words


def test_a_year_without_its_notice_is_said_to_be_unsure() -> None:
    found = reckon(rule(years=3, roll=True), date(2026, 11, 20), TODAY, load_calendar())
    assert found.provisional


@pytest.mark.parametrize("since", [date(1, 1, 1), date(9999, 12, 31)])
def test_a_day_that_cannot_be_is_refused(since: date) -> None:
    with pytest.raises(InvalidInputError, match="起算日"):
        reckon(rule(years=3), since, TODAY, Calendar())


def test_the_shipped_rules_name_topics_that_exist_and_put_theirs_first() -> None:
    rules = load()
    assert {topic for one in rules.rules for topic in one.topics} <= set(topics())
    assert rules.for_topic("wages")[0].code == "labour"
    assert rules.for_topic("")[0].code == "civil"
    assert len(rules.for_topic("wages")) == len(rules.rules)


def test_a_period_with_two_lengths_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "limitation.yaml"
    file.write_text(
        "version: 1\nrules:\n  - {code: a, name: a, years: 1, days: 2, since: a, law: a,"
        " articles: a}\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigFileError, match="只写一个"):
        limitation.load(file)
