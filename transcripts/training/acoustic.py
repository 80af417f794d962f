"""Trains the network on frames; can be interrupted and goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from transcripts.training.features import DIMENSIONS
from transcripts.training.network import (
    CONTEXT,
    SUBSAMPLING,
    AdamW,
    Array,
    Parameters,
    Shape,
    Statistics,
    clip,
    loss_and_gradients,
    predict,
)
from transcripts.training.speech import Frames

_LONGEST_GRADIENT = 5.0
_WARM_UP = 200
"""Steps, but never more than a fifth of the training."""
_HELD_OUT = 0.01
_LEVEL_SPREAD = 0.3
"""Random shift of the first cepstrum (loudness), in standard deviations."""


@dataclass(frozen=True)
class Plan:
    """How long and how to train."""

    steps: int = 5_500
    rate: float = 2e-3
    width: int = 256
    batch: int = 48
    outputs: int = 60
    """Outputs (of 30 ms) in each stretch of speech."""
    seed: int = 0
    save_every: int = 250

    @property
    def stretch(self) -> int:
        """Input frames that give so many outputs."""
        return self.outputs * SUBSAMPLING - (SUBSAMPLING - 1) + 2 * CONTEXT

    def rate_at(self, step: int) -> float:
        """Return the learning rate: a short warm-up, then straight down to almost nothing."""
        warm_up = min(_WARM_UP, max(1, self.steps // 5))
        return self.rate * min(1, (step + 1) / warm_up) * (1 - step / self.steps) + 1e-5


@dataclass(frozen=True)
class AcousticModel:
    """A trained network with what it needs to read cepstra and to be decoded with."""

    parameters: Parameters
    statistics: Statistics
    mean: Array
    deviation: Array
    priors: Array

    @property
    def width(self) -> int:
        """Units of a hidden layer."""
        return int(self.parameters["bias0"].shape[0])

    def save(self, file: Path) -> None:
        """Write to ``file`` (``.npz``), whole or not at all."""
        normal = {"mean": self.mean, "deviation": self.deviation, "priors": self.priors}
        _store(file, normal | _flat(self.parameters, self.statistics))

    @classmethod
    def load(cls, file: Path) -> AcousticModel:
        """Read what :meth:`save` wrote."""
        with np.load(file) as stored:
            parameters, statistics = _unflat(dict(stored))
            return cls(
                parameters, statistics, stored["mean"], stored["deviation"], stored["priors"]
            )


@dataclass(frozen=True)
class Progress:
    """Told now and then while training."""

    step: int
    steps: int
    loss: float


class _Stretches:
    """Draws random stretches of speech, across the silence between utterances."""

    def __init__(self, frames: Frames, plan: Plan, mean: Array, deviation: Array) -> None:
        self._frames, self._plan = frames, plan
        self._mean, self._deviation = mean, deviation
        self._last = int(len(frames.labels) * (1 - _HELD_OUT)) - plan.stretch - SUBSAMPLING

    def draw(self, rng: np.random.Generator) -> tuple[Array, npt.NDArray[np.int16]]:
        starts = rng.integers(0, max(1, self._last), self._plan.batch)[:, None]
        x = self._frames.features[starts + np.arange(self._plan.stretch)].astype(np.float32)
        x = (x - self._mean) / self._deviation
        x[:, :, 0] += _LEVEL_SPREAD * rng.standard_normal((len(x), 1)).astype(np.float32)
        y = starts + CONTEXT + SUBSAMPLING * np.arange(self._plan.outputs)
        return x, self._frames.labels[y]


def train(
    frames: Frames,
    states: int,
    plan: Plan,
    *,
    checkpoint: Path | None = None,
    told: Callable[[Progress], None] = lambda _: None,
) -> AcousticModel:
    """Train for ``plan.steps`` steps and return the model.

    Args:
        frames: speech with its labels.
        states: number of states, silence included.
        plan: how.
        checkpoint: a file to go on from, and to save to now and then.
        told: is given the progress now and then.
    """
    sample = frames.features[: 50 * plan.stretch * plan.batch].astype(np.float32)
    mean, deviation = sample.mean(axis=0), sample.std(axis=0) + 1e-3
    stretches = _Stretches(frames, plan, mean, deviation)
    shape = Shape(DIMENSIONS, plan.width, states)
    parameters = shape.initial(np.random.default_rng(plan.seed))
    statistics, optimiser = Statistics.fresh(plan.width), AdamW(parameters)
    if checkpoint is not None and checkpoint.exists():
        _resume(checkpoint, plan, parameters, statistics, optimiser)
    losses: list[float] = []
    while optimiser.steps < plan.steps:
        step = optimiser.steps
        # A step's own generator: an interrupted training goes on with the same stretches.
        x, y = stretches.draw(np.random.default_rng((plan.seed, step)))
        loss, gradients = loss_and_gradients(parameters, x, y, statistics)
        clip(gradients, _LONGEST_GRADIENT)
        optimiser.step(parameters, gradients, plan.rate_at(step))
        losses.append(loss)
        if optimiser.steps % plan.save_every == 0 or optimiser.steps == plan.steps:
            told(Progress(optimiser.steps, plan.steps, float(np.mean(losses[-plan.save_every :]))))
            if checkpoint is not None:
                _save(checkpoint, plan, parameters, statistics, optimiser)
    counts = np.bincount(frames.labels, minlength=states) + 1.0
    return AcousticModel(parameters, statistics, mean, deviation, counts / counts.sum())


def frame_accuracy(model: AcousticModel, frames: Frames) -> float:
    """Return the share of the held-out frames whose state is recognised."""
    first = int(len(frames.labels) * (1 - _HELD_OUT))
    x = (frames.features[first:].astype(np.float32) - model.mean) / model.deviation
    scores = predict(model.parameters, model.statistics, x[None])[0]
    labels = frames.labels[first + CONTEXT :][::SUBSAMPLING][: len(scores)]
    return float((scores.argmax(axis=1)[: len(labels)] == labels).mean())


def _flat(parameters: Parameters, statistics: Statistics) -> dict[str, Array]:
    flat = {f"parameter:{name}": value for name, value in parameters.items()}
    for k, (mean, variance) in enumerate(zip(statistics.mean, statistics.variance, strict=True)):
        flat[f"running-mean:{k}"], flat[f"running-variance:{k}"] = mean, variance
    return flat


def _unflat(stored: dict[str, Array]) -> tuple[Parameters, Statistics]:
    parameters = {
        name.removeprefix("parameter:"): value
        for name, value in stored.items()
        if name.startswith("parameter:")
    }
    layers = sum(name.startswith("running-mean:") for name in stored)
    return parameters, Statistics(
        [stored[f"running-mean:{k}"] for k in range(layers)],
        [stored[f"running-variance:{k}"] for k in range(layers)],
    )


def _store(file: Path, arrays: dict[str, Any]) -> None:
    unfinished = file.with_suffix(".part.npz")
    np.savez(unfinished, **arrays)
    unfinished.replace(file)


def _save(
    file: Path, plan: Plan, parameters: Parameters, statistics: Statistics, optimiser: AdamW
) -> None:
    arrays: dict[str, Any] = {"plan": json.dumps(asdict(plan)), "steps": optimiser.steps}
    arrays |= _flat(parameters, statistics)
    arrays |= {f"first:{name}": value for name, value in optimiser.first.items()}
    arrays |= {f"second:{name}": value for name, value in optimiser.second.items()}
    _store(file, arrays)


def _resume(
    file: Path, plan: Plan, parameters: Parameters, statistics: Statistics, optimiser: AdamW
) -> None:
    with np.load(file) as stored:
        if json.loads(str(stored["plan"])) != asdict(plan):
            return  # another plan's checkpoint: begin anew
        saved, running = _unflat(dict(stored))
        for name, value in saved.items():
            parameters[name][...] = value
            optimiser.first[name][...] = stored[f"first:{name}"]
            optimiser.second[name][...] = stored[f"second:{name}"]
        statistics.mean, statistics.variance = running.mean, running.variance
        optimiser.steps = int(stored["steps"])
