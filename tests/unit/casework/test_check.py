"""A mistake in a service file is told with its file and line, and stops only that service."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hotline.casework import services
from hotline.casework.commands import app

GOOD = """\
code: lamp
digits: "90"
name: 路灯报修
catalogue:
  summary: 报修路灯
  for_whom: 所有人
  procedure: [打电话, 修理]
  time_limit: 3 个工作日
  cost: 免费
  legal_basis: [{law: 示例条例}]
  counter: 综合窗口
fields:
  - {name: lamp_number, label: 灯杆号, required: true}
  - {name: kind, label: 故障, type: choice, options: {dark: 不亮, broken: 损坏}}
  - {name: repaired_on, label: 修好日期, type: date, opening: false}
start: reported
opened_by: [station, applicant]
states:
  reported: {name: 已报修}
  done: {name: 已修好, kind: end}
transitions:
  - action: repair
    name: 修好
    from: [reported]
    to: done
    who: [station, system]
    requires: [repaired_on]
    effects:
      tell: [{whom: applicant, text: "{number} 已修好"}]
clocks:
  repair:
    name: 修理
    limits: {working_days: 3}
    runs_in: [reported]
    basis: 本单位规定
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOTLINE_CONFIG", str(tmp_path))
    (tmp_path / "services").mkdir()
    return tmp_path / "services"


def problems(folder: Path, text: str, name: str = "lamp") -> list[str]:
    file = folder / f"{name}.yaml"
    file.write_text(text, encoding="utf-8")
    return [str(p).removeprefix(f"{file}:") for p in services.load().problems]


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


def line_of(text: str, snippet: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), 1) if snippet in line)


def test_a_bureaus_own_service_stands_beside_ours(folder: Path) -> None:
    assert problems(folder, GOOD) == []
    assert {"lamp", "ticket"} <= set(services.load().by_code)


@pytest.mark.parametrize(
    ("old", "new", "at", "told"),
    [
        ("who: [station, system]", "who: [janitor]", "who:", "没有“janitor”这个角色"),
        ("to: done", "to: gone", "to: gone", "没有“gone”这个状态"),
        ("start: reported", "start: begin", "start:", "没有“begin”这个状态"),
        ("requires: [repaired_on]", "requires: [hue]", "requires:", "表单里没有“hue”这个字段"),
        ("{number} 已修好", "{nummer} 已修好", "{nummer}", "文字里的 {nummer} 不知道是什么"),
        ("whom: applicant", "whom: all", "whom: all", "不知道要告诉谁：“all”"),
        ("runs_in: [reported]", "runs_in: [waiting]", "runs_in:", "没有“waiting”这个状态"),
        ("    basis: 本单位规定\n", "", "  repair:", "clocks.repair.basis：缺少必填项"),
        ("limits: {working_days: 3}", "limits: {weeks: 3}", "limits:", "clocks.repair.limits.0"),
        ("code: lamp", "code: lantern", "code:", "code 应与文件名一致：lamp"),
        ('digits: "90"', 'digits: "10"', "digits:", "编号 10 已用于“热线工单”"),
        (
            "  done: {name",
            "  lost: {name: 丢失}\n  done: {name",
            "  lost:",
            "状态“丢失”从起点走不到",
        ),
        (
            "    from: [reported]",
            "    from: [reported]\n    when: {field: kind, is: blue}",
            "    when:",
            "“故障”没有“blue”这个选项",
        ),
        (
            "    from: [reported]",
            "    from: [reported]\n    when: {field: hue, filled: true}",
            "    when:",
            "没有“hue”这个字段",
        ),
        (
            "    basis: 本单位规定",
            "    basis: 本单位规定\n    counted_from: kind",
            "    counted_from:",
            "“kind”不是日期字段",
        ),
        (
            "    basis: 本单位规定",
            "    basis: 本单位规定\n    when_missed: close",
            "    when_missed:",
            "系统在“reported”状态下不能“close”",
        ),
        (
            "    requires: [repaired_on]",
            "    requires: [repaired_on]\n    colour: red",
            "    colour:",
            "transitions.0.colour：不认识的项",
        ),
    ],
)
def test_each_mistake_has_its_line(folder: Path, old: str, new: str, at: str, told: str) -> None:
    text = changed(old, new)
    found = problems(folder, text)
    assert any(problem.startswith(f"{line_of(text, at)}: {told}") for problem in found), found


