from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from hotline.configfiles import ConfigFileError
from hotline.errors import NotFoundError
from hotline.worktime import load, load_calendar, load_hours

NOTICE = """\
year: 2028
published: true
source: {title: 通知, issued: 2027-11-05}
holidays:
  - {name: 元旦, from: 2028-01-01, to: 2028-01-03}
"""

Own = Callable[[str, str], Path]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Own:
    """Write a file into the bureau's own configuration folder."""
    monkeypatch.setenv("HOTLINE_CONFIG", str(tmp_path))
    (tmp_path / "calendar").mkdir()

    def write(name: str, text: str) -> Path:
        file = tmp_path / "calendar" / name
        file.write_text(text, encoding="utf-8")
        return file

    return write


def test_a_bureau_adds_a_year_and_keeps_those_that_we_ship(own: Own) -> None:
    own("2028.yaml", NOTICE)
    calendar = load_calendar()
    assert {2026, 2027, 2028} <= calendar.known
    assert {2026, 2028} <= calendar.published
    assert 2027 not in calendar.published


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (NOTICE + "make_up: [{name: 元旦, date: 2028-01-04}]\n", 6, "不是周六或周日"),
        (NOTICE + "make_up: [{name: 元旦, date: 2028-01-02}]\n", 6, "既放假又上班"),
        (NOTICE.replace("2028-01-03", "2027-12-30"), 5, "不晚于"),
        (NOTICE.replace("2028-01-03", "second"), 5, "应为日期"),
        (NOTICE.replace("year: 2028", "year: 2029"), 1, "文件名应为"),
        (NOTICE + "  - {name: 又一个, from: 2028-01-02, to: 2028-01-02}\n", 6, "两个假期"),
    ],
)
def test_a_mistake_in_a_year_is_told_with_its_line(
    own: Own, text: str, line: int, message: str
) -> None:
    file = own("2028.yaml", text)
    with pytest.raises(ConfigFileError) as caught:
        load_calendar()
    assert f"{file}:{line}: " in str(caught.value)
    assert message in str(caught.value)


def test_a_mistake_in_the_hours_is_told_with_its_line(own: Own) -> None:
    file = own("hours.yaml", 'hotline:\n  workdays: ["12:00-08:00"]\n')
    with pytest.raises(ConfigFileError, match=f"{file}:2: .*从早到晚"):
        load_hours("hotline")


def test_seasons_and_single_days_are_read(own: Own) -> None:
    own(
        "hours.yaml",
        "hotline:\n"
        '  workdays: ["09:00-17:00"]\n'
        '  saturday: ["09:00-12:00"]\n'
        '  seasons: [{from: 06-01, to: 09-30, workdays: ["08:00-16:00"]}]\n'
        '  days: [{date: 2026-12-05, name: 宪法宣传, open: ["10:00-11:00"]}]\n',
    )
    hotline = load("hotline")
    shown = [
        " ".join(map(str, hotline.hours.spans(day, hotline.calendar)))
        for day in (date(2026, 7, 1), date(2026, 11, 28), date(2026, 12, 5))
    ]
    assert shown == ["08:00-16:00", "09:00-12:00", "10:00-11:00"]


def test_unknown_hours_are_refused_with_the_names_there_are() -> None:
    with pytest.raises(NotFoundError, match="office、hotline"):
        load_hours("nowhere")
