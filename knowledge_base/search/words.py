"""Chinese text cut into what is searched for: words of any length and pairs of characters."""

from __future__ import annotations

import re

_RUN = re.compile(r"[\u4e00-\u9fffA-Za-z0-9]+")


def words(text: str) -> list[str]:
    """Cut a text into words, long ones into their parts as well (劳动合同法 → 劳动, 合同, …)."""
    import rjieba  # noqa: PLC0415 - its dictionary takes a tenth of a second

    found: list[str] = []
    for run in _RUN.findall(text):
        found += rjieba.cut_for_search(run)
    return found


def pairs(text: str) -> list[str]:
    """Return each two neighbouring characters, which find what the segmenter cuts otherwise."""
    return [run[at : at + 2] for run in _RUN.findall(text) for at in range(len(run) - 1)]


def terms(text: str) -> list[str]:
    """Return words and pairs together."""
    return words(text) + pairs(text)