def test_a_service_without_an_end_is_told(folder: Path) -> None:
    text = changed("  done: {name: 已修好, kind: end}", "  done: {name: 已修好}")
    line = line_of(text, "states:")
    assert problems(folder, text) == [f"{line}: 没有结束状态（kind: end）"]


def test_a_state_without_a_way_to_the_end_is_told(folder: Path) -> None:
    text = changed("to: done", "to: [{when: {field: kind, is: dark}, state: stuck}, {state: done}]")
    text = text.replace("  done: {name", "  stuck: {name: 卡住}\n  done: {name")
    line = line_of(text, "  stuck:")
    assert problems(folder, text) == [f"{line}: 状态“卡住”走不到任何结束状态（死路）"]


def test_a_deadline_without_a_calendar_is_told(folder: Path) -> None:
    (folder / "lamp.yaml").write_text(GOOD, encoding="utf-8")
    found = [p for p in services.load(has_calendar=False).problems if p.file.stem == "lamp"]
    assert [(p.line, p.message) for p in found] == [
        (line_of(GOOD, "  repair:"), "期限“修理”按日计算，但还没有工作日历（config/calendar）")
    ]


def test_a_broken_file_never_stops_the_others(folder: Path) -> None:
    assert problems(folder, "code: [unfinished\n") != []
    assert "ticket" in services.load().by_code


def test_the_command_tells_where_and_exits_with_one(folder: Path) -> None:
    text = changed("to: done", "to: gone")
    (folder / "lamp.yaml").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app, ["check"])
    assert result.exit_code == 1
    assert (
        f"{folder / 'lamp.yaml'}:{line_of(text, 'to: gone')}: 没有“gone”这个状态" in result.output
    )


def test_the_command_is_content_with_what_we_ship() -> None:
    result = CliRunner().invoke(app, ["check", "--json"])
    assert result.exit_code == 0, result.output


def test_a_service_is_shown_as_text_and_as_a_picture(tmp_path: Path) -> None:
    shown = CliRunner().invoke(app, ["show", "ticket"])
    assert "派单 → 派单" in shown.output
    target = tmp_path / "ticket.svg"
    assert CliRunner().invoke(app, ["show", "ticket", "--svg", str(target)]).exit_code == 0
    assert target.read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.parametrize(
    ("more", "line", "words"),
    [
        ("booking:\n  at: kind\n  of: [kind]\n  states: [done]\n", 2, "“kind”不是日期字段"),
        ("booking:\n  at: repaired_on\n  of: [nobody]\n  states: [done]\n", 3, "没有“nobody”"),
        ("booking:\n  at: repaired_on\n  of: [kind]\n  states: [lost]\n", 4, "没有“lost”这个状态"),
        ("pages:\n  columns: [kind, nothing]\n", 2, "没有“nothing”"),
        ("pages:\n  calendar: kind\n", 2, "“kind”不是日期字段"),
        ("pages:\n  coverage: {level: village, states: [done]}\n", 2, "place 字段"),
        ("pages:\n  sections:\n    灯: [lamp_number, wire]\n", 3, "没有“wire”"),
    ],
)
def test_a_view_of_what_the_form_has_not_is_told_with_its_line(
    folder: Path, more: str, line: int, words: str
) -> None:
    (found,) = problems(folder, GOOD + more)
    at = GOOD.count("\n") + line
    assert found.startswith(f"{at}:")
    assert words in found
