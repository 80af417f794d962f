"""Speech to text: the interface that every engine has, and the engines."""

from transcripts.recognisers.base import (
    Heard,
    ModelCard,
    Recogniser,
    RecogniserError,
    Samples,
    Segment,
    Stream,
    Word,
)
from transcripts.recognisers.models import ModelFolderError, locate, open_recogniser

__all__ = [
    "Heard",
    "ModelCard",
    "ModelFolderError",
    "Recogniser",
    "RecogniserError",
    "Samples",
    "Segment",
    "Stream",
    "Word",
    "locate",
    "open_recogniser",
]
