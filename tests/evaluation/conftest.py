"""Evaluations on public data that lies beside the project: run them with HOTLINE_DATA set.

They are no part of ``make test``: without the data nothing here is collected. With it:
``HOTLINE_DATA=/path/to/data python -m pytest tests/evaluation``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

collect_ignore_glob = [] if os.environ.get("HOTLINE_DATA") else ["test_*.py"]


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of the public data."""
    folder = Path(os.environ["HOTLINE_DATA"])
    assert (folder / "laws").is_dir(), f"HOTLINE_DATA={folder} 里没有 laws 文件夹"
    return folder
