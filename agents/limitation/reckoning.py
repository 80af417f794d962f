"""From the day that counts to the last day: pure.

民法典 201: the first day is not counted. 202: a period of months or years ends on the day of the
same number, or on the month's last day where it has none. 203: a last day that is off is followed
by the first working day after it; a weekend day that is worked in exchange (调休) is a working day.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta

from agents.limitation.rules import Kind, Rule
from hotline.errors import InvalidInputError
from hotline.worktime import Calendar

EARLIEST = date(1949, 10, 1)
URGENT_DAYS = 7
"""法律援助法 44: aid is given before the review where fewer than seven days remain."""


@dataclass(frozen=True)
class Reckoned:
    """What came of it."""

    last: date
    """The last day; of a time of waiting, the first day on which it may be done."""
    counted: date
    """The same before it moved to a working day."""
    moved_over: str
    """What the counted day is (国庆节, 周末), where it moved."""
    days_left: int
    """From today, negative where it is past."""
    provisional: bool
    """It moved in a year whose notice of holidays is not out yet."""
    words: str
    """The reckoning as a sentence."""


def reckon(rule: Rule, since: date, today: date, workdays: Calendar) -> Reckoned:
    """Reckon the last day.

    Raises:
        InvalidInputError: the day cannot be reckoned from.
    """
    if not EARLIEST <= since <= date(MAXYEAR - 30, 1, 1):
        raise InvalidInputError("起算日不对，请填写 1949 年以后的日期", field="since")
    counted = _end(rule, since)
    last = counted
    if rule.kind is Kind.WAIT:
        last += timedelta(days=1)
    elif rule.roll:
        last = workdays.first_workday(counted)
    moved = rule.kind is Kind.LAST and last != counted
    left = (last - today).days
    return Reckoned(
        last=last,
        counted=counted,
        moved_over=workdays.name(counted) if moved else "",
        days_left=left,
        provisional=rule.roll and workdays.is_provisional(counted, last),
        words=_words(rule, since, counted, last, workdays.name(counted) if moved else "", left),
    )


def _end(rule: Rule, since: date) -> date:
    if rule.days:
        return since + timedelta(days=rule.days)
    months = since.year * 12 + since.month - 1 + rule.years * 12 + rule.months
    year, month = divmod(months, 12)
    return date(year, month + 1, min(since.day, calendar.monthrange(year, month + 1)[1]))


def _words(rule: Rule, since: date, counted: date, last: date, moved_over: str, left: int) -> str:  # noqa: PLR0917
    said = f"自{_day(since)}起 {rule.length}，次日开始计算"
    if rule.kind is Kind.WAIT:
        return f"{said}，{_day(counted)}届满；{_day(last)}起可以提出。"
    moved = f"，当天是{moved_over}，顺延至{_day(last)}" if moved_over else ""
    said = f"{said}，至{_day(counted)}届满{moved}"
    if left < 0:
        return f"{said}；已过 {-left} 天，请核对有无中止、中断。"
    if left < URGENT_DAYS:
        near = f"只剩 {left} 天" if left else "今天就是最后一天"
        return f"{said}；{near}，法律援助应当先行提供（法律援助法第四十四条）。"
    return f"{said}；还剩 {left} 天。"


def _day(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
