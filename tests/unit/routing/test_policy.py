from __future__ import annotations

from pathlib import Path

import pytest

from hotline.configfiles import ConfigFileError
from hotline.routing import policy

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
        ("ladder: [{after: 0, to: anybody}]\n" + NORMAL, "ladder.0.to"),
        ("priorities: {elderly: {name: 老年人}}\n", "缺少普通类别"),
        ("ring_second: 9\n" + NORMAL, "不认识的项"),
        ("ladders: {station: [{after: 3, to: lawyers}]}\n" + NORMAL, "station：第一级"),
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
