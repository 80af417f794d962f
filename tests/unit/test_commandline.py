"""What the command line says of a machine that is full or closed to it."""

from __future__ import annotations

import errno
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
