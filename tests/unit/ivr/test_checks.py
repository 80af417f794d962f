from datetime import date
from pathlib import Path

import pytest

from hotline.configfiles import ConfigFileError
from hotline.settings import Settings
from ivr import checks, compile_menu, model
from ivr.checks import Finding, Severity
from ivr.model import Source
from ivr.texts import Catalogue
from tests.unit.ivr.conftest import SMALL_SURVEY, Read

TOPICS = {"wages": "劳动报酬", "marriage": "婚姻家庭", "station": "乡镇服务站"}
FIRST = '{key: "1", name: 劳动, say: menu/labour, topic: wages}'


def look(source: Source, catalogue: Catalogue, recordings: Path = Path("none")) -> list[Finding]:
    return checks.check(source, catalogue, TOPICS, recordings)


def lines(source: Source, catalogue: Catalogue, severity: Severity) -> list[tuple[int, str]]:
    return [
        (one.problem.line, one.problem.message)
        for one in look(source, catalogue)
        if one.severity is severity
    ]


def test_a_menu_that_keeps_the_rules_passes(read: Read, catalogue: Catalogue) -> None:
    assert look(read(), catalogue) == []


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (('key: "2", name: 婚姻', 'key: "1", name: 婚姻'), 15, "按键 1 已经用于“劳动”"),
        (('key: "2", name: 婚姻', 'key: "0", name: 婚姻'), 15, "按键 0 已经用于“转人工”"),
        (('key: "2", name: 婚姻', 'key: "*", name: 婚姻'), 15, "按键 * 已经用于“语言选择”"),
        (("to: night}", "to: person}"), 16, "没有任何按键能到达“夜间菜单”"),
        (("topic: wages", "topic: gossip"), 14, "topics.yaml 里没有 gossip"),
        (("topic: wages}", "topic: wages, covers: [gossip]}"), 14, "没有 gossip 这个专题"),
        (("topic: wages}", "to: night}"), 14, "后面还有一级菜单"),
        (("topic: wages}", "to: main}"), 14, "会一直循环"),
        (("topic: wages}", "to: nowhere}"), 14, "没有 nowhere 这个去处"),
        (("silence: callback", "silence: night"), 22, "会一直循环：从 night 到 night"),
        (("    intro: [menu/intro]\n", "    silence: voicemail\n"), 12, "不按键必须转人工"),
        (("    intro: [menu/intro]\n", "    wrong: callback\n"), 12, "按错键必须转人工"),
        (("    intro: [menu/intro]\n", "    person: false\n"), 12, "按 0 到不了人工"),
        (("notice: [notice]", "notice: []"), 7, "缺少开头的话"),
        (("start: main", "start: top"), 8, "没有名为 top 的菜单"),
        (("say: menu/labour", "say: menu/lottery"), 14, "提示音 menu/lottery 没有文字也没有录音"),
        (('number: "8801234"', 'number: "12348"'), 3, "号码 12348 写了 2 次"),
        (("to: callback}", "to: advice}"), 19, "要一起写"),
        (("to: callback}", "advice: [divorce]}"), 19, "要一起写"),
        (("to: callback}", "to: advice, advice: [none]}"), 19, "提示音 advice/none 没有文字"),
        (("    intro: [menu/intro]\n", "    urgent: true\n"), 10, "按 0 到不了人工"),
        (('key: "2", language', 'key: "1", language'), 28, "“本地话”永远选不到"),
        (("  night:\n    name", "  language:\n    name"), 16, "菜单不能叫 language"),
    ],
)
def test_a_broken_rule_is_told_with_its_line(
    read: Read, catalogue: Catalogue, change: tuple[str, str], line: int, message: str
) -> None:
    found = lines(read(change), catalogue, Severity.ERROR)
    assert any(line == at and message in said for at, said in found), found


def test_more_than_six_options_are_refused(read: Read, catalogue: Catalogue) -> None:
    more = "\n".join(
        f'      - {{key: "{key}", name: 第{key}项, say: menu/family, topic: marriage}}'
        for key in "345678"
    )
    source = read(("  night:\n    name", more + "\n  night:\n    name"))
    assert (20, "主菜单有 8 项，最多 6 项：选项多了记不住") in lines(
        source, catalogue, Severity.ERROR
    )


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (("topic: marriage", "topic: wages"), 13, "这些专题不属于任何选项：婚姻家庭"),
        (("notice: [notice]", "notice: [menu/intro]"), 7, "没有告知人身危险先拨 110"),
    ],
)
def test_what_only_harms_is_a_warning(
    read: Read, catalogue: Catalogue, change: tuple[str, str], line: int, message: str
) -> None:
    source = read(change)
    assert lines(source, catalogue, Severity.ERROR) == []
    found = lines(source, catalogue, Severity.WARNING)
    assert any(line == at and message in said for at, said in found), found


