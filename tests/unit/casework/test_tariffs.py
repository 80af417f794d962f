"""Subsidies come from dated tables, never from code."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from hotline.casework import Service, services, tariffs
from hotline.casework.tariffs import Tariff, TariffGapError
from hotline.configfiles import ConfigFileError

TARIFF = Tariff.model_validate(
    {
        "code": "work",
        "name": "示例补贴",
        "unit": "元/件",
        "versions": [
            {
                "from": "2025-01-01",
                "until": "2025-12-31",
                "source": "旧文件",
                "amounts": [{"yuan": "100"}],
                "factors": {"grade": [{"times": "1"}]},
            },
            {
                "from": "2026-01-01",
                "source": "新文件",
                "amounts": [
                    {"yuan": "333.33", "when": {"field": "urgency", "is": "urgent"}},
                    {"yuan": "200", "when": {"field": "topic", "filled": True}},
                ],
                "factors": {"grade": [{"times": "0.5", "when": {"field": "place", "is": "x"}}]},
            },
        ],
    }
)


@pytest.fixture
def service(shipped: services.Services) -> Service:
    content = shipped.get("ticket").content()
    content["subsidy"] = {
        "tariff": "work",
        "factors": ["grade"],
        "states": ["archived"],
        "unless": {"field": "caller_name", "is": "公职人员"},
    }
    return Service.model_validate(content)


def test_the_day_chooses_the_version(service: Service) -> None:
    old = tariffs.payment(service, TARIFF, {}, date(2025, 12, 31))
    assert old is not None
    assert (old.amount, old.source) == (Decimal("100.00"), "旧文件")
    with pytest.raises(TariffGapError, match="2024"):
        tariffs.payment(service, TARIFF, {}, date(2024, 1, 1))


def test_factors_multiply_and_cents_are_rounded(service: Service) -> None:
    found = tariffs.payment(service, TARIFF, {"urgency": "urgent", "place": "x"}, date(2026, 5, 1))
    assert found is not None
    assert found.amount == Decimal("166.67")
    assert found.reckoning == ("示例补贴 333.33 元", "× grade 0.5")


def test_who_is_excluded_gets_nothing(service: Service) -> None:
    values = {"caller_name": "公职人员"}
    assert tariffs.payment(service, TARIFF, values, date(2026, 5, 1)) is None


def test_a_gap_is_told_not_guessed(service: Service) -> None:
    with pytest.raises(TariffGapError, match="金额"):
        tariffs.payment(service, TARIFF, {}, date(2026, 5, 1))
    with pytest.raises(TariffGapError, match="grade"):
        tariffs.payment(service, TARIFF, {"topic": "wages"}, date(2026, 5, 1))


def test_overlapping_versions_are_refused_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "work.yaml").write_text(
        "code: work\nname: 补贴\nunit: 元\nversions:\n"
        '  - {from: 2025-01-01, source: 甲, amounts: [{yuan: "1"}]}\n'
        '  - {from: 2026-01-01, source: 乙, amounts: [{yuan: "2"}]}\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigFileError, match="重叠，请补上 until"):
        tariffs.load(tmp_path)
