"""The tool still makes a model that Vosk loads: a small one, from nothing, in a minute."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from hotline.voice import Manner, say
from transcripts.recognisers.models import open_folder
from transcripts.training import acoustic, build, corpus, export, lexicon

SIZE = build.Size(
    hours=0.2,
    plan=acoustic.Plan(steps=450, rate=5e-3, width=96, batch=16, save_every=100),
    tuning=export.Tuning(
        recipe=corpus.Recipe(templates=500), size=lexicon.Size(common_words=200, characters=200)
    ),
    sentences=2_000,
    processes=1,
)


def test_a_small_model_is_trained_from_nothing_and_hears_words(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    work, model = tmp_path / "work", tmp_path / "model"
    made = build.train(model, work, SIZE, lambda step, share: told.append((step, share)))
    assert made.words > 500
    assert {step for step, _ in told} == {"speech", "sounds", "graph"}
    recogniser = open_folder(model)
    assert recogniser.card.demonstration
    silence = np.zeros(4_000, np.int16)
    heard = 0
    for sentence in ("劳动合同", "经济补偿", "法律援助", "公司拖欠我工资", "我想离婚"):
        samples = np.concatenate([silence, say(sentence, Manner("m3")), silence])
        heard += "".join(s.text for s in recogniser.transcribe(samples, 8_000)) == sentence
    assert heard >= 3

    again = build.rebuild_graph(model, SIZE.tuning, lambda *_: None)
    assert again == made