def test_a_text_that_names_another_key_is_told_where_it_stands(
    read: Read, catalogue: Catalogue
) -> None:
    source = read(
        ('key: "2", name: 婚姻', 'key: "7", name: 婚姻'),
        survey=SMALL_SURVEY.replace('{key: "3", name: 不满意}', '{key: "4", name: 不满意}'),
    )
    found = [str(one) for one in look(source, catalogue)]
    for file, start in (
        ("zh.yaml", "menu/family 说按 2，配置的是按键 7"),
        ("en.yaml", "menu/family 说按 2，配置的是按键 7"),
        ("zh.yaml", "survey/satisfaction 说按 1、2、3，配置的是按键 1、2、4"),
        ("en.yaml", "survey/satisfaction 说按 1、2、3，配置的是按键 1、2、4"),
    ):
        assert any(file in line and start in line for line in found), found


def test_a_stale_calendar_is_told(read: Read, catalogue: Catalogue) -> None:
    (one,) = checks.check(read(), catalogue, TOPICS, Path("none"), ["2027 年还没有录入"])
    assert (one.severity, str(one).split(": ")[-1]) == (Severity.WARNING, "2027 年还没有录入")


def test_a_recording_that_cannot_be_used_or_that_nobody_plays_is_told(
    read: Read, catalogue: Catalogue, tmp_path: Path
) -> None:
    folder = tmp_path / "recordings" / "zh"
    folder.mkdir(parents=True)
    (folder / "notice.wav").write_bytes(b"RIFF....not a wav")
    (folder / "notise.wav").write_bytes(b"")
    said = [str(one) for one in look(read(), catalogue, tmp_path / "recordings")]
    assert any("notice.wav:1: 不是能读的 WAV 录音" in line for line in said)
    assert any("notise.wav:1: 没有名为 notise 的提示音" in line for line in said)


def test_a_survey_question_asked_twice_or_a_key_used_twice_is_told(
    read: Read, catalogue: Catalogue
) -> None:
    twice = SMALL_SURVEY.replace("id: solved", "id: satisfaction").replace(
        '{key: "2", name: 没有解决}', '{key: "1", name: 没有解决}'
    )
    said = [message for _, message in lines(read(survey=twice), catalogue, Severity.ERROR)]
    assert said == ["题目编号 satisfaction 重复或不能使用", "按键 1 用了两次"]


def test_a_broken_menu_is_not_compiled(read: Read, own_settings: Settings, tmp_path: Path) -> None:
    read(("topic: wages}", "to: main}"))
    with pytest.raises(ConfigFileError, match=r"menu\.yaml:14: .*会一直循环"):
        compile_menu(own_settings, tmp_path / "menu.yaml", tmp_path / "survey.yaml")


def test_the_menu_that_we_ship_passes(own_settings: Settings) -> None:
    compiled = compile_menu(own_settings)
    found = checks.check(
        compiled.source, compiled.catalogue, checks.load_topics(), own_settings.prompts
    )
    # Advice is told in the language of the cards.
    assert [one.problem.message for one in found if "advice/" not in one.problem.message] == []


def test_advice_whose_card_is_due_is_told_of(own_settings: Settings) -> None:
    compiled = compile_menu(own_settings)
    late = date(2028, 1, 1)
    found = checks.check(
        compiled.source,
        compiled.catalogue,
        checks.load_topics(),
        own_settings.prompts,
        today=late,
    )
    said = [one.problem.message for one in found]
    assert sum("仍在播放" in message for message in said) == 4


def test_a_typing_slip_in_the_file_has_its_line(tmp_path: Path) -> None:
    file = tmp_path / "menu.yaml"
    file.write_text("version: 1\nname: 热线\nnumbres: []\n", encoding="utf-8")
    with pytest.raises(ConfigFileError, match=rf"{file}:3: numbres：不认识的项"):
        model.load(file)
