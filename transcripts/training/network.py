"""A small time-delay network (TDNN) in numpy, with its gradients written out.

PyTorch would do, but its wheel is several gigabytes on a fresh machine; this net is small enough
that matrix products decide its speed, and they are the same BLAS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]

EPSILON = 1e-5
_MOMENTUM = 0.1


@dataclass(frozen=True)
class Layer:
    """Which frames a layer looks at (in its own input's frames) and its output's stride."""

    offsets: tuple[int, ...]
    stride: int = 1

    @property
    def span(self) -> int:
        """Input frames lost at the edges."""
        return self.offsets[-1] - self.offsets[0]

    def outputs(self, frames: int) -> int:
        """Frames that come out when ``frames`` go in."""
        return (frames - self.span - 1) // self.stride + 1


LAYERS = (
    Layer((-2, -1, 0, 1, 2)),
    Layer((-1, 0, 1), stride=3),
    Layer((-1, 0, 1)),
    Layer((-1, 0, 1)),
    Layer((-1, 0, 1)),
)
"""The first two see 10 ms frames; from there on every third frame only, 30 ms apart."""

SUBSAMPLING = 3
CONTEXT = 12
"""Frames of 10 ms on each side that one output depends on: 2 + 1 + 3 x 3."""

Parameters = dict[str, Array]


@dataclass(frozen=True)
class Shape:
    """The net's sizes."""

    inputs: int
    width: int
    outputs: int

    def initial(self, rng: np.random.Generator, kind: type[np.floating] = np.float32) -> Parameters:
        """Return random weights (He's scale), and normalisation that does nothing."""
        parameters: Parameters = {}
        width = self.inputs
        for k, layer in enumerate(LAYERS):
            fan_in = width * len(layer.offsets)
            weight = rng.standard_normal((fan_in, self.width)) * np.sqrt(2 / fan_in)
            parameters[f"weight{k}"] = weight.astype(kind)
            parameters[f"bias{k}"] = np.zeros(self.width, kind)
            parameters[f"gain{k}"] = np.ones(self.width, kind)
            parameters[f"shift{k}"] = np.zeros(self.width, kind)
            width = self.width
        weight = rng.standard_normal((width, self.outputs)) * np.sqrt(1 / width)
        parameters["weight_out"] = weight.astype(kind)
        parameters["bias_out"] = np.zeros(self.outputs, kind)
        return parameters


@dataclass
class Statistics:
    """Running mean and variance of each layer's activations, for use after training."""

    mean: list[Array]
    variance: list[Array]

    @classmethod
    def fresh(cls, width: int) -> Statistics:
        """Start at mean 0 and variance 1."""
        return cls(
            [np.zeros(width, np.float32) for _ in LAYERS],
            [np.ones(width, np.float32) for _ in LAYERS],
        )


@dataclass
class _Kept:
    """What the way back needs of one layer."""

    frames_in: int
    joined: Array
    rectified: Array
    normal: Array
    deviation: Array


def _join(x: Array, layer: Layer) -> Array:
    """Lay the frames that each output sees side by side: (batch, outputs, offsets x width)."""
    outputs = layer.outputs(x.shape[1])
    reach = (outputs - 1) * layer.stride + 1
    first = layer.offsets[0]
    return np.concatenate(
        [x[:, o - first : o - first + reach : layer.stride] for o in layer.offsets], axis=2
    )


def _spread(gradient: Array, layer: Layer, frames: int) -> Array:
    """Give each input frame the sum of what its places in the joined frames got."""
    batch, outputs, joined = gradient.shape
    width = joined // len(layer.offsets)
    reach = (outputs - 1) * layer.stride + 1
    spread = np.zeros((batch, frames, width), gradient.dtype)
    for i, offset in enumerate(layer.offsets):
        start = offset - layer.offsets[0]
        spread[:, start : start + reach : layer.stride] += gradient[
            :, :, i * width : (i + 1) * width
        ]
    return spread


def predict(parameters: Mapping[str, Array], statistics: Statistics, x: Array) -> Array:
    """Return the states' scores (logits) for ``x`` (batch, frames, inputs)."""
    for k, layer in enumerate(LAYERS):
        x = np.maximum(_join(x, layer) @ parameters[f"weight{k}"] + parameters[f"bias{k}"], 0)
        scale = parameters[f"gain{k}"] / np.sqrt(statistics.variance[k] + EPSILON)
        x = (x - statistics.mean[k]) * scale + parameters[f"shift{k}"]
    return x @ parameters["weight_out"] + parameters["bias_out"]


def loss_and_gradients(
    parameters: Mapping[str, Array],
    x: Array,
    labels: npt.NDArray[np.integer],
    statistics: Statistics | None = None,
) -> tuple[float, Parameters]:
    """Return the mean cross-entropy of ``labels`` (batch, outputs) and its gradients.

    Activations are normalised over the batch; ``statistics`` are moved towards it.
    """
    kept: list[_Kept] = []
    for k, layer in enumerate(LAYERS):
        joined = _join(x, layer)
        rectified = np.maximum(joined @ parameters[f"weight{k}"] + parameters[f"bias{k}"], 0)
        mean = rectified.mean(axis=(0, 1))
        normal = rectified - mean
        variance = np.einsum("btw,btw->w", normal, normal) / (normal.shape[0] * normal.shape[1])
        deviation = np.sqrt(variance + EPSILON)
        normal /= deviation
        if statistics is not None:
            statistics.mean[k] += _MOMENTUM * (mean - statistics.mean[k])
            statistics.variance[k] += _MOMENTUM * (variance - statistics.variance[k])
        kept.append(_Kept(x.shape[1], joined, rectified, normal, deviation))
        x = normal * parameters[f"gain{k}"] + parameters[f"shift{k}"]
    scores = x @ parameters["weight_out"] + parameters["bias_out"]
    loss, slope = _cross_entropy(scores, labels)
    return loss, _backward(parameters, kept, x, slope)


def _cross_entropy(scores: Array, labels: npt.NDArray[np.integer]) -> tuple[float, Array]:
    scores = scores - scores.max(axis=2, keepdims=True)
    share = np.exp(scores)
    share /= share.sum(axis=2, keepdims=True)
    batch, outputs, _ = scores.shape
    rows, columns = np.ogrid[:batch, :outputs]
    loss = -float(np.log(share[rows, columns, labels] + 1e-20).mean())
    share[rows, columns, labels] -= 1
    return loss, share / (batch * outputs)


def _backward(
    parameters: Mapping[str, Array], kept: list[_Kept], last: Array, slope: Array
) -> Parameters:
    gradients: Parameters = {
        "weight_out": _outer(last, slope),
        "bias_out": slope.sum(axis=(0, 1)),
    }
    gradient: Array = slope @ parameters["weight_out"].T
    for k in reversed(range(len(LAYERS))):
        layer, memory = LAYERS[k], kept[k]
        gradients[f"shift{k}"] = gradient.sum(axis=(0, 1))
        gradients[f"gain{k}"] = np.einsum("btw,btw->w", gradient, memory.normal)
        count = gradient.shape[0] * gradient.shape[1]
        scale = parameters[f"gain{k}"] / memory.deviation
        gradient = gradient - gradients[f"shift{k}"] / count
        gradient -= memory.normal * (gradients[f"gain{k}"] / count)
        gradient *= scale
        gradient *= memory.rectified > 0
        gradients[f"weight{k}"] = _outer(memory.joined, gradient)
        gradients[f"bias{k}"] = gradient.sum(axis=(0, 1))
        if k:
            back = gradient @ parameters[f"weight{k}"].T
            gradient = _spread(back, layer, memory.frames_in)
    return gradients


def _outer(inputs: Array, gradient: Array) -> Array:
    flat_inputs = inputs.reshape(-1, inputs.shape[2])
    return flat_inputs.T @ gradient.reshape(-1, gradient.shape[2])


class AdamW:
    """Adam with decoupled weight decay, updating in place."""

    def __init__(self, parameters: Parameters, decay: float = 1e-3) -> None:
        self.first = {name: np.zeros_like(value) for name, value in parameters.items()}
        self.second = {name: np.zeros_like(value) for name, value in parameters.items()}
        self.steps = 0
        self.decay = decay

    def step(self, parameters: Parameters, gradients: Parameters, rate: float) -> None:
        """Move ``parameters`` against ``gradients`` at learning rate ``rate``."""
        self.steps += 1
        correct1, correct2 = 1 - 0.9**self.steps, 1 - 0.999**self.steps
        for name, gradient in gradients.items():
            first, second, value = self.first[name], self.second[name], parameters[name]
            first += 0.1 * (gradient - first)
            second += 0.001 * (gradient * gradient - second)
            value *= 1 - rate * self.decay
            value -= rate / correct1 * first / (np.sqrt(second / correct2) + 1e-8)


def clip(gradients: Parameters, most: float) -> None:
    """Shorten the gradients together to a length of at most ``most``."""
    length = float(np.sqrt(sum(float(np.sum(g * g)) for g in gradients.values())))
    if length > most:
        for name in gradients:
            gradients[name] *= most / length
