from pathlib import Path

import numpy as np
import pytest

from transcripts.training.acoustic import AcousticModel, Plan, Progress, train
from transcripts.training.network import (
    CONTEXT,
    SUBSAMPLING,
    Shape,
    Statistics,
    loss_and_gradients,
    predict,
)
from transcripts.training.speech import Frames


def test_the_gradients_agree_with_finite_differences() -> None:
    rng = np.random.default_rng(0)
    parameters = Shape(inputs=4, width=6, outputs=5).initial(rng, np.float64)
    x = rng.standard_normal((3, 40, 4))
    labels = rng.integers(0, 5, (3, (40 - 2 * CONTEXT - 1) // SUBSAMPLING + 1))
    _, gradients = loss_and_gradients(parameters, x, labels)
    step = 1e-6
    for name, values in parameters.items():
        for _ in range(4):
            place = tuple(rng.integers(0, size) for size in values.shape)
            kept = values[place]
            values[place] = kept + step
            above, _ = loss_and_gradients(parameters, x, labels)
            values[place] = kept - step
            below, _ = loss_and_gradients(parameters, x, labels)
            values[place] = kept
            measured = (above - below) / (2 * step)
            assert gradients[name][place] == pytest.approx(measured, rel=1e-4, abs=1e-8), name


def test_an_output_depends_on_its_context_and_on_nothing_else() -> None:
    rng = np.random.default_rng(1)
    parameters = Shape(inputs=3, width=8, outputs=4).initial(rng)
    x = rng.standard_normal((1, 2 * CONTEXT + 7, 3)).astype(np.float32)
    before = predict(parameters, Statistics.fresh(8), x)
    assert before.shape == (1, 3, 4)
    x[0, 2 * CONTEXT + 1 :] += 1.0
    after = predict(parameters, Statistics.fresh(8), x)
    assert np.array_equal(before[0, 0], after[0, 0])
    assert not np.array_equal(before[0, 1], after[0, 1])


def frames(count: int = 6_000) -> Frames:
    """Two kinds of sound that are easy to tell apart, in blocks of 30 frames."""
    rng = np.random.default_rng(2)
    labels = np.repeat(rng.integers(0, 2, count // 30), 30).astype(np.int16)
    features = rng.standard_normal((count, 40)) + labels[:, None]
    return Frames(features.astype(np.float16), labels)


PLAN = Plan(steps=40, rate=4e-2, width=16, batch=8, outputs=20, save_every=10)


def test_training_learns() -> None:
    told: list[Progress] = []
    train(frames(), 2, PLAN, told=told.append)
    assert [progress.step for progress in told] == [10, 20, 30, 40]
    assert told[-1].loss < 0.5 * told[0].loss


def test_an_interrupted_training_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint.npz"

    class Interrupted(Exception):  # noqa: N818 - stands for Ctrl-C
        pass

    def interrupt(progress: Progress) -> None:
        if progress.step == 30:
            raise Interrupted

    with pytest.raises(Interrupted):
        train(frames(), 2, PLAN, checkpoint=checkpoint, told=interrupt)
    resumed = train(frames(), 2, PLAN, checkpoint=checkpoint)
    undisturbed = train(frames(), 2, PLAN)
    for name, value in undisturbed.parameters.items():
        assert np.allclose(resumed.parameters[name], value, atol=1e-5), name


def test_a_trained_model_can_be_kept(tmp_path: Path) -> None:
    file = tmp_path / "acoustic.npz"
    model = train(frames(), 2, PLAN)
    model.save(file)
    kept = AcousticModel.load(file)
    assert kept.width == 16
    assert np.array_equal(kept.parameters["weight0"], model.parameters["weight0"])
    assert np.array_equal(kept.statistics.mean[0], model.statistics.mean[0])
