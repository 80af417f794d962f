from itertools import pairwise

import numpy as np
import pytest

from hotline.voice.espeak import Manner, Phoneme, Synthesiser
from hotline.voice.pinyin import clauses, for_synthesis, syllables
from transcripts.training.alignment import align
from transcripts.training.features import cepstra
from transcripts.training.speech import label, utter
from transcripts.training.units import Inventory, discover

TEXT = "兄弟贫穷，工资三个月没有发，嗯，银行还钱。"


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    return discover()


def test_every_syllable_of_mandarin_has_units(inventory: Inventory) -> None:
    for syllable in ("xiong", "qiong", "jiong", "zhuang", "lv", "er", "yi", "wu", "yu", "ri", "zi"):
        assert syllable in inventory.syllables
    assert len(inventory.syllables) > 400
    numbers = [state for states in inventory.states.values() for state in states]
    assert sorted(numbers) == list(range(1, inventory.state_count))


@pytest.mark.parametrize("variant", ["", "f2", "m3", "Annie"])
def test_units_lie_in_order_and_within_the_utterance(inventory: Inventory, variant: str) -> None:
    with Synthesiser() as synthesiser:
        said = synthesiser.speak(for_synthesis(clauses(TEXT)), Manner(variant))
    wanted = syllables(TEXT)
    spans = align(said.phonemes, len(said.samples), wanted, inventory)
    assert spans is not None
    assert tuple(span.unit for span in spans) == inventory.units(wanted)
    edges = [edge for span in spans for edge in (span.start, span.end)]
    assert edges == sorted(edges)
    assert edges[-1] <= len(said.samples)


def test_what_was_said_otherwise_is_not_aligned(inventory: Inventory) -> None:
    english = [Phoneme(0, "(en)"), Phoneme(0, "k"), Phoneme(100, "i"), Phoneme(200, "_")]
    assert align(english, 300, ["qiong2"], inventory) is None
    too_much = [Phoneme(0, "m"), Phoneme(50, "A"), Phoneme(99, "m"), Phoneme(120, "A")]
    assert align(too_much, 300, ["ma1"], inventory) is None


def test_the_gap_before_a_stop_is_its_closure(inventory: Inventory) -> None:
    phonemes = [Phoneme(0, "_"), Phoneme(5_000, "k"), Phoneme(5_400, "'A"), Phoneme(9_000, "_")]
    (onset, _) = align(phonemes, 10_000, ["ga1"], inventory) or ()
    assert onset.start == 5_000
    short = [Phoneme(4_900, "_|"), *phonemes[1:]]
    (onset, _) = align(short, 10_000, ["ga1"], inventory) or ()
    assert onset.start == 4_900


def test_frames_are_labelled_with_the_states_of_their_units(inventory: Inventory) -> None:
    rng = np.random.default_rng(0)
    with Synthesiser() as synthesiser:
        spoken = utter(synthesiser, clauses("妈"), Manner(), inventory, rng, line=None)
    assert spoken is not None
    labels = label(spoken, inventory, len(cepstra(spoken.samples)))
    changes = [int(labels[0]), *(int(b) for a, b in pairwise(labels) if a != b)]
    units = inventory.units(["ma1"]) or ()
    assert changes == [0, *(state for unit in units for state in inventory.states[unit]), 0]
