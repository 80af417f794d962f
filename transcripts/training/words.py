"""Common Chinese words and how often they come, read from the installed jieba at training time."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from hotline.errors import HotlineError

_HANZI = re.compile(r"[\u4e00-\u9fff]+")


class WordListMissingError(HotlineError):
    """训练模型需要 jieba 的词表，请先安装训练依赖：pip install "hotline12348[train]"。"""

    error_id = "word-list-missing"


@cache
def frequencies() -> dict[str, int]:
    """Return jieba's words (Hanzi only) with their counts.

    Only its data file is read: jieba itself is not imported, nor its list copied.

    Raises:
        WordListMissingError: jieba is not installed.
    """
    try:
        text = resources.files("jieba").joinpath("dict.txt").read_text(encoding="utf-8")
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise WordListMissingError from error
    counts: dict[str, int] = {}
    for line in text.splitlines():
        word, count, *_ = line.split(" ")
        if _HANZI.fullmatch(word):
            counts[word] = int(count)
    return counts


def commonest(count: int, *, lengths: range = range(1, 5)) -> list[str]:
    """Return the ``count`` most frequent words of the given lengths, most frequent first."""
    known = frequencies()
    fitting = [word for word in known if len(word) in lengths]
    return sorted(fitting, key=lambda word: (-known[word], word))[:count]
