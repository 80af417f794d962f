"""The code beside a case number: kept nowhere, told again the same, opened by nobody else."""

from __future__ import annotations

from pathlib import Path

from hotline.casework import Codes

NUMBER = "2611242000017"


def test_a_code_has_six_digits_and_can_be_told_again(tmp_path: Path) -> None:
    code = Codes.of(tmp_path).code(NUMBER)
    assert len(code) == 6
    assert code.isdigit()
    assert Codes.of(tmp_path).code(NUMBER) == code


def test_another_installation_has_another_code(tmp_path: Path) -> None:
    here, there = Codes.of(tmp_path / "a"), Codes.of(tmp_path / "b")
    numbers = [f"26112420000{n:02}" for n in range(20)]
    assert [here.code(n) for n in numbers] != [there.code(n) for n in numbers]


def test_only_the_right_code_opens() -> None:
    codes = Codes("secret")
    right = codes.code(NUMBER)
    assert codes.right(NUMBER, right)
    assert not codes.right(NUMBER, f"{(int(right) + 1) % 10**6:06}")
    assert not codes.right(NUMBER, "")
    assert not codes.right(NUMBER, "六位数字不是")


def test_a_link_opens_one_page_of_one_case() -> None:
    codes = Codes("secret")
    mark = codes.mark("evaluate", NUMBER)
    assert codes.marked("evaluate", NUMBER, mark)
    assert not codes.marked("see", NUMBER, mark)
    assert not codes.marked("evaluate", "2611242000025", mark)
