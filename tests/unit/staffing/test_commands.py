import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agents.staffing.commands import app
from agents.staffing.sources import TrafficSourceError

DAY = "at,topic,handling,patience\n" + "".join(
    f"{9 * 3600 + 20 * n},{'wages' if n % 3 else 'marriage'},300,{60 + n}\n" for n in range(60)
)
SLOW = "ladder:\n  - {after: 0, to: skilled, level: 3}\n"


@pytest.fixture
def day(tmp_path: Path) -> Path:
    file = tmp_path / "day.csv"
    file.write_text(DAY, encoding="utf-8")
    return file


def run(*arguments: str | Path) -> str:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if done.exception is not None:
        raise done.exception
    return done.output


def test_policies_are_told_side_by_side_and_drawn(day: Path, tmp_path: Path) -> None:
    slow = tmp_path / "slow.yaml"
    slow.write_text(SLOW, encoding="utf-8")
    wide = tmp_path / "wide.yaml"
    wide.write_text("ladder:\n  - {after: 0, to: lawyers}\n", encoding="utf-8")
    options = ("--agents", "12", "--policy", slow, "--policy", wide)
    chart = tmp_path / "policies.svg"
    told = json.loads(run("simulate", day, *options, "--json", "--chart", chart))
    by_name = {one["name"]: one for one in told["policies"]}
    assert by_name["slow"]["right_share"] == 1.0
    assert by_name["wide"]["answered"] >= by_name["slow"]["answered"]
    assert all(one["offered"] == 60 for one in told["policies"])
    assert "slow" in chart.read_text(encoding="utf-8")
    assert "专题对口" in run("simulate", day, *options)


def test_the_week_is_told_and_written(day: Path, tmp_path: Path) -> None:
    book, chart = tmp_path / "staff.xlsx", tmp_path / "staff.svg"
    output = run("staff", day, "--xlsx", book, "--chart", chart, "--absence", "0.2")
    assert "周一" in output
    assert "Erlang A" in output
    assert book.read_bytes().startswith(b"PK")
    assert "周一" in chart.read_text(encoding="utf-8")
    told = json.loads(run("staff", day, "--json", "--simulate"))
    assert {half["begins"] for half in told["half_hours"]} == {"09:00"}
    assert told["half_hours"][0]["simulated_within"] > 0


def test_one_source_of_calls_is_asked_for(day: Path) -> None:
    with pytest.raises(TrafficSourceError):
        run("simulate", "--agents", "3")
    with pytest.raises(TrafficSourceError):
        run("simulate", day, "--calls", "10", "--agents", "3")
