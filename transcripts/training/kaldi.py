"""``am/final.mdl`` byte by byte: Kaldi's binary transition model and nnet3."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from transcripts.training.acoustic import AcousticModel
from transcripts.training.features import DIMENSIONS
from transcripts.training.graph import STAY
from transcripts.training.network import CONTEXT, EPSILON, LAYERS, SUBSAMPLING
from transcripts.training.phones import Phones

Array = npt.NDArray[np.floating]

_LEAST_PRIOR = 1e-5


def _token(name: str) -> bytes:
    return name.encode() + b" "


def _int(value: int) -> bytes:
    return b"\x04" + struct.pack("<i", value)


def _float(value: float) -> bytes:
    return b"\x04" + struct.pack("<f", value)


def _double(value: float) -> bytes:
    return b"\x08" + struct.pack("<d", value)


def _ints(values: Iterable[int]) -> bytes:
    listed = list(values)
    return b"\x04" + struct.pack("<i", len(listed)) + np.asarray(listed, "<i4").tobytes()


def _vector(values: Iterable[float] | Array) -> bytes:
    array = np.asarray(values, "<f4")
    return _token("FV") + _int(len(array)) + array.tobytes()


def _matrix(values: Array) -> bytes:
    """Write in 16-bit steps (``CM2``): half of the size, the same results."""
    low = float(values.min())
    spread = float(values.max()) - low or 1.0
    steps = np.clip(np.round((values - low) / spread * 65_535), 0, 65_535).astype("<u2")
    return _token("CM2") + struct.pack("<ffii", low, spread, *values.shape) + steps.tobytes()


def transition_model(phones: Phones) -> bytes:
    """Return the topology (one or two states a phone) and the transitions."""
    numbers = range(1, len(phones.names) + 1)
    kinds = [len(phones.chains[number]) - 1 for number in numbers]
    leave = 1 - STAY
    body = _token("<TransitionModel>") + _token("<Topology>")
    body += _ints(numbers) + _ints([-1, *kinds]) + _int(2)
    for states in (1, 2):
        body += _int(states + 1)
        for state in range(states):
            body += _int(state) + _int(2)
            body += _int(state) + _float(STAY) + _int(state + 1) + _float(leave)
        body += _int(-1) + _int(0)
    body += _token("</Topology>")
    body += _token("<Triples>") + _int(len(phones.triples))
    body += b"".join(_int(value) for triple in phones.triples for value in triple)
    body += _token("</Triples>")
    logs = [0.0, *[math.log(STAY), math.log(leave)] * len(phones.triples)]
    body += _token("<LogProbs>") + _vector(logs) + _token("</LogProbs>")
    return body + _token("</TransitionModel>")


def _affine(weight: Array, bias: Array) -> bytes:
    body = _token("<FixedAffineComponent>") + _token("<LinearParams>") + _matrix(weight)
    return body + _token("<BiasParams>") + _vector(bias) + _token("</FixedAffineComponent>")


def _rectifier(width: int) -> bytes:
    body = _token("<RectifiedLinearComponent>") + _token("<Dim>") + _int(width)
    body += _token("<ValueAvg>") + _vector([]) + _token("<DerivAvg>") + _vector([])
    return body + _token("<Count>") + _double(0.0) + _token("</RectifiedLinearComponent>")


class _Folding:
    """A scale and shift of the inputs, carried into the next affine layer."""

    def __init__(self, scale: Array, shift: Array) -> None:
        self._scale, self._shift = scale, shift

    def into(self, weight: Array, bias: Array) -> tuple[Array, Array]:
        """Return Kaldi's matrix (outputs x inputs) and bias with the scale and shift in them."""
        times = weight.shape[0] // len(self._scale)
        scaled = weight * np.tile(self._scale, times)[:, None]
        return scaled.T, bias + np.tile(self._shift, times) @ weight


def network(model: AcousticModel) -> bytes:
    """Return the net with normalisations folded in and the states' priors taken off."""
    config = [f"input-node name=input dim={DIMENSIONS}"]
    components: list[tuple[str, bytes]] = []
    source = "input"
    scale = 1 / model.deviation.astype(np.float64)
    folding = _Folding(scale, -model.mean * scale)
    parameters = {name: value.astype(np.float64) for name, value in model.parameters.items()}
    frame = 1
    for k, layer in enumerate(LAYERS):
        inputs = ", ".join(
            f"Offset({source}, {offset * frame})" if offset else source for offset in layer.offsets
        )
        affine, rectifier = f"tdnn{k}.affine", f"tdnn{k}.relu"
        config += [
            f"component-node name={affine} component={affine} input=Append({inputs})",
            f"component-node name={rectifier} component={rectifier} input={affine}",
        ]
        weight, bias = folding.into(parameters[f"weight{k}"], parameters[f"bias{k}"])
        components += [(affine, _affine(weight, bias)), (rectifier, _rectifier(model.width))]
        source = rectifier
        frame *= layer.stride
        gain = parameters[f"gain{k}"] / np.sqrt(model.statistics.variance[k] + EPSILON)
        folding = _Folding(gain, parameters[f"shift{k}"] - model.statistics.mean[k] * gain)
    weight, bias = folding.into(parameters["weight_out"], parameters["bias_out"])
    bias = bias - np.log(np.maximum(model.priors, _LEAST_PRIOR))
    components.append(("output.affine", _affine(weight, bias)))
    config += [
        f"component-node name=output.affine component=output.affine input={source}",
        "output-node name=output input=output.affine objective=linear",
    ]
    body = _token("<Nnet3>") + b"\n" + "\n".join(config).encode() + b"\n\n"
    body += _token("<NumComponents>") + _int(len(components))
    for name, component in components:
        body += _token("<ComponentName>") + _token(name) + component
    body += _token("</Nnet3>")
    body += _token("<LeftContext>") + _int(CONTEXT) + _token("<RightContext>") + _int(CONTEXT)
    return body + _token("<Priors>") + _vector([])


def final_mdl(phones: Phones, model: AcousticModel) -> bytes:
    """Return the whole file."""
    return b"\0B" + transition_model(phones) + network(model)


def model_conf(acoustic_scale: float) -> str:
    """Return ``conf/model.conf``. Vosk takes a frame for 30 ms, whatever is written here.

    Small chunks of frames (0.6 s) cost a little time and let live captions appear sooner.
    """
    return f"""--min-active=200
--max-active=3000
--beam=12.0
--lattice-beam=4.0
--acoustic-scale={acoustic_scale}
--frame-subsampling-factor={SUBSAMPLING}
--frames-per-chunk=21
--endpoint.silence-phones=1
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=1.0
--endpoint.rule4.min-trailing-silence=2.0
"""
