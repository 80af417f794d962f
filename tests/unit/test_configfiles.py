from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from hotline import configfiles
from hotline.configfiles import ConfigFileError


class Option(BaseModel):
    model_config = ConfigDict(extra="forbid")
    key: str
    minutes: int = 1


class Menu(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    options: list[Option]


def written(folder: Path, text: str) -> Path:
    file = folder / "menu.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def problems(file: Path) -> list[str]:
    with pytest.raises(ConfigFileError) as caught:
        configfiles.load(file, Menu)
    return [f"{p.line}: {p.message}" for p in caught.value.problems]


def test_a_good_file_is_read(tmp_path: Path) -> None:
    menu = configfiles.load(written(tmp_path, 'title: 菜单\noptions: [{key: "1"}]\n'), Menu)
    assert menu == Menu(title="菜单", options=[Option(key="1")])


def test_each_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    file = written(
        tmp_path, 'title: 菜单\noptions:\n  - key: "1"\n    minuets: 3\n  - minutes: soon\n'
    )
    assert problems(file) == [
        "4: options.0.minuets：不认识的项，请检查拼写，现为 3",
        "5: options.1.key：缺少必填项",
        "5: options.1.minutes：应为整数，现为 'soon'",
    ]


def test_a_key_given_twice_is_refused_where_it_stands_again(tmp_path: Path) -> None:
    assert problems(written(tmp_path, "title: 一\noptions: []\ntitle: 二\n")) == [
        "3: YAML 格式有误：“title”写了两次"
    ]


def test_broken_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    [problem] = problems(written(tmp_path, "title: 菜单\noptions: [\n"))
    assert problem.startswith("3: YAML 格式有误")


def test_a_missing_file_and_a_file_in_another_encoding_say_so(tmp_path: Path) -> None:
    assert problems(tmp_path / "none.yaml") == ["1: 找不到这个文件"]
    file = tmp_path / "gbk.yaml"
    file.write_bytes("title: 菜单".encode("gbk"))
    assert problems(file) == ["1: 文件不是 UTF-8 编码，请另存为 UTF-8"]


def test_an_empty_file_names_what_is_missing(tmp_path: Path) -> None:
    assert problems(written(tmp_path, "")) == ["1: 文件：应为“项: 值”的形式"]
