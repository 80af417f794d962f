"""``hotline report`` as the bureau's cron runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hotline.app.commandline import cli


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture(autouse=True)
def _empty_database() -> None:
    assert run("db", "upgrade").exit_code == 0


def test_a_folder_gets_one_file_a_period_and_no_halves(tmp_path: Path) -> None:
    for _ in range(2):
        done = run("report", "monthly", "2026-10", "--to", tmp_path / "baobiao")
        assert done.exit_code == 0, done.output
    assert [file.name for file in (tmp_path / "baobiao").iterdir()] == ["12348月报-2026-10-01.xlsx"]


def test_the_file_s_ending_says_the_format(tmp_path: Path) -> None:
    assert run("report", "daily", "2026-10-08", "--to", tmp_path / "a.pdf").exit_code == 0
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-")
    refused = run("report", "daily", "2026-10-08", "--to", tmp_path / "a.doc")
    assert refused.exit_code != 0
    assert "xlsx、pdf、json、txt" in refused.output


def test_programs_get_json_and_a_screen_gets_no_workbook() -> None:
    told = json.loads(run("report", "weekly", "2026-10-08", "--json").output)
    assert (told["kind"], told["first"]) == ("weekly", "2026-10-05")
    assert run("report", "weekly", "2026-10-08", "--format", "xlsx").exit_code != 0
