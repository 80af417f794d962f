"""What can be wrong with a database, told to a person."""

from __future__ import annotations

import sqlite3

import asyncpg
from sqlalchemy.exc import DBAPIError

from hotline.errors import ConflictError, HotlineError


class DatabaseUnavailableError(HotlineError):
    """数据库暂时用不了，请检查数据库服务和磁盘空间。"""

    error_id = "database-unavailable"


class DatabaseOutdatedError(HotlineError):
    """数据库的结构与程序不一致，请先运行 hotline db upgrade。"""

    error_id = "database-outdated"


_SQLITE = {
    sqlite3.SQLITE_BUSY: "数据库一直被占用，请稍后再试",
    sqlite3.SQLITE_LOCKED: "数据库一直被占用，请稍后再试",
    sqlite3.SQLITE_READONLY: "数据库文件不可写，请检查文件权限",
    sqlite3.SQLITE_IOERR: "读写数据库文件出错，请检查磁盘",
    sqlite3.SQLITE_CORRUPT: "数据库文件已损坏，请用备份恢复",
    sqlite3.SQLITE_NOTADB: "这个文件不是数据库，请检查配置中的数据库地址",
    sqlite3.SQLITE_FULL: "磁盘已满，请清理磁盘后重试",
    sqlite3.SQLITE_CANTOPEN: "打不开数据库文件，请检查路径和权限",
}

_POSTGRESQL = {
    # Classes of SQLSTATE (PostgreSQL manual, appendix A).
    "08": "与数据库的连接断了，请检查数据库服务",
    "28": "数据库不接受这个用户名或密码，请检查配置中的数据库地址",
    "3D": "数据库不存在，请先创建，或检查配置中的数据库地址",
    "53": "数据库资源不足（磁盘、内存或连接数），请检查数据库服务器",
    "57": "数据库正在关闭或重启，请稍后再试",
    "58": "数据库服务器读写出错，请检查其磁盘",
}

_LOST_TO_ANOTHER = frozenset({"40001", "40P01", "55P03"})
_UNDEFINED = frozenset({"42P01", "42703"})


def unreachable() -> tuple[type[BaseException], ...]:
    """Return what the drivers raise, unwrapped, where there is no server to talk to."""
    return (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError)


def translated(error: DBAPIError) -> HotlineError | None:
    """Return our error for the driver's, or ``None`` where it is a mistake of the program."""
    original = error.orig
    if error.connection_invalidated:
        return DatabaseUnavailableError(f"与数据库的连接断了，请检查数据库服务：{original}")
    if isinstance(original, sqlite3.Error):
        return _from_sqlite(original)
    state = str(getattr(original, "sqlstate", "") or "")
    if state in _LOST_TO_ANOTHER:
        return ConflictError("这条记录正被别人修改，请稍后重试")
    if state in _UNDEFINED:
        return DatabaseOutdatedError()
    if reason := _POSTGRESQL.get(state[:2]):
        return DatabaseUnavailableError(f"{reason}：{original}")
    return None


def _from_sqlite(error: sqlite3.Error) -> HotlineError | None:
    primary = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if reason := _SQLITE.get(primary):
        return DatabaseUnavailableError(f"{reason}（{error}）")
    if str(error).startswith(("no such table", "no such column")):
        return DatabaseOutdatedError()
    return None
