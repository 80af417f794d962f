"""What a telephone line does to speech: room, noise, band, level and companding, at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from transcripts.training.features import RATE

Signal = npt.NDArray[np.float64]

FULL_SCALE = 32_768.0


@dataclass(frozen=True)
class Line:
    """Chances and ranges of each disturbance."""

    reverberation: float = 0.35
    band_pass: float = 0.75
    companding: float = 0.7
    noise_db: tuple[float, float] = (8.0, 40.0)
    """Signal-to-noise ratio, the noisiest first."""
    level: tuple[float, float] = (2.2, 3.7)
    """Powers of ten of the root mean square amplitude."""


TELEPHONE = Line()


def transmit(signal: Signal, rng: np.random.Generator, line: Line = TELEPHONE) -> Signal:
    """Return ``signal`` (8 kHz, 16-bit scale) as it may arrive."""
    if rng.random() < line.reverberation:
        signal = reverberate(signal, rng)
    noise = coloured_noise(len(signal), rng)
    power = _loudness(signal) * 10 ** (-rng.uniform(*line.noise_db) / 20)
    signal = signal + noise * power
    if rng.random() < line.band_pass:
        signal = band_pass(
            signal, rng.uniform(150, 350), rng.uniform(3_100, 3_700), int(rng.integers(2, 5))
        )
    signal = signal * (10 ** rng.uniform(*line.level) / _loudness(signal))
    signal = np.clip(signal, -32_000, 32_000)
    if rng.random() < line.companding:
        signal = mu_law(signal) if rng.random() < 0.5 else a_law(signal)
    return np.clip(np.round(signal), -32_768, 32_767)


def _loudness(signal: Signal) -> float:
    return float(np.sqrt(np.mean(signal**2))) + 1.0 if len(signal) else 1.0


def reverberate(signal: Signal, rng: np.random.Generator) -> Signal:
    """Add a room's decaying echo."""
    length = int(RATE * rng.uniform(0.05, 0.2))
    response = rng.standard_normal(length) * np.exp(-np.arange(length) / (length / 5))
    response *= rng.uniform(0.05, 0.3) / np.sqrt(np.sum(response**2))
    response[0] = 1.0
    size = len(signal) + length
    spectrum = np.fft.rfft(signal, size) * np.fft.rfft(response, size)
    echoing: Signal = np.fft.irfft(spectrum, size)[: len(signal)]
    return echoing


def coloured_noise(length: int, rng: np.random.Generator) -> Signal:
    """Return noise of unit power: white, pink, or rising in the low frequencies."""
    if not length:
        return np.zeros(0)
    white = rng.standard_normal(length)
    kind = rng.random()
    if kind < 0.4:
        return white
    spectrum = np.fft.rfft(white)
    frequency = np.arange(1, len(spectrum) + 1) / len(spectrum)
    if kind < 0.7:
        spectrum /= np.sqrt(frequency)
    else:
        pole = rng.uniform(0.5, 0.97)
        spectrum /= np.abs(1 - pole * np.exp(-1j * np.pi * frequency))
    noise: Signal = np.fft.irfft(spectrum, length)
    noise /= np.sqrt(np.mean(noise**2)) + 1e-9
    return noise


def band_pass(signal: Signal, low: float, high: float, order: int) -> Signal:
    """Keep ``low`` to ``high`` hertz, with a Butterworth filter's slopes."""
    spectrum = np.fft.rfft(signal)
    frequency = np.fft.rfftfreq(len(signal), 1 / RATE) + 1e-3
    gain = 1 / np.sqrt(1 + (low / frequency) ** (2 * order))
    gain /= np.sqrt(1 + (frequency / high) ** (4 * order))
    passed: Signal = np.fft.irfft(spectrum * gain, len(signal))
    return passed


def mu_law(signal: Signal) -> Signal:
    """Send through 8-bit µ-law (G.711) and back."""
    scaled = np.clip(signal / FULL_SCALE, -1, 1)
    code = np.round(np.sign(scaled) * np.log1p(255 * np.abs(scaled)) / np.log(256) * 127) / 127
    received: Signal = np.sign(code) * (256 ** np.abs(code) - 1) / 255 * FULL_SCALE
    return received


def a_law(signal: Signal) -> Signal:
    """Send through 8-bit A-law (G.711, what Chinese lines use) and back."""
    scaled = np.clip(signal / FULL_SCALE, -1, 1)
    size, a = np.abs(scaled), 87.6
    bend = 1 + np.log(a)
    code = np.where(size < 1 / a, a * size, 1 + np.log(np.maximum(a * size, 1e-12))) / bend
    code = np.round(code * 127) / 127 * bend
    back = np.where(code < 1, code / a, np.exp(code - 1) / a)
    received: Signal = np.sign(scaled) * back * FULL_SCALE
    return received
