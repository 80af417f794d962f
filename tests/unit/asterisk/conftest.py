"""A made-up Asterisk: modules as empty files, a program that tells a version."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hotline import settings
from hotline.asterisk import Installation
from hotline.asterisk.modules import OPTIONAL, PRELOAD, REQUIRED

Make = Callable[..., Installation]


@pytest.fixture
def made_up(tmp_path: Path) -> Make:
    """Return a function that makes an installation of a version, lacking some modules."""

    def make(version: tuple[int, int, int] = (22, 10, 1), lacking: str = "") -> Installation:
        modules = tmp_path / "modules"
        modules.mkdir(exist_ok=True)
        for name in (*PRELOAD, *REQUIRED, *OPTIONAL):
            if name not in lacking.split():
                (modules / f"{name}.so").touch()
        program = tmp_path / "asterisk"
        return Installation((str(program),), program, version, modules, tmp_path / "data")

    return make


@pytest.fixture
def own_settings(tmp_path: Path) -> settings.Settings:
    """Settings of an installation in a folder of its own."""
    return settings.load(home=tmp_path / "home")
