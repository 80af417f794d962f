"""``hotline demo``: watch real calls go through the house."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

if TYPE_CHECKING:
    from hotline.demo.verdict import Verdict

_MARKS = {True: "[green]✓[/]", False: "[red]✗[/]"}


def demo(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="十二通来电走完即结束；每通都如剧本才以 0 退出。")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="每通来电输出一行 JSON。")] = False,
    home: Annotated[Path, typer.Option(help="演示用的文件夹（数据库、录音、日志）。")] = Path(
        "var/demo"
    ),
) -> None:
    """启动整套系统，用真实的 SIP 来电演示十二段对话，直到按 Ctrl-C。

    例：hotline demo　　只走一遍：hotline demo --once --json
    """
    console = Console(stderr=as_json, highlight=False)
    ok = asyncio.run(_stoppable(_demo(console, home, once=once, as_json=as_json)))
    if not ok:
        raise typer.Exit(1)


async def _demo(console: Console, home: Path, *, once: bool, as_json: bool) -> bool:
    from hotline.app.running import configure_logging
    from hotline.asterisk.progress import shown
    from hotline.demo.show import opened

    configure_logging(home / "logs" / "demo.log")
    verdicts: list[Verdict] = []

    def told(verdict: Verdict) -> None:
        verdicts.append(verdict)
        if as_json:
            typer.echo(json.dumps(verdict.as_json(), ensure_ascii=False))
        console.print(_line(verdict), soft_wrap=True)

    with shown() as progress:
        opening = opened(home, lambda step: console.print(f"[dim]{step}……[/]"), progress)
        show = await opening.__aenter__()
    try:
        sign_in = await show.sign_in()
        console.print(
            f"\n网页：[bold]{sign_in.address}[/]　账号：[bold]{sign_in.account}[/]　"
            f"密码：[bold]{sign_in.password}[/]\n"
            f"{'十二通来电开始' if once else '来电不断，按 Ctrl-C 结束'}：\n"
        )
        if once:
            await show.round(told)
        else:
            await show.go_on(told)
    finally:
        console.print("[dim]正在停止……[/]")
        await opening.__aexit__(None, None, None)
    return bool(verdicts) and all(verdict.ok for verdict in verdicts)


async def _stoppable(work: Coroutine[Any, Any, bool]) -> bool:
    """Run ``work``; Ctrl-C cancels it softly, so that all it started is stopped."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        return await task
    return True


def _line(verdict: Verdict) -> str:
    cer = "" if verdict.transcript_cer is None else f"　字错率 {verdict.transcript_cer:.1%}"
    found = "、".join(verdict.findings) or "无"
    problems = "".join(f"\n    [red]{problem}[/]" for problem in verdict.problems)
    return (
        f"{_MARKS[verdict.ok]} {verdict.scenario}　工单 {verdict.ticket or '—'}　"
        f"{verdict.route or '—'}　{verdict.person or '—'}{cer}　问题：{found}　"
        f"满意度：{verdict.satisfaction or '未评'}{problems}"
    )
