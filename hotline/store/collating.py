"""Comparing ids that are collated otherwise: some tables keep a call's id as a code, some as words.

PostgreSQL compares them well enough, but no index answers: each such join reads a whole table. The
side that has no index is to be brought to the other's order.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class as_code(FunctionElement[str]):  # noqa: N801 - written as a function
    """The same text, compared byte by byte as :data:`Code` is."""

    type = String()
    inherit_cache = True


class as_words(FunctionElement[str]):  # noqa: N801 - written as a function
    """The same text, compared as columns of plain text are (``calls.id``)."""

    type = String()
    inherit_cache = True


@compiles(as_code)
@compiles(as_words)
def _plain(element: FunctionElement[str], compiler: SQLCompiler, **kw: Any) -> str:
    return compiler.process(element.clauses, **kw)


@compiles(as_code, "postgresql")
def _by_bytes(element: as_code, compiler: SQLCompiler, **kw: Any) -> str:
    return f'{compiler.process(element.clauses, **kw)} COLLATE "C"'


@compiles(as_words, "postgresql")
def _by_language(element: as_words, compiler: SQLCompiler, **kw: Any) -> str:
    return f'{compiler.process(element.clauses, **kw)} COLLATE "default"'
