"""The command line of speech with the shipped model."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from hotline.errors import HotlineError
from hotline.voice import Manner, say, wav_bytes
from transcripts.commands import app, evaluations
from transcripts.recognisers.models import SHIPPED, ModelFolderError

runner = CliRunner()


def run(*arguments: object) -> str:
    result = runner.invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def call(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Caller left, lawyer right, one after the other."""
    caller, agent = say("公司拖欠我三个月工资", Manner("f2")), say("可以申请劳动仲裁")
    both = np.zeros((len(caller) + len(agent) + 16_000, 2), np.int16)
    both[4_000 : 4_000 + len(caller), 0] = caller
    both[12_000 + len(caller) : 12_000 + len(caller) + len(agent), 1] = agent
    file = tmp_path_factory.mktemp("call") / "call.wav"
    content = bytearray(wav_bytes(both.reshape(-1)))
    content[22:24] = (2).to_bytes(2, "little")
    file.write_bytes(content)
    return file


def test_a_call_is_transcribed_by_turns(call: Path) -> None:
    shown = run("transcribe", call)
    assert "演示模型，仅识别合成语音" in shown
    assert "来电人 公司拖欠我3个月工资" in shown
    assert "律　师 可以申请劳动仲裁" in shown


def test_a_program_reads_one_object(call: Path) -> None:
    found = json.loads(run("transcribe", call, "--json"))
    assert (found["engine"], found["model"]) == ("vosk", "hotline-demo-cn")
    assert [turn["leg"] for turn in found["turns"]] == ["caller", "agent"]
    assert found["turns"][0]["words"][0]["start"] > 0.2


def test_the_model_in_use_is_shown() -> None:
    assert "仅识别合成语音" in run("model", "show")
    assert json.loads(run("model", "show", "--json"))["rate"] == 8_000


def test_an_evaluation_prints_one_object_with_agreed_keys(
    record: Callable[[Sequence[str], Path], Path], tmp_path: Path
) -> None:
    folder = record(["公司拖欠我三个月工资怎么办", "我想申请法律援助"], tmp_path)
    result = runner.invoke(evaluations, ["--audio", str(folder), "--json", "--errors", "3"])
    found = json.loads(result.stdout)
    assert found["files"] == 2
    assert 0 <= found["cer"] <= 1
    assert found["real_time_factor"] > 0


def test_an_evaluation_of_nothing_says_what_is_expected(tmp_path: Path) -> None:
    with pytest.raises(HotlineError, match="NAME"):
        runner.invoke(evaluations, ["--audio", str(tmp_path)], catch_exceptions=False)


def test_a_folder_that_is_no_model_is_told(call: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match="hotline model install"):
        runner.invoke(
            app, ["transcribe", str(call), "--model", str(tmp_path)], catch_exceptions=False
        )


def test_the_graph_alone_is_made_anew(tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(SHIPPED, model)
    (model / "graph" / "HCLG.fst").unlink()
    made = json.loads(run("model", "train", "--graph-only", "--out", model, "--json"))
    assert made["words"] > 5_000
    assert (model / "graph" / "HCLG.fst").stat().st_size == made["bytes"]
    (tmp_path / "call.wav").write_bytes(wav_bytes(say("公司拖欠我三个月工资")))
    assert "公司拖欠我3个月工资" in run("transcribe", tmp_path / "call.wav", "--model", model)


def test_only_a_model_of_ours_has_a_graph_to_remake(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match="不是本项目训练的模型"):
        run("model", "train", "--graph-only", "--out", tmp_path)


def test_a_packed_model_is_installed_and_used_from_then_on(tmp_path: Path, call: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "pack" / "vosk-model-county")
    archive = shutil.make_archive(str(tmp_path / "m"), "zip", tmp_path / "pack")
    assert "已安装并启用模型" in run("model", "install", archive)
    assert "vosk-model-county" in json.loads(run("model", "show", "--json"))["folder"]
    assert "公司拖欠我3个月工资" in run("transcribe", call)
