from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hotline.calls.proportion import Proportion
from hotline.web import display, masking

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0:00"), (7.9, "0:07"), (247, "4:07"), (3847, "1:04:07"), (-1, "0:00"), (None, "—")],
)
def test_durations(seconds: float | None, words: str) -> None:
    assert display.duration(seconds) == words


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=20), "刚刚"),
        (timedelta(minutes=3), "3 分钟前"),
        (timedelta(hours=2), "2 小时前"),
        (timedelta(days=1, hours=1), "昨天 09:00"),
        (timedelta(days=4), "11-20 10:00"),
        (timedelta(days=400), "2025-10-20"),
    ],
)
def test_how_long_ago(before: timedelta, words: str) -> None:
    assert display.ago(NOW - before, NOW) == words


def test_deadlines() -> None:
    assert display.until(NOW + timedelta(hours=2), NOW) == "还剩 2 小时"
    assert display.until(NOW - timedelta(days=3), NOW) == "已超 3 天"


def test_a_share_shows_what_it_is_made_of() -> None:
    assert display.share(Proportion(1171, 1180)) == (
        '<span class="share" title="1,171 / 1,180">99.2%</span>'
    )
    assert "尚无数据" in display.share(Proportion(0, 0))


def test_times_are_shown_in_china() -> None:
    assert display.exact(NOW) == "2026年11月24日 周二 10:00:00"
    assert 'title="2026年11月24日 周二 10:00:00"' in display.moment(NOW, NOW)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13812345678", "138****5678"),
        ("051288886666", "051****6666"),
        ("12345", "****45"),
        ("110", "****"),
        ("", "未显示号码"),
        (None, "未显示号码"),
    ],
)
def test_numbers_are_masked(number: str | None, shown: str) -> None:
    assert masking.number(number) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [("王丽", "王*"), ("欧阳建国", "欧阳**"), ("买买提江", "买**"), (None, "未留姓名")],
)
def test_names_are_masked(name: str | None, shown: str) -> None:
    assert masking.name(name) == shown
