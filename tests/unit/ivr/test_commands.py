import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import Result
from typer.testing import CliRunner

from ivr.commands import app
from tests.unit.ivr.conftest import SMALL_MENU

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    def call(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(app, arguments, input=typed)

    return call


def test_the_shipped_menu_is_found_good(run: Run) -> None:
    result = run("check", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.output)["ok"] is True


def test_a_broken_menu_exits_with_one_and_names_file_and_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "menu.yaml"
    file.write_text(SMALL_MENU.replace("topic: wages}", "to: main}"), encoding="utf-8")
    result = run("check", "--menu", str(file))
    assert result.exit_code == 1
    assert f"{file}:14: " in result.output


def test_the_picture_shows_every_option(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "menu.svg"
    result = run("show", "-o", str(file))
    assert result.exit_code == 0, result.output
    assert "婚姻家庭与继承" in result.output
    shown = "".join(ET.fromstring(file.read_text(encoding="utf-8")).itertext())  # noqa: S314
    for name in ("劳动", "乡镇服务站、法律援助与其他", "语言选择", "满意度", "没有解决"):
        assert name in shown


def test_a_menu_with_markup_in_its_name_is_drawn_as_text(run: Run, tmp_path: Path) -> None:
    menu = tmp_path / "menu.yaml"
    menu.write_text(SMALL_MENU.replace("name: 测试热线", "name: '<b>&热线'"), encoding="utf-8")
    file = tmp_path / "menu.svg"
    assert run("show", "--menu", str(menu), "-o", str(file)).exit_code == 0
    ET.fromstring(file.read_text(encoding="utf-8"))  # noqa: S314


def test_a_scripted_walk_tells_each_step_as_json(run: Run) -> None:
    result = run("walk", "--keys", "1@2", "--at", "2026-11-24T10:00", "--json")
    rows = [json.loads(line) for line in result.output.splitlines()]
    assert rows[-1] == {"kind": "left", "at": 2.0, "to": "person"}
    assert rows[-2]["fields"]["Topic"] == "wages"


def test_a_walk_on_a_holiday_meets_the_night_service(run: Run) -> None:
    result = run("walk", "--keys", "0", "--at", "2026-10-01T10:00")
    assert "下班时间" in result.output


def test_a_walk_asks_for_keys_after_it_has_spoken(run: Run) -> None:
    result = run("walk", "--with-survey", "--at", "2026-11-24T10:00", typed="5x\n5\n1\n2\n")
    assert result.exit_code == 0, result.output
    assert "请输入一个电话键" in result.output
    assert "Question=solved Answer=2" in result.output


def test_prompts_lists_what_nobody_has_recorded_yet(run: Run, tmp_path: Path) -> None:
    result = run("prompts", "--missing")
    assert result.exit_code == 0, result.output
    assert "menu/labour" in result.output
    assert list((tmp_path / "home/asterisk/sounds/zh/menu").glob("*.wav"))


def test_compile_puts_dialplan_and_sounds_in_their_places(run: Run, tmp_path: Path) -> None:
    assert run("compile").exit_code == 0
    text = (tmp_path / "home/asterisk/etc/ivr.conf").read_text(encoding="utf-8")
    assert f"{tmp_path}/home/asterisk/sounds/${{HL_LANG}}/notice" in text
    assert run("compile", "-o", "-").output == text
