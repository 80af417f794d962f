from collections.abc import Callable
from pathlib import Path

import pytest

from hotline import settings
from hotline.settings import Settings
from hotline.worktime import Calendar, Hours, Week, WorkTime, spans
from ivr import model, texts
from ivr.model import Source
from ivr.texts import Catalogue

SMALL_MENU = """\
version: 1
name: 测试热线
numbers:
  - {number: "12348"}
  - {number: "8801234", place: qingshi}
hours: hotline
notice: [notice]
start: main
menus:
  main:
    name: 主菜单
    intro: [menu/intro]
    options:
      - {key: "1", name: 劳动, say: menu/labour, topic: wages}
      - {key: "2", name: 婚姻, say: menu/family, topic: marriage}
  night:
    name: 夜间菜单
    options:
      - {key: "5", name: 登记回电, say: night/callback, to: callback}
      - {key: "6", name: 留言, say: night/voicemail, to: voicemail}
    person: false
    silence: callback
    wrong: callback
languages:
  key: "*"
  choices:
    - {key: "1", language: zh, name: 普通话, say: language/zh}
    - {key: "2", language: dialect, name: 本地话, say: language/dialect, menu: false}
night: {say: [night/closed], to: night}
skip: {say: [notice/short]}
"""

SMALL_SURVEY = """\
version: 1
name: 通话评价
intro: [survey/intro]
questions:
  - id: satisfaction
    name: 满意度
    say: survey/satisfaction
    answers: [{key: "1", name: 满意}, {key: "2", name: 基本满意}, {key: "3", name: 不满意}]
  - id: solved
    name: 是否解决
    say: survey/solved
    answers: [{key: "1", name: 解决了}, {key: "2", name: 没有解决}]
thanks: [survey/thanks]
"""

Read = Callable[..., Source]


@pytest.fixture
def own_settings(tmp_path: Path) -> Settings:
    return settings.load(home=tmp_path / "home", prompts=tmp_path / "recordings")


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read the small menu, changed by pairs of (what stands there, what shall stand there)."""

    def read_changed(*changes: tuple[str, str], survey: str = SMALL_SURVEY) -> Source:
        text = SMALL_MENU
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        (tmp_path / "menu.yaml").write_text(text, encoding="utf-8")
        (tmp_path / "survey.yaml").write_text(survey, encoding="utf-8")
        return model.load(tmp_path / "menu.yaml", tmp_path / "survey.yaml")

    return read_changed


@pytest.fixture
def catalogue(own_settings: Settings) -> Catalogue:
    return texts.load(texts.values(own_settings))


@pytest.fixture
def office() -> WorkTime:
    """Monday to Friday with lunch; one holiday, one Saturday made up for, one summer."""
    from datetime import date

    from hotline.worktime import Season

    usual = Week(workdays=spans(["08:30-12:00", "14:00-17:30"]))
    summer = Season((6, 1), (9, 30), Week(workdays=spans(["08:00-12:00"])))
    calendar = Calendar(
        {date(2026, 10, 1): "国庆节"}, {date(2026, 10, 10): "国庆节"}, frozenset({2026})
    )
    return WorkTime(calendar, Hours(usual, (summer,)))
