from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hotline.app.commandline import cli
from hotline.errors import NotFoundError
from transcripts.training.corpus import Recipe, sources


def test_a_text_is_redacted_beside_the_original_which_stays(tmp_path: Path) -> None:
    told = tmp_path / "来信.txt"
    told.write_text("我叫张建国，电话13800138000", encoding="utf-8")
    for _ in range(2):
        done = CliRunner().invoke(cli, ["redact", str(told), "--out", str(tmp_path), "--json"])
        assert done.exit_code == 0, done.output
    files = [one["file"] for one in json.loads(done.output)["files"]]
    assert files == [str(tmp_path / "来信-3.txt")]
    assert (tmp_path / "来信-2.txt").read_text(encoding="utf-8") == "我叫【姓名】，电话【电话】"
    assert "张建国" in told.read_text(encoding="utf-8")


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["redact", "没有.wav", "--out", str(tmp_path)])
    assert isinstance(done.exception, NotFoundError)


def test_the_rules_of_review_are_told() -> None:
    done = CliRunner().invoke(cli, ["review", "rules"])
    assert "随机样本 5%" in done.output
    assert "法律项" in done.output


def test_corrected_sentences_reach_the_language_model_with_weight() -> None:
    texts = dict(sources(Recipe(templates=0, corrections=("工资支付台账要单位举证",))))
    assert texts["工资支付台账要单位举证"] == pytest.approx(20.0)
