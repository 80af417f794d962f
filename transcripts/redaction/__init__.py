"""Takes personal data out of text and audio before they leave the recording's room (脱敏)."""

from transcripts.redaction.audio import silence
from transcripts.redaction.finder import Kind, Personal, find_personal
from transcripts.redaction.turns import (
    RedactedTurn,
    Spoken,
    find_in_turns,
    redact,
    redact_turns,
    spans_to_silence,
)

__all__ = [
    "Kind",
    "Personal",
    "RedactedTurn",
    "Spoken",
    "find_in_turns",
    "find_personal",
    "redact",
    "redact_turns",
    "silence",
    "spans_to_silence",
]
