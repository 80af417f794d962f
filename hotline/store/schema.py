"""The database's structure: brought up to date, compared with the program, written down."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Literal, TypeVar

import alembic.command
from alembic import autogenerate
from alembic.autogenerate.api import AutogenContext
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text

from hotline.errors import HotlineError
from hotline.store.database import Database
from hotline.store.discovery import all_tables
from hotline.store.types import Code, Json, RowId, UTCDateTime

FOLDER = Path(__file__).parent / "migrations"
RELEASED = "0001_initial"
"""The newest migration that bureaus may already have run: it and those before stay as they are."""
_LOCK = 0x1234801

T = TypeVar("T")


class SchemaError(HotlineError):
    """数据库的结构与程序不一致，请运行 hotline db upgrade。"""

    error_id = "schema"


def run(context: Any) -> None:
    """Run migrations in alembic's environment, on the connection that it was given."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=all_tables(),
        render_item=_render,
        compare_type=True,
        compare_server_default=True,
        # SQLite cannot alter a column: alembic copies the table instead.
        render_as_batch=True,
    )
    context.run_migrations()


def head() -> str | None:
    """Return the newest migration that the program brings."""
    return ScriptDirectory.from_config(_config()).get_current_head()


async def current(database: Database) -> str | None:
    """Return the migration that the database stands at, ``None`` where it is empty."""
    return await _on(database, lambda c: MigrationContext.configure(c).get_current_revision())


async def upgrade(database: Database, to: str = "head") -> tuple[str | None, str | None]:
    """Bring the database up to date; return the migrations before and after.

    Several nodes may start at once: on PostgreSQL they wait for each other, SQLite has one
    writer anyway.
    """

    def work(connection: Connection) -> tuple[str | None, str | None]:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        before = MigrationContext.configure(connection).get_current_revision()
        alembic.command.upgrade(_config(connection), to)
        # Without figures about its contents a planner takes the wrong index.
        connection.execute(text("ANALYZE"))
        return before, MigrationContext.configure(connection).get_current_revision()

    if database.is_sqlite:
        return await _without_foreign_keys(database, work)
    return await _on(database, work)


async def _without_foreign_keys(database: Database, work: Callable[[Connection], T]) -> T:
    """Work on SQLite with its foreign keys at rest, and see afterwards that they hold.

    A column that SQLite cannot alter is changed by making the table anew; to drop the old one
    would delete what refers to it.
    """

    def checked(connection: Connection) -> T:
        result = work(connection)
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        if broken:
            raise SchemaError(
                f"升级会使 {broken[0][0]} 里的记录失去所属，没有升级", rows=len(broken)
            )
        return result

    async with database.engine.connect() as connection:
        # Within a transaction the pragma would do nothing.
        raw = await connection.get_raw_connection()
        driver: Any = raw.driver_connection
        await driver.execute("PRAGMA foreign_keys=OFF")
        try:
            async with connection.begin():
                return await connection.run_sync(checked)
        finally:
            await connection.invalidate()


async def differences(database: Database) -> list[str]:
    """Return what the database's structure lacks or has too much, compared with the program."""

    def work(connection: Connection) -> list[str]:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        found = autogenerate.compare_metadata(context, all_tables())
        return [_words(difference) for difference in found]

    return await _on(database, work)


async def require_current(database: Database) -> None:
    """Refuse to work with a database of another version.

    Raises:
        SchemaError: it is older or newer than the program.
    """
    found = await current(database)
    if found != head():
        raise SchemaError(current=found, head=head())


def write_revision(message: str) -> Path:
    """Write the migration from the newest released one to what the program's tables are now.

    Those after :data:`RELEASED` are drafts that nobody has run: one new one takes their place.
    """
    for old in (FOLDER / "versions").glob("[0-9]*.py"):
        if old.stem.partition("_")[0] > RELEASED.partition("_")[0]:
            old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/blank.db")
        with closing(engine.raw_connection()), engine.connect() as connection:
            config = _config(connection)
            alembic.command.upgrade(config, "head")
            number = len(list((FOLDER / "versions").glob("[0-9]*.py"))) + 1
            made = alembic.command.revision(
                config, message=message, autogenerate=True, rev_id=f"{number:04d}"
            )
        engine.dispose()
    script = made[0] if isinstance(made, list) else made
    if script is None:
        raise SchemaError("没有写出迁移文件")
    path = Path(script.path)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(x for x in lines if "Alembic" not in x), encoding="utf-8")
    return path


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


async def _on(database: Database, work: Callable[[Connection], T]) -> T:
    async with database.write() as session:
        connection = await session.connection()
        return await connection.run_sync(work)


def _render(kind: str, value: Any, context: AutogenContext) -> str | Literal[False]:
    if kind != "type":
        return False
    for name, ours in (("RowId", RowId), ("Code", Code), ("Json", Json)):
        if value is ours:
            context.imports.add("from hotline.store import types")
            return f"types.{name}"
    if isinstance(value, UTCDateTime):
        context.imports.add("from hotline.store import types")
        return "types.UTCDateTime()"
    return False


def _words(difference: Any) -> str:
    if isinstance(difference, list):
        return "；".join(_words(one) for one in difference)
    kind, *parts = difference
    names = [str(getattr(part, "name", None) or part) for part in parts if part is not None]
    return f"{kind}: {' '.join(names)}"
