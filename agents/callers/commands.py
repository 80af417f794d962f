"""``hotline callers …``: call-backs, follow-up calls and blocked numbers from the command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from datetime import datetime


T = TypeVar("T")

app = typer.Typer(help="来电人：回电、回访、拦截。", no_args_is_help=True)


@app.command("block")
def block(
    number: Annotated[str, typer.Argument(help="号码。")],
    *,
    reason: Annotated[str, typer.Option("--reason", help="原因，复核的人要看。")],
    days: Annotated[int, typer.Option("--days", help="1、7、30 或 90 天。")] = 7,
    by: Annotated[str, typer.Option("--by", help="谁拦截的（姓名）。")] = "命令行",
) -> None:
    """拦截一个号码；三天内须有另一个人在网页上复核，否则自动解除。

    例：hotline callers block 13700930551 --reason 连续辱骂值班律师 --days 30 --by 林秀英
    """
    from agents.callers import blocking
    from hotline.store import own

    row = own.write(
        lambda session, now: blocking.block(session, number, reason, days, by=by, now=now)
    )
    typer.echo(f"已拦截 {row.number}，复核前到 {_moment(row.until)}")


@app.command("unblock")
def unblock(number: Annotated[str, typer.Argument(help="号码。")]) -> None:
    """解除拦截，立即生效。

    例：hotline callers unblock 13700930551
    """
    from agents.callers import blocking
    from hotline.store import own

    row = own.write(lambda session, now: blocking.lift(session, number, now=now))
    typer.echo(f"已解除 {row.number}")


@app.command("blocked")
def blocked(
    *, as_json: Annotated[bool, typer.Option("--json", help="每行一个 JSON 对象。")] = False
) -> None:
    """列出拦截名单。

    例：hotline callers blocked
    """
    from agents.callers import blocking
    from hotline.store import own

    found = own.write(blocking.blocks)
    for one in found:
        row = one.row
        state = "待复核" if one.waits_for_review else "生效" if one.active else "已结束"
        if as_json:
            values = {
                "number": row.number,
                "reason": row.reason,
                "by": row.by,
                "until": row.until.isoformat(),
                "reviewed_by": row.reviewed_by,
                "refused": one.refused,
                "active": one.active,
            }
            typer.echo(json.dumps(values, ensure_ascii=False))
        else:
            typer.echo(f"{row.number}  {state}  到 {_moment(row.until)}  {row.by}：{row.reason}")
    if not found and not as_json:
        typer.echo("没有被拦截的号码。")


@app.command("callbacks")
def callbacks(
    *, as_json: Annotated[bool, typer.Option("--json", help="每行一个 JSON 对象。")] = False
) -> None:
    """列出等待回电的人，按排队的先后。

    例：hotline callers callbacks
    """
    from hotline.routing.waiting import book
    from hotline.store import own

    found = own.read(book.open_entries)
    for entry in sorted(found, key=lambda e: e.since):
        if as_json:
            values = {
                "id": entry.id,
                "number": entry.number,
                "asked": entry.asked.value,
                "since": entry.since.isoformat(),
                "due_at": entry.due_at.isoformat(),
                "tries": entry.tries,
                "dialling": entry.dialling,
            }
            typer.echo(json.dumps(values, ensure_ascii=False))
        else:
            state = "正在拨打" if entry.dialling else f"{_moment(entry.due_at)} 起"
            typer.echo(f"{entry.number}  {state}  {entry.words()}")
    if not found and not as_json:
        typer.echo("没有人在等回电。")


def _moment(at: datetime) -> str:
    from hotline.clock import CHINA

    return f"{at.astimezone(CHINA):%m-%d %H:%M}"
