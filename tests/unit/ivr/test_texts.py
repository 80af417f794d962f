from pathlib import Path

import pytest

from hotline import settings
from hotline.configfiles import ConfigFileError
from ivr import texts


@pytest.mark.parametrize(
    ("days", "said"), [(730, "两年"), (365, "1年"), (1095, "3年"), (90, "3个月"), (45, "45天")]
)
def test_the_notice_says_how_long_recordings_are_really_kept(days: int, said: str) -> None:
    own = settings.load(recording={"retention_days": days})
    catalogue = texts.load(texts.values(own))
    assert f"保存{said}。" in catalogue.text("notice", "zh")


def test_the_english_notice_says_it_in_english() -> None:
    catalogue = texts.load(texts.values(settings.load()))
    assert "kept for 2 years." in catalogue.text("notice", "en")


def test_what_a_language_lacks_is_said_in_the_usual_one() -> None:
    catalogue = texts.load(texts.values(settings.load()))
    assert catalogue.text("comfort/wages", "en") == catalogue.text("comfort/wages", "zh")
    assert catalogue.text("no/such", "zh") == "〔no/such〕"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("language: ug\nname: 维吾尔语\ntexts: {notice: 您好{phone}}\n", "没有 {phone} 这个值"),
        ("language: bo\nname: 藏语\ntexts: {notice: 您好}\n", "文件名应为 bo.yaml"),
        ('language: ug\nname: 维吾尔语\ntexts: {notice: " "}\n', "没有文字"),
    ],
)
def test_a_mistake_in_the_words_is_told_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "ug.yaml").write_text(
        text.replace("{notice: 您好{", '{notice: "您好{').replace("}}\n", '}"}\n'), encoding="utf-8"
    )
    monkeypatch.setenv("HOTLINE_CONFIG", str(tmp_path))
    with pytest.raises(ConfigFileError, match=r"ug\.yaml:\d: ") as caught:
        texts.load(texts.values(settings.load()))
    assert message in str(caught.value)
