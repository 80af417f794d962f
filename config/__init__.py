"""What a bureau edits. This module only finds the files, installed or in a checkout."""

from __future__ import annotations

import os
from pathlib import Path

SHIPPED = Path(__file__).parent


def path(name: str) -> Path:
    """Return the file or folder ``name`` (such as ``ivr/12348.yaml``).

    A bureau's own folder, named by ``HOTLINE_CONFIG``, wins over what we ship, file by file.
    """
    own = os.environ.get("HOTLINE_CONFIG")
    if own and (candidate := Path(own) / name).exists():
        return candidate
    return SHIPPED / name
