"""``hotline init`` and ``hotline doctor``: set an installation up, and see whether it is sound."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from hotline.errors import ConflictError, HotlineError
from hotline.settings import Settings

if TYPE_CHECKING:
    from hotline.asterisk import Asterisk

ADMINISTRATOR = "admin"
_LITTLE_DISK = 5 * 1024**3

_TOML = """\
# 12348 热线的设置。改完后重启服务生效。没写的项用默认值；每一项见 docs/settings.md。
home = {home}

[bureau]
name = "示范县司法局"

[asterisk]
# 运营商中继的地址（来电从这里进来）
trunk_match = ["127.0.0.2"]
trunk_contact = "sip:127.0.0.2:5070"

[web]
host = "127.0.0.1"
port = 8080
"""


async def prepare(asterisk: Asterisk) -> list[Path]:
    """Write all of Asterisk's configuration; return the files that changed.

    Raises:
        SchemaError: the database isn't up to date, so that nobody knows whose telephones there are.
    """
    from agents import exchange
    from hotline.app.processes import opened

    async with opened(asterisk.settings) as database:
        return await exchange.prepare(asterisk.settings, database, asterisk)


def init() -> None:
    """建立本机的安装：设置文件、密钥、数据库、Asterisk 与提示音、管理员账号。可以重复执行。

    例：hotline init
    """
    asyncio.run(_init(Console(highlight=False)))


async def _init(console: Console) -> None:
    from agents import exchange
    from hotline import settings
    from hotline.asterisk import Asterisk
    from hotline.asterisk.progress import shown
    from hotline.clock import SystemClock
    from hotline.store import Database, schema
    from hotline.web.accounts import NewUser
    from hotline.web.permissions import Role
    from hotline.web.server import make_accounts

    if _write_settings(Path("hotline.toml")):
        console.print("已写出 hotline.toml，请按本单位情况修改。")
    own = settings.load()
    database = Database(own.database_url)
    try:
        await schema.upgrade(database)
        console.print("数据库已就绪。")
        asterisk = Asterisk(own)
        if own.asterisk.manage:
            with shown() as progress:
                await asyncio.to_thread(asterisk.install, progress)
            await exchange.prepare(own, database, asterisk)
            console.print(f"Asterisk 配置和提示音已写入 {own.asterisk_home}。")
        accounts = make_accounts(own, database, SystemClock())
        try:
            _, password = await accounts.add(
                NewUser(ADMINISTRATOR, "管理员", frozenset({Role.ADMIN, Role.SUPERVISOR}))
            )
        except ConflictError:
            console.print(f"管理员账号 {ADMINISTRATOR} 已存在。")
        else:
            console.print(
                f"管理员账号：[bold]{ADMINISTRATOR}[/]　初始密码：[bold]{password}[/]"
                "（首次登录须修改）"
            )
    finally:
        await database.close()
    console.print("接下来：hotline asterisk start，然后 hotline serve 与 hotline work。")


def _write_settings(file: Path) -> bool:
    """Write settings to start from; those that are there are the bureau's own."""
    if file.exists():
        return False
    file.write_text(_TOML.format(home=json.dumps("var")), encoding="utf-8")
    return True


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    words: str


def doctor(
    *, as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供监控读取。")] = False
) -> None:
    """检查本机的安装是否完好；有问题时说明怎么办，并以 1 退出。

    例：hotline doctor
    """
    checks = asyncio.run(_look())
    if as_json:
        typer.echo(json.dumps([asdict(check) for check in checks], ensure_ascii=False))
    else:
        console = Console(highlight=False)
        for check in checks:
            console.print(
                f"{'[green]✓[/]' if check.ok else '[red]✗[/]'} {check.name}：{check.words}"
            )
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


async def _look() -> list[Check]:
    from hotline import settings

    own = settings.load()
    looks: tuple[tuple[str, Callable[[Settings], Awaitable[str]]], ...] = (
        ("磁盘", _disk),
        ("数据库", _database),
        ("菜单", _menu),
        ("派话策略", _policy),
        ("服务流程", _services),
        ("Asterisk", _asterisk),
        ("语音识别模型", _model),
        ("录音文件夹", _recordings),
        ("死信", _dead_letters),
    )
    checks = []
    for name, look in looks:
        try:
            checks.append(Check(name, True, await look(own)))
        except HotlineError as error:
            checks.append(Check(name, False, error.message))
        except OSError as error:
            where = f"{error.filename}：" if error.filename else ""
            checks.append(Check(name, False, f"{where}{error.strerror or error}"))
    return checks


async def _disk(own: Settings) -> str:
    own.home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(own.home).free
    if free < _LITTLE_DISK:
        raise HotlineError(f"{own.home} 所在磁盘只剩 {free / 1024**3:.1f} GB，录音将很快写不下")
    return f"剩余 {free / 1024**3:.0f} GB"


async def _database(own: Settings) -> str:
    from hotline.app.processes import opened

    async with opened(own) as database:
        await database.check()
    return database.url.render_as_string(hide_password=True)


async def _menu(own: Settings) -> str:
    import ivr

    compiled = ivr.compile_menu(own)
    return compiled.source.menu.name


async def _policy(own: Settings) -> str:
    from hotline.routing import policy

    del own
    return f"第 {policy.load().version} 版"


async def _services(own: Settings) -> str:
    from hotline.casework import services

    del own
    return f"{len(services.load().by_code)} 项服务"


async def _asterisk(own: Settings) -> str:
    from hotline.asterisk import Asterisk

    status = await Asterisk(own).status()
    if not status.running:
        raise HotlineError("没有运行：请执行 hotline asterisk start")
    return f"{status.version}，已运行 {status.uptime} 秒，通话 {status.calls} 路"


async def _model(own: Settings) -> str:
    from transcripts.recognisers import open_recogniser

    card = (await asyncio.to_thread(open_recogniser, own)).card
    return f"{card.name}（{card.description}）"


async def _recordings(own: Settings) -> str:
    own.recordings.mkdir(parents=True, exist_ok=True)
    if not os.access(own.recordings, os.W_OK | os.X_OK):
        raise HotlineError(f"{own.recordings} 不可写，录音会丢：请检查所有者和权限")
    return str(own.recordings)


async def _dead_letters(own: Settings) -> str:
    from sqlalchemy import func, select

    from hotline.app.processes import opened
    from hotline.jobs import JobState, JobTable

    async with opened(own) as database, database.read() as session:
        dead = await session.scalar(
            select(func.count()).select_from(JobTable).where(JobTable.state == JobState.DEAD)
        )
    if dead:
        raise HotlineError(f"有 {dead} 件：请执行 hotline jobs list 查看原因")
    return "无"
