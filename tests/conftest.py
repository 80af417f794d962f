"""What every test may ask for."""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import shutil
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import jinja2
import pytest
import structlog

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

# By default, an error is logged with every variable of every frame: half a minute for one page.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests marked ``each_database`` once on each."""
    marked = metafunc.definition.get_closest_marker("each_database") is not None
    if marked and "database_kind" in metafunc.fixturenames:
        metafunc.parametrize("database_kind", ["sqlite", "postgresql"], indirect=True)


LONGEST = (
    "acceptance/test_pages.py",
    "acceptance/speech/test_training.py",
    "acceptance/test_public_pages.py",
    "property/test_routing_events.py",
    "acceptance/speech/test_recogniser.py",
    "integration/web/test_english_pages.py",
    "acceptance/review/test_review_page.py",
    "property/test_routing_board_seeds.py",
    "property/test_callbacks.py",
    "property/test_routing_board.py",
)
"""Files that take long. Begun last, they would have one worker run on while the others are done."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files."""
    places = {Path(__file__).parent / name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_collection_finish() -> None:
    """Look no more for garbage among what all tests have loaded: it took a sixth of their time."""
    gc.collect()
    gc.freeze()


class Models:
    """Databases with tables and no rows, one for each set of tables: to copy them is quick."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[frozenset[str], Path] = {}
        self._names: dict[frozenset[str], str] = {}

    def file(self) -> Path:
        """Return an SQLite file with the tables that are known now."""
        tables = frozenset(Base.metadata.tables)
        if tables not in self._files:
            self._files[tables] = self._folder / f"{len(self._files)}.db"
            asyncio.run(_create_tables(f"sqlite+aiosqlite:///{self._files[tables]}"))
        return self._files[tables]

    def in_cluster(self, cluster: ThrowawayPostgres) -> str:
        """Return the name of a database with the tables that are known now."""
        tables = frozenset(Base.metadata.tables)
        if tables not in self._names:
            self._names[tables] = f"model_{len(self._names)}"
            asyncio.run(_create_tables(cluster.create(self._names[tables])))
        return self._names[tables]


async def _create_tables(url: str) -> None:
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await database.close()


@pytest.fixture(autouse=True, scope="session")
def _templates_are_compiled_once() -> Iterator[None]:
    """Every application compiles its templates; the tests make hundreds of applications."""
    compile_, known = jinja2.Environment.compile, dict[tuple[Any, ...], Any]()

    def once(self: jinja2.Environment, source: Any, *more: Any, **named: Any) -> Any:
        # Filters of constants are applied while compiling.
        ours = (tuple(self.filters.values()), tuple(self.extensions), self.trim_blocks)
        key = (source, more, tuple(named.items()), ours)
        if key not in known:
            known[key] = compile_(self, source, *more, **named)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jinja2.Environment, "compile", once)
        yield


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


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """Databases to copy."""
    return Models(tmp_path_factory.mktemp("models"))


@pytest.fixture
def database_url(
    request: pytest.FixtureRequest, database_kind: str, models: Models, tmp_path: Path
) -> Iterator[str]:
    """The URL of a database: without any table, but for tests that ask for ``database``."""
    with_tables = "database" in request.fixturenames
    if database_kind == "sqlite":
        if with_tables:
            shutil.copyfile(models.file(), tmp_path / "test.db")
        yield f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"
        return
    cluster: ThrowawayPostgres = request.getfixturevalue("postgresql")
    name = f"test_{next(_numbers)}"
    yield cluster.create(name, models.in_cluster(cluster) if with_tables else "template0")
    cluster.drop(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database with all tables of the packages that the test imported."""
    opened = Database(database_url)
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
