"""What answers are held against, opened once and again when a file of it changes."""

from __future__ import annotations

from collections.abc import Callable

from hotline.settings import Settings
from transcripts.scoring.knowledge import InstalledKnowledge
from transcripts.scoring.scorer import Knowledge


def opener(settings: Settings) -> Callable[[], Knowledge]:
    """Return a function that gives the knowledge as it is now."""
    return InstalledKnowledge(settings)
