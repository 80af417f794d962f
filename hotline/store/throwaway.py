"""A PostgreSQL cluster for tests and benchmarks: made, used, and gone without a trace.

Uses the server programs of the machine, or a set extracted without root where it has none. They
refuse to run as root, so root starts them as an ordinary user. Listens on a Unix socket in its own
folder; nothing is ever synced to disk.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hotline import debian
from hotline.errors import HotlineError

START_SECONDS = 30.0
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "log_min_messages": "fatal",
}


class PostgresStartError(HotlineError):
    """临时的 PostgreSQL 启动不了。"""

    error_id = "postgresql-start"


def installed() -> Path | None:
    """Return the folder of the machine's newest PostgreSQL server programs, if it has any."""
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    newest = max(versions, key=lambda file: int(file.parts[-3]), default=None)
    return newest.parent if newest is not None else None


class ThrowawayPostgres:
    """``with ThrowawayPostgres() as cluster: cluster.create("name")`` returns a database's URL."""

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        self._settings = _SETTINGS | dict(settings or {})
        self._folder = Path(tempfile.mkdtemp(prefix="hotline-pg-"))
        self._environment = dict(os.environ)
        self._binaries = installed() or self._extracted()
        self._as_user: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = _ordinary_user()
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self._initialise()
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def create(self, name: str, template: str = "template0") -> str:
        """Create a database, empty or a copy of one of ours; return its SQLAlchemy URL."""
        self._sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return f"postgresql+asyncpg://hotline@/{name}?host={self._folder}"

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected."""
        self._sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def close(self) -> None:
        """Stop the server and remove its folder."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)  # "fast": open sessions are ended
            try:
                self._server.wait(START_SECONDS)
            except subprocess.TimeoutExpired:
                self._server.send_signal(signal.SIGQUIT)
                self._server.wait()
            self._server = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def _extracted(self) -> Path:
        """Bring the programs into our folder: an ordinary user cannot look into root's cache.

        Raises:
            hotline.debian.PackagesError: they cannot be had on this machine.
        """
        found = debian.install(debian.POSTGRESQL)
        root = self._folder / "programs"
        shutil.copytree(found.root, root, symlinks=True)
        here = debian.Installed(root, found.mode)
        self._environment |= here.environment()
        server = here.find("postgres")
        if server is None:
            raise PostgresStartError(f"{found.root} 里没有 PostgreSQL，请删除这个文件夹后重试")
        return server.parent

    def _initialise(self) -> None:
        self._run(
            "initdb",
            *("--pgdata", str(self._folder / "data"), "--username", "hotline"),
            *("--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
        )

    def _start(self) -> None:
        arguments = [str(self._binaries / "postgres"), "-D", str(self._folder / "data")]
        for name, value in (self._settings | {"unix_socket_directories": self._folder}).items():
            arguments += ["-c", f"{name}={value}"]
        with (self._folder / "log").open("wb") as log:
            self._server = subprocess.Popen(
                arguments,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=self._environment,
                **self._as_user,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._ready():
            if self._server.poll() is not None or time.monotonic() > deadline:
                said = (self._folder / "log").read_text(encoding="utf-8", errors="replace")
                raise PostgresStartError(f"临时的 PostgreSQL 启动不了：{said[-500:]}")
            time.sleep(0.05)

    def _ready(self) -> bool:
        asked = subprocess.run(
            [self._binaries / "pg_isready", "-h", self._folder, "-q"],
            check=False,
            env=self._environment,
        )
        return asked.returncode == 0

    def _sql(self, statement: str) -> None:
        self._run(
            "psql",
            *("-h", str(self._folder), "-U", "hotline", "-d", "postgres"),
            *("-v", "ON_ERROR_STOP=1", "-q", "-c", statement),
        )

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._binaries / program, *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=self._folder,
            env=self._environment,
            **self._as_user,
        )
        if done.returncode != 0:
            raise PostgresStartError(f"{program} 失败：{done.stderr.strip()[-500:]}")


def _ordinary_user() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresStartError("没有可用来运行 PostgreSQL 的普通用户（postgres 或 nobody）")
