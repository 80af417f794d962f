from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from hotline.configfiles import ConfigFileError
from knowledge_base.parameters import UnknownParameterError, load_parameters


def test_a_figure_is_that_of_its_day_with_its_source() -> None:
    figure = load_parameters().figure("lpr_1y", date(2024, 8, 1))

    assert figure is not None
    assert figure.value == Decimal("3.35")
    assert figure.since == date(2024, 7, 22)
    assert not figure.outdated
    assert "数据截至" in figure.words


def test_a_figure_that_was_not_checked_for_long_says_so() -> None:
    figure = load_parameters().figure("lpr_1y", date(2026, 11, 24))

    assert figure is not None
    assert figure.outdated
    assert "请核对" in figure.words


def test_before_the_first_value_there_is_none() -> None:
    assert load_parameters().figure("lpr_1y", date(2010, 1, 1)) is None


def test_what_the_bureau_has_not_entered_is_not_guessed() -> None:
    assert load_parameters().figure("minimum_wage", date(2026, 11, 24)) is None


def test_an_unknown_series_is_an_error() -> None:
    with pytest.raises(UnknownParameterError, match="nonsense"):
        load_parameters().figure("nonsense", date(2026, 11, 24))


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ("[{since: 2024-02-01, value: 1}, {since: 2024-01-01, value: 2}]", "从早到晚"),
        ("[{since: 2024-02-01, value: 很多}]", "parameters"),
        ("[{since: 明天, value: 1}]", "日期"),
    ],
)
def test_a_broken_series_is_told(tmp_path: Path, values: str, told: str) -> None:
    file = tmp_path / "parameters.yaml"
    file.write_text(
        "version: 1\nparameters:\n  - code: rate\n    name: 利率\n    unit: '%'\n"
        f"    place: china\n    source: 公报\n    taken: 2024-05-01\n    values: {values}\n",
        encoding="utf-8",
    )

    with pytest.raises(ConfigFileError, match=told):
        load_parameters(file)
