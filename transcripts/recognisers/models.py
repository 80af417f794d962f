"""Which model is used: the one that is set, else the installed one, else the shipped one."""

from __future__ import annotations

import json
import re
from pathlib import Path

from hotline.settings import Settings
from transcripts.recognisers.base import ModelCard, Recogniser, RecogniserError

SHIPPED = Path(__file__).parents[1] / "model"
CARD = "model.json"
POINTER = "current.txt"
"""In the folder of installed models: the name of the one in use."""

_SAMPLE_RATE = re.compile(r"^--sample-frequency=(\d+(?:\.\d+)?)", re.MULTILINE)
_DEFAULT_RATE = 16_000
"""Kaldi's own, where ``mfcc.conf`` says nothing."""


class ModelFolderError(RecogniserError):
    """这个文件夹不是 Vosk 模型。"""

    error_id = "model-folder"


def models_folder(settings: Settings) -> Path:
    """Return where models are installed."""
    return settings.home / "models"


def locate(settings: Settings) -> Path:
    """Return the folder of the model to use."""
    if settings.speech.model:
        return Path(settings.speech.model).expanduser()
    pointer = models_folder(settings) / POINTER
    if pointer.exists():
        return models_folder(settings) / pointer.read_text(encoding="utf-8").strip()
    return SHIPPED


def read_card(folder: Path) -> ModelCard:
    """Say what the model in ``folder`` is.

    Raises:
        ModelFolderError: it isn't a Vosk model's folder; the message says what is missing.
    """
    acoustic = _first(folder, "am/final.mdl", "final.mdl")
    features = _first(folder, "conf/mfcc.conf", "mfcc.conf")
    graph = _first(folder, "graph/HCLG.fst", "HCLG.fst", "graph/HCLr.fst", "HCLr.fst")
    for found, name in ((acoustic, "am/final.mdl"), (features, "conf/mfcc.conf"), (graph, "graph")):
        if found is None:
            raise ModelFolderError(
                f"{folder} 不是 Vosk 模型：缺少 {name}。请用 hotline model install 安装模型，"
                "或在 hotline.toml 的 [speech] 中改正 model。",
                folder=str(folder),
            )
    rate = _SAMPLE_RATE.search(features.read_text(encoding="utf-8")) if features else None
    about = _about(folder)
    return ModelCard(
        engine="vosk",
        name=str(about.get("name") or folder.resolve().name),
        description=str(about.get("description") or "公开的 Vosk 模型"),
        rate=int(float(rate[1])) if rate else _DEFAULT_RATE,
        demonstration=bool(about.get("demonstration", False)),
    )


def _first(folder: Path, *names: str) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _about(folder: Path) -> dict[str, object]:
    file = folder / CARD
    if not file.exists():
        return {}
    try:
        about = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        raise ModelFolderError(f"{file} 已损坏，请重新安装这个模型。") from error
    return about if isinstance(about, dict) else {}


def open_folder(folder: Path) -> Recogniser:
    """Load the model in ``folder``.

    Raises:
        ModelFolderError: it is not a model's folder.
        RecogniserError: the engine cannot load it.
    """
    card = read_card(folder)
    # The engine's library is only loaded by what recognises.
    from transcripts.recognisers.vosk_engine import shared  # noqa: PLC0415

    return shared(folder.resolve(), card)


def open_recogniser(settings: Settings) -> Recogniser:
    """Load the model that the settings name; see :func:`open_folder`."""
    if settings.speech.engine != "vosk":
        raise RecogniserError(
            f"不认识的识别引擎“{settings.speech.engine}”，请在 hotline.toml 的 [speech] 中"
            "把 engine 改为 vosk。"
        )
    return open_folder(locate(settings))
