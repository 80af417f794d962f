import json
from pathlib import Path

import pytest

from hotline.settings import load
from transcripts.recognisers.models import (
    SHIPPED,
    ModelFolderError,
    RecogniserError,
    locate,
    models_folder,
    open_folder,
    open_recogniser,
    read_card,
)


def model_folder(folder: Path, rate: str = "--sample-frequency=16000\n") -> Path:
    for name in ("am/final.mdl", "conf/mfcc.conf", "graph/HCLG.fst"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(rate if name.endswith("mfcc.conf") else "")
    return folder


def test_the_model_that_is_set_wins_over_the_installed_one_over_the_shipped_one(
    tmp_path: Path,
) -> None:
    settings = load()
    assert locate(settings) == SHIPPED
    models_folder(settings).mkdir(parents=True)
    (models_folder(settings) / "current.txt").write_text("vosk-model-cn-0.22\n")
    assert locate(settings) == models_folder(settings) / "vosk-model-cn-0.22"
    chosen = load(speech={"model": str(tmp_path / "mine")})
    assert locate(chosen) == tmp_path / "mine"


def test_a_foreign_model_is_known_by_its_folder_and_its_own_rate(tmp_path: Path) -> None:
    card = read_card(model_folder(tmp_path / "vosk-model-small-cn-0.22"))
    assert (card.name, card.rate, card.demonstration) == ("vosk-model-small-cn-0.22", 16_000, False)


def test_kaldi_s_rate_holds_where_the_model_says_none(tmp_path: Path) -> None:
    assert read_card(model_folder(tmp_path / "m", rate="--num-ceps=40\n")).rate == 16_000


def test_our_own_model_says_that_it_knows_synthetic_voices_only(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    about = {"name": "demo", "description": "演示模型，仅识别合成语音", "demonstration": True}
    (folder / "model.json").write_text(json.dumps(about), encoding="utf-8")
    card = read_card(folder)
    assert card.demonstration
    assert card.description == "演示模型，仅识别合成语音"


@pytest.mark.parametrize("missing", ["am/final.mdl", "conf/mfcc.conf", "graph/HCLG.fst"])
def test_a_folder_that_is_no_model_is_told_with_what_to_do(tmp_path: Path, missing: str) -> None:
    folder = model_folder(tmp_path / "m")
    (folder / missing).unlink()
    with pytest.raises(ModelFolderError, match="hotline model install"):
        open_folder(folder)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelFolderError, match="不是 Vosk 模型"):
        open_folder(tmp_path / "nowhere")


def test_a_broken_card_is_told(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    (folder / "model.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelFolderError, match="已损坏"):
        read_card(folder)


def test_an_unknown_engine_is_told() -> None:
    with pytest.raises(RecogniserError, match="engine"):
        open_recogniser(load(speech={"engine": "whisper"}))
