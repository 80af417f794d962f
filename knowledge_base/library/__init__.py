"""The law library: statutes, their versions and their articles.

``Library`` is the reader's side; ``collect`` reads files; ``current`` opens the installed library.
"""

from knowledge_base.library.library import Library
from knowledge_base.library.model import (
    Article,
    Item,
    Law,
    Level,
    Paragraph,
    Standing,
    Version,
)
from knowledge_base.library.numerals import ArticleNumber, parse_numeral, write_numeral
from knowledge_base.library.sources import Collected, StatuteText, collect

__all__ = [
    "Article",
    "ArticleNumber",
    "Collected",
    "Item",
    "Law",
    "Level",
    "Library",
    "Paragraph",
    "Standing",
    "StatuteText",
    "Version",
    "collect",
    "parse_numeral",
    "write_numeral",
]
