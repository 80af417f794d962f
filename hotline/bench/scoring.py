"""The CPU that scoring a ten-minute call takes.

The demo's conversations, as recognised speech would be written, one after the other up to ten
minutes. Cards and names are loaded before, as in the worker.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import replace
from typing import Any

import config
from knowledge_base.cards import load_cards
from transcripts.scoring.scorecard import load_scorecard
from transcripts.scoring.scorer import Knowledge, score
from transcripts.scoring.speech import Turn
from transcripts.scoring.talks import read_talk

MINUTES, TRIES = 10, 9


def ten_minutes() -> list[Turn]:
    """Return turns that fill ten minutes."""
    turns: list[Turn] = []
    end = 0.0
    files = sorted(config.path("demo/conversations").glob("*.yaml"))
    while end < MINUTES * 60:
        for file in files:
            begin = end
            for turn in read_talk(file)[0]:
                if end >= MINUTES * 60:
                    return turns
                words = tuple(
                    replace(word, start=begin + word.start, end=begin + word.end)
                    for word in turn.words
                )
                end = begin + turn.end
                turns.append(
                    replace(turn, start=begin + turn.start, end=end, confidence=0.9, words=words)
                )
    return turns


def measure() -> dict[str, Any]:
    """Score ten minutes of talk a few times; seconds of CPU."""
    turns, knowledge, card = ten_minutes(), Knowledge(load_cards()), load_scorecard()
    score(turns, knowledge, card)
    took = []
    for _ in range(TRIES):
        begun = time.process_time()
        score(turns, knowledge, card)
        took.append(time.process_time() - begun)
    return {
        "characters": sum(len(turn.text) for turn in turns),
        "turns": len(turns),
        "cpu_median_s": round(statistics.median(took), 3),
        "cpu_most_s": round(max(took), 3),
    }
