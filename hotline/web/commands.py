"""``hotline user …``: accounts from the command line, for the first one and for emergencies."""

from __future__ import annotations

import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from hotline.web.accounts import Accounts
    from hotline.web.sessions import Sessions

T = TypeVar("T")

app = typer.Typer(help="管理登录账号。", no_args_is_help=True)

_PASSWORD_HELP = "从标准输入读取密码；不加时自动生成，首次登录须修改。"  # noqa: S105 - a help text


def _run(work: Coroutine[Any, Any, T]) -> T:
    import asyncio

    return asyncio.run(work)


class _Opened:
    """The accounts of this installation's database, for one command."""

    async def __aenter__(self) -> tuple[Accounts, Sessions]:
        from hotline.clock import SystemClock
        from hotline.settings import load
        from hotline.store import Database
        from hotline.web.server import make_accounts
        from hotline.web.sessions import Sessions

        settings = load()
        self._database = Database(settings.database_url)
        clock = SystemClock()
        return make_accounts(settings, self._database, clock), Sessions(self._database, clock)

    async def __aexit__(self, *_: object) -> None:
        await self._database.close()


def _password(from_stdin: bool) -> str | None:
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else None


@app.command("add")
def add(
    account: Annotated[str, typer.Argument(help="账号：小写字母开头的字母、数字")],
    *,
    name: Annotated[str, typer.Option("--name", help="姓名")],
    role: Annotated[
        list[str],
        typer.Option(
            "--role", help="角色，可多次：lawyer station reviewer supervisor bureau admin"
        ),
    ],
    organisation: Annotated[
        str, typer.Option("--organisation", help="所属机构代码；不填为全局")
    ] = "",
    agent: Annotated[str, typer.Option("--agent", help="坐席标识（接听电话的人）")] = "",
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help=_PASSWORD_HELP)] = False,
) -> None:
    """新建账号，显示一次初始密码。

    例：hotline user add wangli --name 王丽 --role lawyer --agent wang
    """
    from hotline.web.accounts import NewUser, parse_roles

    new = NewUser(account, name, parse_roles(role), organisation or None, agent or None)

    async def work() -> str:
        async with _Opened() as (accounts, _):
            _, password = await accounts.add(new, _password(password_stdin))
            return password

    password = _run(work())
    typer.echo(f"已新建账号 {account}（{name}）")
    if not password_stdin:
        typer.echo(f"初始密码：{password}\n首次登录须修改；此密码不再显示。")


@app.command("password")
def password(
    account: Annotated[str, typer.Argument(help="账号")],
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help=_PASSWORD_HELP)] = False,
) -> None:
    """重置密码并解锁，退出该账号的全部登录。

    例：hotline user password wangli
    """

    async def work() -> str:
        async with _Opened() as (accounts, sessions):
            chosen = await accounts.reset_password(account, _password(password_stdin))
            await sessions.revoke((await accounts.get(account)).id)
            return chosen

    chosen = _run(work())
    typer.echo("密码已修改" if password_stdin else f"新密码：{chosen}\n下次登录须修改。")


@app.command("list")
def list_users(
    as_json: Annotated[bool, typer.Option("--json", help="每行一个 JSON 对象")] = False,
) -> None:
    """列出全部账号。

    例：hotline user list
    """
    import json

    from rich.console import Console
    from rich.table import Table

    from hotline.web.permissions import Role

    async def work() -> list[dict[str, Any]]:
        async with _Opened() as (accounts, _):
            return [
                {
                    "account": user.account,
                    "name": user.name,
                    "roles": user.roles,
                    "organisation": user.organisation,
                    "agent": user.agent_id,
                    "totp": user.totp_secret is not None,
                    "disabled": user.disabled_at is not None,
                }
                for user in await accounts.everyone()
            ]

    rows = _run(work())
    if as_json:
        for row in rows:
            typer.echo(json.dumps(row, ensure_ascii=False))
        return
    table = Table("账号", "姓名", "角色", "机构", "坐席", "动态口令", "状态")
    for row in rows:
        table.add_row(
            row["account"],
            row["name"],
            "、".join(Role(role).words for role in row["roles"]),
            row["organisation"] or "全局",
            row["agent"] or "",
            "开" if row["totp"] else "关",
            "停用" if row["disabled"] else "正常",
        )
    Console().print(table)


@app.command("disable")
def disable(account: Annotated[str, typer.Argument(help="账号")]) -> None:
    """停用账号并退出其全部登录。

    例：hotline user disable wangli
    """

    async def work() -> None:
        async with _Opened() as (accounts, sessions):
            await accounts.set_disabled(account, disabled=True)
            await sessions.revoke((await accounts.get(account)).id)

    _run(work())
    typer.echo(f"账号 {account} 已停用")


@app.command("enable")
def enable(account: Annotated[str, typer.Argument(help="账号")]) -> None:
    """重新启用账号。

    例：hotline user enable wangli
    """

    async def work() -> None:
        async with _Opened() as (accounts, _):
            await accounts.set_disabled(account, disabled=False)

    _run(work())
    typer.echo(f"账号 {account} 已启用")


@app.command("totp-off")
def totp_off(account: Annotated[str, typer.Argument(help="账号")]) -> None:
    """关闭动态口令（例如手机丢失）。

    例：hotline user totp-off wangli
    """

    async def work() -> None:
        async with _Opened() as (accounts, _):
            await accounts.turn_off_totp((await accounts.get(account)).id)

    _run(work())
    typer.echo(f"账号 {account} 的动态口令已关闭")


@app.command("release")
def release(
    address: Annotated[str, typer.Argument(help="被拦下的电脑地址，见审计记录")],
) -> None:
    """放行因登录失败次数过多而被拦下的地址。

    例：hotline user release 10.1.2.3
    """

    async def work() -> bool:
        from hotline.clock import SystemClock
        from hotline.settings import load
        from hotline.store import Database
        from hotline.web.throttle import Throttle

        database = Database(load().database_url)
        try:
            return await Throttle(database, SystemClock()).release(address)
        finally:
            await database.close()

    known = _run(work())
    typer.echo(f"{address} 已放行" if known else f"{address} 没有被拦下")
