"""What the benchmarks count, from calls and samples that are made up."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from hotline.bench import deciding, soaking
from hotline.bench.commands import app
from hotline.bench.deciding import Cost
from hotline.bench.exchange import Placed
from hotline.bench.routing import Side


def call(number: int, milliseconds: float, *rung: str) -> Placed:
    placed = Placed(str(number), "12348", sent_at=1.0, rung_at=1.0 + milliseconds / 1000)
    placed.rung = list(rung)
    placed.answered_by = rung[-1] if rung else ""
    return placed


def test_a_side_counts_its_percentiles_and_processor_time() -> None:
    side = Side([call(n, n, "a") for n in range(1, 101)], controller_cpu=0.35, asterisk_cpu=1.1)
    told = side.as_json()
    assert told["p50_ms"] == pytest.approx(50.5)
    assert told["p99_ms"] == pytest.approx(99.99)
    assert (told["cpu_ms_per_call"], told["failures"]) == (3.5, 0)
    assert side.clean


def test_a_call_that_rang_twice_or_nowhere_is_a_failure() -> None:
    assert Side([call(1, 5, "a", "b"), call(2, 5), call(3, 5, "a")]).failures == 2
    assert not Side([call(n, 5, "a") for n in range(5)], retransmissions=1).clean
    assert not Side([call(n, 150, "a") for n in range(5)]).clean


def test_the_growth_of_what_grows_like_n_log_n_is_told_as_such() -> None:
    costs = [Cost(n, 2 * n, 3.0 * n, 4.0 * n) for n in (100, 400, 1600)]
    assert deciding.exponent(costs) == pytest.approx(1.0)
    assert 1.0 < deciding.log_exponent(costs) < 1.3
    assert deciding.picture(costs).startswith("<svg")


def test_the_slope_of_memory_is_that_of_the_line_through_it() -> None:
    assert soaking._slope([(0, 100.0), (1000, 100.5), (2000, 101.0)]) == pytest.approx(0.0005)
    assert soaking._slope([(0, 100.0)]) == 0.0


def test_a_rate_that_is_none_is_refused_in_chinese() -> None:
    result = CliRunner().invoke(app, ["routing", "--rate", "quick"])
    assert result.exit_code == 2
    assert "应为 0 到 200 之间的数" in result.output
