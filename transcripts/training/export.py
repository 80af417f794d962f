"""Writes a Vosk model folder from its parts."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from transcripts.training import corpus, kaldi, language, lexicon, words
from transcripts.training.acoustic import AcousticModel
from transcripts.training.features import MFCC_CONF
from transcripts.training.graph import Compiler, Weights, word_symbols
from transcripts.training.phones import Phones
from transcripts.training.units import Inventory, SyllableUnits

CARD = "model.json"
"""Says what the model is; Vosk does not read it, we do."""


@dataclass(frozen=True)
class Tuning:
    """Everything that shapes the graph and the decoder."""

    recipe: corpus.Recipe = field(default_factory=corpus.Recipe)
    size: lexicon.Size = field(default_factory=lexicon.Size)
    smoothing: language.Smoothing = field(default_factory=language.Smoothing)
    weights: Weights = field(default_factory=Weights)
    acoustic_scale: float = 0.3


@dataclass(frozen=True)
class GraphSize:
    """What came of a compilation."""

    words: int
    pairs: int
    states: int
    arcs: int
    bytes: int


def write_acoustic(folder: Path, model: AcousticModel, inventory: Inventory) -> None:
    """Write the acoustic half: ``am/`` and ``conf/mfcc.conf``."""
    phones = Phones(inventory.states)
    _write(folder / "am" / "final.mdl", kaldi.final_mdl(phones, model))
    _write(folder / "conf" / "mfcc.conf", MFCC_CONF.encode())


def write_graph(folder: Path, inventory: Inventory, tuning: Tuning) -> GraphSize:
    """Write the other half: ``graph/`` and ``conf/model.conf``."""
    sentences = corpus.sentences(tuning.recipe)
    known = lexicon.build(sentences, inventory, tuning.size)
    model = language.estimate(sentences, known.words, words.frequencies(), tuning.smoothing)
    phones = Phones(inventory.states)
    fst = Compiler(phones, known, tuning.weights).compile(model)
    graph = folder / "graph"
    content = fst.serialise()
    _write(graph / "HCLG.fst", content)
    _write(graph / "words.txt", word_symbols(known.words).encode())
    _write(graph / "phones.txt", phones.symbols().encode())
    _write(graph / "phones" / "word_boundary.int", phones.word_boundaries().encode())
    _write(folder / "conf" / "model.conf", kaldi.model_conf(tuning.acoustic_scale).encode())
    return GraphSize(
        words=len(known.words),
        pairs=sum(len(h.following) for h in model.histories.values()),
        states=len(fst.final),
        arcs=sum(map(len, fst.arcs)),
        bytes=len(content),
    )


def write_card(folder: Path, inventory: Inventory, about: dict[str, Any]) -> None:
    """Write what the model is, and its units, so that a graph can be made anew without training."""
    units = {name: asdict(syllable) for name, syllable in inventory.syllables.items()}
    card = about | {"syllables": {name: list(unit.values()) for name, unit in units.items()}}
    text = json.dumps(card, ensure_ascii=False)
    _write(folder / CARD, (text + "\n").encode())


def read_inventory(folder: Path) -> Inventory:
    """Return the units that the acoustic half in ``folder`` was trained with."""
    card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    return Inventory.of(
        {
            name: SyllableUnits(initial, final)
            for name, (initial, final) in card["syllables"].items()
        }
    )


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(file.name + ".part")
    unfinished.write_bytes(content)
    unfinished.replace(file)
