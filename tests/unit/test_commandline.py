"""What the command line says of a machine that is full or closed to it."""

from __future__ import annotations

import errno
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from hotline import app
from hotline.app import commandline, running
from hotline.errors import ConfigurationError


@pytest.fixture
def own_logging() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, own_logging: object) -> Callable[[Exception], None]:
    """Run the command line over a command that ends with an error."""

    def run(error: Exception) -> None:
        def fails() -> None:
            raise error

        monkeypatch.setattr(commandline, "cli", fails)
        app.main()

    return run


def test_a_full_disk_is_told_with_its_file(
    run: Callable[[Exception], None], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        run(OSError(errno.ENOSPC, "No space left on device", "menu.svg"))
    assert left.value.code == 1
    assert capsys.readouterr().err == "错误 (file) menu.svg：磁盘已满，请清理后重试。\n"


def test_a_mistake_of_the_program_is_not_hidden(run: Callable[[Exception], None]) -> None:
    with pytest.raises(OSError, match="Bad file descriptor"):
        run(OSError(errno.EBADF, "Bad file descriptor"))


def test_a_place_in_a_file_is_never_torn_by_the_width_of_the_terminal(
    run: Callable[[Exception], None], capsys: pytest.CaptureFixture[str]
) -> None:
    place = f"/srv/{'county/' * 20}config/ivr/12348.yaml:5: YAML 格式有误"
    with pytest.raises(SystemExit):
        run(ConfigurationError(place))
    assert place in capsys.readouterr().err


def test_a_log_that_finds_no_room_stops_nobody() -> None:
    went_on = False
    with pytest.raises(OSError, match="No space left"), Path("/dev/full").open("w") as full:
        running.Lines(full).warning("database away; calls go on")
        went_on = True
    assert went_on


def test_what_is_told_of_a_command_is_what_it_says_itself() -> None:
    for name, told in commandline.COMMANDS.items():
        said = commandline.read(name).help or ""
        assert _unwrapped(said).startswith(_unwrapped(told.words)), name


def _unwrapped(words: str) -> str:
    return re.sub(r"\s", "", words)


def test_help_reads_no_package_of_the_house() -> None:
    """It is what somebody new asks for first, perhaps on an old machine."""
    asked = "import sys\nsys.argv = ['hotline', '--help']\ntry:\n    main()\nexcept SystemExit:\n"
    program = f"from hotline.app import main\n{asked}    print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in done.stdout.splitlines()[-1].split()}
    assert "hotline" in loaded
    heavy = {"agents", "aiohttp", "ivr", "knowledge_base", "numpy", "pydantic", "sqlalchemy"}
    assert not loaded & heavy
    ours = {n for n in done.stdout.splitlines()[-1].split() if n.startswith("hotline.")}
    assert ours == {
        "hotline.app",
        "hotline.app.commandline",
        "hotline.app.running",
        "hotline.errors",
    }
