"""Speech from text on this machine: espeak-ng's Mandarin, for prompts and for the demo's callers.

It is clear but mechanical; a recording in ``prompts/`` always wins over it.
"""

from hotline.voice.espeak import Manner, Samples, SpeechSynthesisError
from hotline.voice.speech import TELEPHONE_RATE, say, say_as_written, wav_bytes, write_wav

__all__ = [
    "TELEPHONE_RATE",
    "Manner",
    "Samples",
    "SpeechSynthesisError",
    "say",
    "say_as_written",
    "wav_bytes",
    "write_wav",
]
