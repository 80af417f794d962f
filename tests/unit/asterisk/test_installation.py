import stat
from pathlib import Path

import pytest

from hotline.asterisk import installation
from hotline.asterisk.errors import AsteriskMissingError, UnsupportedVersionError
from hotline.settings import load


def program(folder: Path, says: str) -> Path:
    """An installed Asterisk that can do nothing but tell its version."""
    file = folder / "usr/sbin/asterisk"
    file.parent.mkdir(parents=True)
    file.write_text(f"#!/bin/sh\necho '{says}'\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    (folder / "usr/lib/x86_64-linux-gnu/asterisk/modules").mkdir(parents=True)
    (folder / "usr/lib/x86_64-linux-gnu/asterisk/modules/app_dial.so").touch()
    (folder / "usr/share/asterisk").mkdir(parents=True)
    return file


@pytest.mark.parametrize(
    ("says", "version"),
    [
        ("Asterisk 18.10.0~dfsg+~cs6.10.40431411-2", (18, 10, 0)),
        ("Asterisk 20.6.0", (20, 6, 0)),
        ("Asterisk certified/22.8-cert1", (22, 8, 0)),
        ("Asterisk 22.10.1+dfsg+~cs6.17.60671434-1", (22, 10, 1)),
    ],
)
def test_an_asterisk_on_the_path_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, version: tuple[int, int, int]
) -> None:
    file = program(tmp_path, says)
    monkeypatch.setenv("PATH", f"{file.parent}:/usr/bin:/bin")
    found = installation.find(load())
    assert found is not None
    assert found.version == version
    assert found.available_modules() == {"app_dial"}
    assert not found.extracted


@pytest.mark.parametrize("says", ["Asterisk 16.28.0", "Asterisk 13.1.0"])
def test_an_asterisk_too_old_is_refused_with_what_to_do(tmp_path: Path, says: str) -> None:
    settings = load(asterisk={"executable": str(program(tmp_path, says))})
    with pytest.raises(UnsupportedVersionError, match="18、20 或 22"):
        installation.find(settings)


def test_what_is_no_asterisk_is_told(tmp_path: Path) -> None:
    settings = load(asterisk={"executable": str(program(tmp_path, "hello"))})
    with pytest.raises(AsteriskMissingError, match="hello"):
        installation.find(settings)


def test_a_configured_asterisk_that_isnt_there_is_told(tmp_path: Path) -> None:
    settings = load(asterisk={"executable": str(tmp_path / "nowhere")})
    with pytest.raises(AsteriskMissingError, match="nowhere"):
        installation.find(settings)


def test_without_any_asterisk_none_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOTLINE_CACHE", str(tmp_path / "cache"))
    assert installation.find(load()) is None
