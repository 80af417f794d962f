"""Writes a citation in the ways that lawyers write and say it; the parser reads each of them."""

from __future__ import annotations

import enum

from knowledge_base.citations.parser import Citation
from knowledge_base.library.numerals import write_numeral


class Style(enum.StrEnum):
    """A way to cite."""

    STATUTE = "statute"
    """《劳动合同法》第三十八条第一款第（二）项."""
    ARABIC = "arabic"
    """《劳动合同法》第38条第1款第2项."""
    SPOKEN = "spoken"
    """劳动合同法第三十八条第一款第二项."""


def render(citation: Citation, style: Style = Style.STATUTE, *, name: str | None = None) -> str:
    """Write ``citation``; ``name`` stands for the law's name where another is wanted."""
    called = name if name is not None else citation.law or citation.said
    marked = f"《{called}》" if called and style is not Style.SPOKEN else called or ""
    number = str if style is Style.ARABIC else write_numeral
    words = f"{marked}第{number(citation.number.number)}条"
    if citation.number.branch:
        words += f"之{number(citation.number.branch)}"
    if citation.paragraph is not None:
        words += f"第{number(citation.paragraph)}款"
    if citation.item is not None:
        shown = number(citation.item)
        words += f"第（{shown}）项" if style is Style.STATUTE else f"第{shown}项"
    return words
