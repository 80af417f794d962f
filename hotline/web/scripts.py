"""Words that our scripts write, in another language: looked up while a script is served.

A script's Chinese strings are replaced by their translations once, at start; a string with values
(`` `还有 ${n} 条` ``) is the message ``还有 {0} 条``. Code and comments are left alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from hotline.web.phrases import HAN, PLACE, Lookup

_PIECES = re.compile(
    r"""//[^\n]*|/\*.*?\*/"""
    r"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'"""
    r"""|`(?:[^`\\]|\\.)*`""",
    re.DOTALL,
)
_VALUE = re.compile(r"\$\{([^{}]*)\}")


@dataclass(frozen=True)
class Literal:
    """A Chinese string of a script: where it stands, its message and the values in it."""

    start: int
    end: int
    message: str
    values: tuple[str, ...]
    before: str
    after: str
    """Blanks around the message, which are no part of it."""


def literals(script: str) -> Iterator[Literal]:
    """Yield a script's Chinese strings, in their order."""
    for piece in _PIECES.finditer(script):
        text = piece[0]
        if text.startswith(("//", "/*")) or not HAN.search(text):
            continue
        values: list[str] = []
        if text[0] == "`":
            inner = _numbered(text[1:-1], values)
        else:
            inner = re.sub(r"\\(.)", r"\1", text[1:-1])
        core = inner.strip()
        where = inner.index(core)
        yield Literal(*piece.span(), core, tuple(values), inner[:where], inner[where + len(core) :])


def _numbered(text: str, values: list[str]) -> str:
    def place(match: re.Match[str]) -> str:
        values.append(match[1])
        return f"{{{len(values) - 1}}}"

    return _VALUE.sub(place, text)


def translated(script: str, find: Lookup) -> str:
    """Return the script with its Chinese strings in another language."""
    parts, at = [], 0
    for one in literals(script):
        words = find(one.message)
        if words is None:
            continue
        parts += [script[at : one.start], _written(one, one.before + words + one.after)]
        at = one.end
    return "".join((*parts, script[at:]))


def _written(literal: Literal, words: str) -> str:
    if not literal.values:
        return json.dumps(words, ensure_ascii=False)
    plain = words.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
    return "`" + PLACE.sub(lambda m: f"${{{literal.values[int(m[1])]}}}", plain) + "`"
