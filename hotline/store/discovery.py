"""Finds every table of the house, for migrations, without knowing the packages above.

Each package keeps its tables in a module called ``tables``; that name is the convention.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import MetaData

from hotline.store.types import Base

PACKAGES = ("hotline", "agents", "ivr", "knowledge_base", "transcripts")


def table_modules(packages: Iterable[str] = PACKAGES) -> list[str]:
    """Return the dotted names of all modules that hold tables."""
    found = []
    for package in packages:
        spec = importlib.util.find_spec(package)
        for folder in spec.submodule_search_locations or () if spec is not None else ():
            for file in sorted(Path(folder).rglob("tables.py")):
                inner = file.relative_to(folder).with_suffix("").parts
                found.append(".".join((package, *inner)))
    return found


def all_tables() -> MetaData:
    """Import every module that holds tables; return what they make together."""
    for module in table_modules():
        importlib.import_module(module)
    return Base.metadata
