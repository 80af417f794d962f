"""From nothing to a Vosk model folder; each step is kept and gone on from."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hotline.voice.pinyin import Clause, clauses
from transcripts.recognisers.models import CARD, ModelFolderError
from transcripts.training import acoustic, corpus, export, speech, units, words

NAME = "hotline-demo-cn"
DESCRIPTION = "演示模型，仅识别合成语音"

Told = Callable[[str, float], None]
"""Is given the step's name and the share of it done, 0 to 1."""


@dataclass(frozen=True)
class Size:
    """How large a model, and how long its training."""

    hours: float = 12.0
    """Of synthetic speech."""
    plan: acoustic.Plan = field(default_factory=acoustic.Plan)
    tuning: export.Tuning = field(default_factory=export.Tuning)
    processes: int = 2
    seed: int = 1
    vocabulary: int = 9_000
    """Words from which the spoken sentences are made."""
    sentences: int = 40_000


def train(folder: Path, work: Path, size: Size, told: Told) -> export.GraphSize:
    """Train a model and write it to ``folder``.

    Args:
        folder: where the model goes; what is there is replaced at the end.
        work: where speech and checkpoints are kept; a second run goes on from them.
        size: of everything.
        told: is given the progress.
    """
    work.mkdir(parents=True, exist_ok=True)
    inventory = units.discover()
    frames = _speech(work / "speech.npz", inventory, size, told)
    model = _acoustic(work, frames, inventory, size, told)
    accuracy = acoustic.frame_accuracy(model, frames)
    unfinished = work / "model"
    shutil.rmtree(unfinished, ignore_errors=True)
    export.write_acoustic(unfinished, model, inventory)
    told("graph", 0.0)
    made = export.write_graph(unfinished, inventory, size.tuning)
    about = {
        "name": NAME,
        "description": DESCRIPTION,
        "demonstration": True,
        "training": {
            "hours": size.hours,
            "steps": size.plan.steps,
            "width": size.plan.width,
            "frame_accuracy": round(accuracy, 4),
        },
    }
    export.write_card(unfinished, inventory, about)
    told("graph", 1.0)
    _replace(unfinished, folder)
    return made


def rebuild_graph(folder: Path, tuning: export.Tuning, told: Told) -> export.GraphSize:
    """Write the graph of an existing model anew: new sentences, same sounds.

    Raises:
        ModelFolderError: ``folder`` is no model of ours.
    """
    if not (folder / CARD).is_file() or not (folder / "am" / "final.mdl").is_file():
        raise ModelFolderError(
            f"{folder} 不是本项目训练的模型（缺少 {CARD}），只能重建自己训练的模型的词图。"
        )
    told("graph", 0.0)
    made = export.write_graph(folder, export.read_inventory(folder), tuning)
    told("graph", 1.0)
    return made


def _replace(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        shutil.rmtree(target)
    shutil.move(source, target)


def spoken_sentences(size: Size) -> list[list[Clause]]:
    """Return what is spoken: common words in random order, and some of our own sentences.

    Random words teach every sound beside every other; sentences teach the usual neighbours.
    """
    rng = np.random.default_rng(size.seed)
    common = words.commonest(size.vocabulary)
    known = words.frequencies()
    weights = np.array([known[word] for word in common], np.float64) ** 0.35
    drawn = rng.choice(len(common), (size.sentences, _LONGEST), p=weights / weights.sum())
    own = [text for text, _ in corpus.sources(corpus.Recipe(templates=size.sentences // 10))]
    sentences: list[list[Clause]] = []
    for row in drawn:
        if own and rng.random() < _OWN_SHARE:
            read = clauses(own[int(rng.integers(len(own)))])[:_MOST_CLAUSES]
        else:
            read = _random_words(
                [common[i] for i in row[: int(rng.integers(1, _LONGEST + 1))]], rng
            )
        if rng.random() < _APART_SHARE:
            read = [tuple((syllable,) for word in clause for syllable in word) for clause in read]
        if read:
            sentences.append(read)
    return sentences


_LONGEST = 12
_MOST_CLAUSES = 4
_OWN_SHARE = 0.3
_APART_SHARE = 0.12
"""Sentences said syllable by syllable, as where nobody joined them to words."""


def _random_words(chosen: list[str], rng: np.random.Generator) -> list[Clause]:
    cut = int(rng.integers(2, 8))
    parts = (chosen[:cut], chosen[cut:])
    return clauses("，".join("".join(part) for part in parts if part))


def _speech(file: Path, inventory: units.Inventory, size: Size, told: Told) -> speech.Frames:
    if file.exists():
        return speech.Frames.load(file)
    told("speech", 0.0)
    frames = speech.synthesise_all(
        spoken_sentences(size),
        inventory,
        hours=size.hours,
        seed=size.seed,
        processes=size.processes,
        told=lambda share: told("speech", share),
    )
    frames.save(file)
    return frames


def _acoustic(
    work: Path, frames: speech.Frames, inventory: units.Inventory, size: Size, told: Told
) -> acoustic.AcousticModel:
    done = work / "acoustic.npz"
    if done.exists():
        return acoustic.AcousticModel.load(done)
    model = acoustic.train(
        frames,
        inventory.state_count,
        size.plan,
        checkpoint=work / "checkpoint.npz",
        told=lambda progress: told("sounds", progress.step / progress.steps),
    )
    model.save(done)
    return model
