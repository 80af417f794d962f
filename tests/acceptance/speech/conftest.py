"""Speaks sentences as a stranger would: unseen voices, over a telephone line, into a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from hotline.voice import write_wav
from hotline.voice.espeak import Synthesiser
from hotline.voice.pinyin import clauses
from transcripts.recognisers import Recogniser
from transcripts.recognisers.models import SHIPPED, open_folder
from transcripts.training.corpus import read_lines
from transcripts.training.line import Line
from transcripts.training.speech import Speaking, manner_of, utter
from transcripts.training.units import discover
from transcripts.training.voices import EXAMINATION

LINE = Line(band_pass=1.0, companding=1.0, noise_db=(18.0, 22.0))
"""Every file band-passed and companded, at about 20 dB."""

SPEAKING = Speaking(words_per_minute=(140, 200), pitch=(25, 75), pitch_range=(30, 70))


def _record(sentences: Sequence[str], folder: Path, seed: int = 1) -> Path:
    """Write ``NNN.wav`` and ``NNN.txt`` of each sentence; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rng, inventory = np.random.default_rng(seed), discover()
    with Synthesiser() as synthesiser:
        for number, sentence in enumerate(sentences):
            voice = EXAMINATION[number % len(EXAMINATION)]
            manner = manner_of(rng, [voice], SPEAKING)
            spoken = utter(synthesiser, clauses(sentence), manner, inventory, rng, line=LINE)
            assert spoken is not None, sentence
            write_wav(folder / f"{number:03}.wav", spoken.samples)
            (folder / f"{number:03}.txt").write_text(sentence, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def record() -> Callable[[Sequence[str], Path], Path]:
    """Return a function that speaks sentences into a folder for an evaluation."""
    return _record


@pytest.fixture(scope="session")
def recogniser() -> Recogniser:
    """The shipped model in a real Vosk."""
    return open_folder(SHIPPED)


@pytest.fixture(scope="session")
def unseen() -> list[str]:
    """Sentences that the model does not know."""
    return read_lines(Path(__file__).parent / "unseen.txt")
