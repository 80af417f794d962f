"""What every test may ask for."""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest

from hotline.clock import ManualClock
from hotline.store import Base, Database
from hotline.store.throwaway import ThrowawayPostgres

_numbers = itertools.count(1)


# A slow moment of a shared machine is no fault of the code: what is slow shows in benchmarks.
# The same examples each time, so that a red run means a change; HOTLINE_TEST_SCHEDULES=10000
# goes out and looks for new ones.
hypothesis.settings.register_profile(
    "house", deadline=None, derandomize="HOTLINE_TEST_SCHEDULES" not in os.environ
)
hypothesis.settings.load_profile("house")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests marked ``each_database`` once on each."""
    marked = metafunc.definition.get_closest_marker("each_database") is not None
    if marked and "database_kind" in metafunc.fixturenames:
        metafunc.parametrize("database_kind", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def clock() -> ManualClock:
    """A working Tuesday morning in China: 2026-11-24 10:00."""
    return ManualClock(datetime(2026, 11, 24, 2, 0, tzinfo=UTC))


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Return a function that finds a TCP port nobody listens on."""

    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return find


@pytest.fixture(scope="session")
def postgresql() -> Iterator[ThrowawayPostgres]:
    """A PostgreSQL cluster that lives as long as the test run."""
    with ThrowawayPostgres() as cluster:
        yield cluster


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """``sqlite``, or both in turn for tests marked ``each_database``."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def database_url(
    request: pytest.FixtureRequest, database_kind: str, tmp_path: Path
) -> Iterator[str]:
    """The URL of a database without any table."""
    if database_kind == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
        return
    cluster: ThrowawayPostgres = request.getfixturevalue("postgresql")
    name = f"test_{next(_numbers)}"
    yield cluster.create(name)
    cluster.drop(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database with all tables of the packages that the test imported."""
    opened = Database(database_url)
    async with opened.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield opened
    await opened.close()


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test out of the installation and its settings."""
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOTLINE_TOML", str(tmp_path / "hotline.toml"))
    for name in list(os.environ):
        if name.startswith("HOTLINE_") and name not in {
            "HOTLINE_HOME",
            "HOTLINE_TOML",
            "HOTLINE_CACHE",
            "HOTLINE_DATA",
        }:
            monkeypatch.delenv(name)
