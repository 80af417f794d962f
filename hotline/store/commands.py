"""``hotline db …``: bring the database up to date, look at it, check it."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="数据库：升级、查看版本、核对结构。", no_args_is_help=True)


@app.command("upgrade")
def upgrade() -> None:
    """把数据库升级到与程序一致（首次运行即建库）。可以重复执行。

    例：hotline db upgrade
    """
    from hotline.store import own, schema

    before, after = own.use(schema.upgrade)
    if before == after:
        typer.echo(f"数据库已是最新（{after}）。")
    else:
        typer.echo(f"数据库已升级：{before or '空库'} → {after}。")


@app.command("current")
def current(
    *, as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")] = False
) -> None:
    """显示数据库的版本和程序需要的版本。

    例：hotline db current --json
    """
    import json

    from hotline.store import own, schema

    found, wanted = own.use(schema.current), schema.head()
    if as_json:
        typer.echo(json.dumps({"current": found, "head": wanted, "up_to_date": found == wanted}))
    else:
        advice = "" if found == wanted else "，请运行 hotline db upgrade"
        typer.echo(f"数据库：{found or '空库'}；程序：{wanted}{advice}")


@app.command("check")
def check() -> None:
    """核对数据库能否连接、结构与程序是否一致；不一致时以 1 退出。

    例：hotline db check
    """
    from hotline.store import own, schema

    differences = own.use(schema.differences)
    for difference in differences:
        typer.echo(difference)
    if differences:
        typer.echo("数据库的结构与程序不一致，请运行 hotline db upgrade。", err=True)
        raise typer.Exit(1)
    typer.echo("数据库的结构与程序一致。")


@app.command("revision")
def revision(
    message: Annotated[
        str, typer.Option("--message", "-m", help="这次改动的说明（英文）。")
    ] = "Follow the tables",
) -> None:
    """开发用：把尚未发布的改动写成一个新的迁移文件，代替此前的草稿。

    例：hotline db revision -m "Add a column for the seat"
    """
    from hotline.store import schema

    typer.echo(schema.write_revision(message))
