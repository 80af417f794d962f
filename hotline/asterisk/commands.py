"""``hotline asterisk``: install, start, stop and look after the Asterisk beside us."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from hotline.asterisk.server import Asterisk

Prepare = Callable[["Asterisk"], Coroutine[Any, Any, list[Path]]]
"""Writes all of Asterisk's configuration and returns the files that changed. The floors above know
people, menu and dialplan, which this one doesn't."""


def commands(prepare: Prepare) -> typer.Typer:
    """Return ``hotline asterisk …``."""
    app = typer.Typer(
        help="管理本机的 Asterisk：安装、启动、停止、查看。\n\n例：hotline asterisk start",
        no_args_is_help=True,
    )
    app.command()(install)

    @app.command()
    def render() -> None:
        """由模板、设置、密钥、人员和菜单生成 Asterisk 的全部配置。

        例：hotline asterisk render
        """
        import asyncio

        asterisk = _asterisk()
        changed = asyncio.run(prepare(asterisk))
        _say(f"配置在 {asterisk.layout.etc}，改动 {len(changed)} 个文件。")
        if changed and asterisk.pid():
            _say('Asterisk 正在运行：执行 hotline asterisk console "core reload" 使新配置生效。')

    @app.command()
    def start() -> None:
        """在后台启动 Asterisk，等它启动完成。

        例：hotline asterisk start
        """
        import asyncio

        from hotline.asterisk.progress import shown

        asterisk = _asterisk()
        with shown() as progress:
            asterisk.install(progress)
        asyncio.run(_start(asterisk, prepare))

    for command in (stop, status, console, rotate):
        app.command()(command)
    return app


async def _start(asterisk: Asterisk, prepare: Prepare) -> None:
    if not asterisk.pid():
        await prepare(asterisk)
    status = await asterisk.start()
    _say(f"Asterisk {status.version} 已运行，进程 {status.pid}。")


def _asterisk() -> Asterisk:
    from hotline import settings
    from hotline.asterisk.server import Asterisk

    return Asterisk(settings.load())


def _say(text: str) -> None:
    from rich.console import Console

    Console().print(text, highlight=False)


def install() -> None:
    """取得 Asterisk：PATH 上已有 18、20 或 22 就用它，否则从 Debian 软件包解开一份，不需要 root。

    例：hotline asterisk install
    """
    from hotline.asterisk.progress import shown

    with shown() as progress:
        found = _asterisk().install(progress)
    _say(f"可用：{found}")


def stop() -> None:
    """停止 Asterisk；正在进行的通话会中断。

    例：hotline asterisk stop
    """
    import asyncio

    stopped = asyncio.run(_asterisk().stop())
    _say("Asterisk 已停止。" if stopped else "Asterisk 没有运行。")


def status(
    as_json: Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象。")] = False,
) -> None:
    """查看 Asterisk 是否在运行；没有运行时以 3 退出。

    例：hotline asterisk status --json
    """
    import asyncio
    from dataclasses import asdict

    found = asyncio.run(_asterisk().status())
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False))
    elif found.running:
        _say(
            f"Asterisk {found.version} 运行中，进程 {found.pid}，"
            f"已 {found.uptime} 秒，通话 {found.calls} 路。"
        )
    else:
        _say("Asterisk 没有运行。")
    if not found.running:
        raise typer.Exit(3)


def console(command: Annotated[str, typer.Argument(help="控制台命令，用引号括起来。")]) -> None:
    """在 Asterisk 控制台执行一条命令。

    例：hotline asterisk console "pjsip show endpoints"
    """
    typer.echo(_asterisk().console(command).rstrip("\n"))


def rotate() -> None:
    """日志超过上限时换页，并删去最旧的几页。适合放进每天的定时任务。

    例：hotline asterisk rotate
    """
    from hotline.asterisk import logs

    turned = logs.rotate(_asterisk())
    _say(f"换页 {len(turned)} 个日志文件。")
