"""Cepstra exactly as Vosk will compute them from the model's ``conf/mfcc.conf``."""

from __future__ import annotations

import kaldi_native_fbank as knf
import numpy as np
import numpy.typing as npt

RATE = 8_000
"""The model's own rate: what a telephone line gives."""
DIMENSIONS = 40
FRAME_SHIFT = 80
"""Samples from one frame to the next (10 ms)."""
FRAME_MIDDLE = 100
"""Samples from a frame's start to its middle (a frame is 25 ms long)."""
LOW_HERTZ, HIGH_HERTZ = 40, -200

MFCC_CONF = f"""--use-energy=false
--sample-frequency={RATE}
--num-mel-bins={DIMENSIONS}
--num-ceps={DIMENSIONS}
--low-freq={LOW_HERTZ}
--high-freq={HIGH_HERTZ}
--dither=0
"""
"""The same settings for Kaldi. Without dither=0 Vosk adds noise and results differ each time."""

Features = npt.NDArray[np.float32]


def cepstra(samples: npt.NDArray[np.int16]) -> Features:
    """Return the MFCC of 8 kHz samples, shape (frames, 40)."""
    options = knf.MfccOptions()
    options.frame_opts.samp_freq = RATE
    options.frame_opts.dither = 0.0
    options.frame_opts.snip_edges = True
    options.use_energy = False
    options.num_ceps = DIMENSIONS
    options.mel_opts.num_bins = DIMENSIONS
    options.mel_opts.low_freq = LOW_HERTZ
    options.mel_opts.high_freq = HIGH_HERTZ
    extractor = knf.OnlineMfcc(options)
    extractor.accept_waveform(RATE, samples.astype(np.float32).tolist())
    extractor.input_finished()
    count = extractor.num_frames_ready
    if not count:
        return np.zeros((0, DIMENSIONS), np.float32)
    return np.stack([extractor.get_frame(i) for i in range(count)]).astype(np.float32)
