"""The lanes of the tests: what failed in real time has one second go, and it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import LONGEST
from tests.lanes import (
    ALL,
    MOST_AGAIN,
    TESTS,
    Ending,
    Lane,
    Programme,
    play,
    two_goes,
)

FAILS_AT_FIRST = """
from pathlib import Path

def test_heard():
    heard = Path(__file__).with_suffix(".heard")
    was_there = heard.exists()
    heard.touch()
    assert was_there

def test_steady():
    with Path(__file__).with_suffix(".steady").open("a") as goes:
        goes.write("x")
"""
FAILS_ALWAYS = "def test_silent():\n    assert False\n"
REAL_TIME, PATIENT = Lane("calls", ()), Lane("sums", (), patient=True)


def failed(number: int) -> tuple[str, ...]:
    return tuple(f"test_calls.py::test_{n}" for n in range(number))


@pytest.mark.parametrize("number", range(1, MOST_AGAIN + 1))
def test_a_few_tests_in_real_time_have_a_second_go(number: int) -> None:
    assert Ending(REAL_TIME, 1, failed(number)).may_go_again


@pytest.mark.parametrize(
    "ending",
    [
        Ending(REAL_TIME, 0, ()),
        Ending(REAL_TIME, 1, failed(MOST_AGAIN + 1)),
        Ending(PATIENT, 1, failed(1)),
        Ending(REAL_TIME, pytest.ExitCode.INTERRUPTED, failed(1)),
        Ending(REAL_TIME, pytest.ExitCode.INTERNAL_ERROR, failed(1)),
        Ending(REAL_TIME, -9, failed(1)),
        Ending(REAL_TIME, 1, ()),
    ],
    ids=["well", "many", "patient", "interrupted", "broken", "killed", "nobody knows which"],
)
def test_nothing_else_has_a_second_go(ending: Ending) -> None:
    assert not ending.may_go_again


def test_who_computes_is_patient_and_who_plays_calls_is_not() -> None:
    assert all(lane.patient for lane in ALL.rest)
    assert not any(lane.patient for lane in ALL.in_real_time)


def test_at_most_one_lane_speaks_while_others_compute() -> None:
    assert [[lane for lane in act if not lane.gives_way][1:] for act in ALL.acts] == [[]] * len(
        ALL.acts
    )


def test_a_tool_looks_at_everything_whatever_pytest_is_told() -> None:
    assert Lane("types", (), tool=("mypy",)).command(["x"], ["-x"], Path())[1:] == ["-m", "mypy"]


def test_every_path_of_a_lane_is_there() -> None:
    assert [path for lane in ALL.lanes for path in lane.paths if not (TESTS / path).exists()] == []


def test_the_files_to_begin_with_are_there() -> None:
    assert [name for name in LONGEST if not (TESTS / name).exists()] == []


def test_a_lane_leaves_to_others_what_they_play_below_its_own_folders() -> None:
    room, scene = Lane("room", ("acceptance/routing",)), Lane("scene", ("acceptance/routing/x.py",))
    assert room.leaves((room, scene)) == ["acceptance/routing/x.py"]
    assert scene.leaves((room, scene)) == []
    everything = Lane("rest", (".",))
    assert everything.leaves((room, scene)) == ["acceptance/routing", "acceptance/routing/x.py"]


def test_a_test_that_failed_twice_is_told_so_beside_one_that_passed() -> None:
    first = Ending(REAL_TIME, 1, ("test_a", "test_b"))
    assert list(two_goes(first, Ending(REAL_TIME, 1, ("test_a",)))) == [
        "SECOND GO: test_a FAILED TWICE",
        "SECOND GO: test_b failed at first and passed at the second go",
    ]


def test_a_second_go_that_broke_off_says_nothing_of_its_tests() -> None:
    first = Ending(REAL_TIME, 1, ("test_a",))
    assert list(two_goes(first, Ending(REAL_TIME, -9, ()))) == [
        "SECOND GO: test_a failed at first; the second go ended with -9"
    ]


@pytest.fixture
def _pytest_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start pytest without its plugins, which takes a fifth of the time."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


@pytest.mark.usefixtures("_pytest_alone")
async def test_a_second_go_runs_what_failed_alone_and_is_told_at_the_very_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "test_calls.py").write_text(FAILS_AT_FIRST, encoding="utf-8")

    lane = Lane("calls", (str(tmp_path),))
    well = await play(Programme(((lane,),)), [], tmp_path / "notes")

    lines = capsys.readouterr().out.splitlines()
    test = "test_calls.py::test_heard"
    assert well
    assert (tmp_path / "test_calls.steady").read_text(encoding="utf-8") == "x"
    assert f" calls | SECOND GO: {test} failed and is run once more, alone" in lines
    assert lines[-1] == f" calls | SECOND GO: {test} failed at first and passed at the second go"


@pytest.mark.usefixtures("_pytest_alone")
async def test_a_test_that_fails_twice_fails_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "test_calls.py").write_text(FAILS_ALWAYS, encoding="utf-8")

    lane = Lane("calls", (str(tmp_path),))
    well = await play(Programme(alone=((lane,),)), [], tmp_path / "notes")

    last = capsys.readouterr().out.splitlines()[-1]
    assert not well
    assert last == " calls | SECOND GO: test_calls.py::test_silent FAILED TWICE"
