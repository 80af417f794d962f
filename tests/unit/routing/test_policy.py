from __future__ import annotations

from pathlib import Path

import pytest

from hotline.configfiles import ConfigFileError
from hotline.routing import policy
from hotline.routing.rulebook import Rulebook

NORMAL = "priorities: {normal: {name: 普通}}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ladder: [{after: 5, to: lawyers}]\n" + NORMAL, "第一级的 after 应为 0"),
        (
            "ladder: [{after: 0, to: lawyers}, {after: 9, to: stations}, {after: 5, to: mobiles}]\n"
            + NORMAL,
            "各级的 after 应从小到大",
        ),
        (
            "ladder: [{after: 0, to: voicemail}, {after: 9, to: stations}]\n" + NORMAL,
            "voicemail（留言）只能是最后一级",
        ),
        ("ladder: [{after: 0, to: anybody}]\n" + NORMAL, "可以写 'skilled'、'lawyers'、"),
        (
            "ladder: [{after: 0, to: lawyers, district: linxian}]\n" + NORMAL,
            "district 只能写在 to: districts 那一级",
        ),
        ("priorities: {elderly: {name: 老年人}}\n", "缺少普通类别"),
        ("ring_second: 9\n" + NORMAL, "不认识的项"),
        (
            "ladders: {station: [{after: 3, to: lawyers}]}\n" + NORMAL,
            "yaml:1: ladders.station：第一级",
        ),
    ],
)
def test_a_broken_policy_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "routing.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigFileError) as caught:
        policy.load(file)
    assert str(file) in caught.value.message
    assert said in caught.value.message


def test_an_unheard_of_priority_counts_as_normal() -> None:
    assert policy.load().priority("nonsense") == policy.load().priorities[policy.NORMAL]


def test_a_broken_file_leaves_the_policy_as_it_was_even_over_a_restart(tmp_path: Path) -> None:
    file, kept = tmp_path / "routing.yaml", tmp_path / "routing-last-good.yaml"
    file.write_text("ring_seconds: 20\n" + NORMAL, encoding="utf-8")
    book = Rulebook(file, kept)
    assert book.open().ring_seconds == 20
    assert book.changed() is None
    file.write_text("ring_seconds: 很久\n" + NORMAL, encoding="utf-8")
    assert book.changed() is None
    assert Rulebook(file, kept).open().ring_seconds == 20, "the next life goes on by the last good"
    file.unlink()
    assert book.changed() is None
    file.write_text("ring_seconds: 25\n" + NORMAL, encoding="utf-8")
    fresh = book.changed()
    assert fresh is not None
    assert fresh.ring_seconds == 25
    assert Rulebook(tmp_path / "none.yaml", kept).open().ring_seconds == 25


def test_the_very_first_start_refuses_a_broken_file(tmp_path: Path) -> None:
    file = tmp_path / "routing.yaml"
    file.write_text("ring_seconds: 很久\n", encoding="utf-8")
    with pytest.raises(ConfigFileError, match=r"routing\.yaml:1: ring_seconds：应为数字"):
        Rulebook(file, tmp_path / "last.yaml").open()


def test_a_change_before_the_first_look_is_not_missed(tmp_path: Path) -> None:
    file = tmp_path / "routing.yaml"
    file.write_text("ring_seconds: 20\n" + NORMAL, encoding="utf-8")
    book = Rulebook(file, tmp_path / "last.yaml")
    book.open()
    file.write_text("ring_seconds: 9\n" + NORMAL, encoding="utf-8")
    fresh = book.changed()
    assert fresh is not None
    assert fresh.ring_seconds == 9
