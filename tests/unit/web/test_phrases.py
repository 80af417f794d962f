"""Sentences that the code puts together and words in scripts, in another language."""

from __future__ import annotations

import pytest

from hotline.web.phrases import Phrases
from hotline.web.scripts import literals, translated

MESSAGES = {
    "{0} 的账号已{1}": "{0}: account {1}",
    "停用": "disabled",
    "空闲": "Ready",
    "小休": "Pause",
    "{0} 年": "{0} years",
    "只剩 {0} 天": "only {0} days left",
    "{0}；{1}，请尽快": "{0}; {1}, be quick",
    "劳动仲裁": "Labour arbitration",
}


@pytest.fixture
def phrases() -> Phrases:
    return Phrases.of(MESSAGES.get, MESSAGES.items())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("空闲", "Ready"),
        (" 空闲 ", " Ready "),
        ("王晓梅 的账号已停用", "王晓梅: account disabled"),
        ("劳动仲裁；只剩 3 天，请尽快", "Labour arbitration; only 3 days left, be quick"),
        ("空闲、小休", "Ready, Pause"),
        ("空闲（小休）", "Ready (Pause)"),
        ("Nothing", "Nothing"),
        ("3 年", "3 years"),
    ],
)
def test_what_the_code_says_is_translated(phrases: Phrases, text: str, shown: str) -> None:
    assert phrases.shown(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "老板拖欠工资",
        "我和他分居三 年",  # too little of the sentence is ours
        "干了三 年，只给工资",
        "空闲、做饭",
        "空闲" * 400,
    ],
)
def test_what_people_say_stays(phrases: Phrases, text: str) -> None:
    assert phrases.shown(text) == text


SCRIPT = """
// 注释里的 "话" 不是 message
const a = "保存", b = 'it"s 好', c = `还有 ${left.size} 项`; /* "别动" */
say("plain");
"""


def test_a_scripts_words_are_found() -> None:
    assert [one.message for one in literals(SCRIPT)] == ["保存", 'it"s 好', "还有 {0} 项"]


def test_a_script_is_served_with_its_words_translated() -> None:
    words = {"保存": 'Save "it"', "还有 {0} 项": "{0} to go"}
    shown = translated(SCRIPT, words.get)
    assert 'a = "Save \\"it\\"", b' in shown
    assert "c = `${left.size} to go`; /*" in shown
    assert '注释里的 "话"' in shown
