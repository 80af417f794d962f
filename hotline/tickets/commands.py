"""``hotline tickets …``: look at tickets from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")

app = typer.Typer(help="工单：查询、查看经过。", no_args_is_help=True)


@app.command("list")
def list_tickets(
    *,
    state: Annotated[list[str], typer.Option("--state", help="状态代码，可多次。")] = [],  # noqa: B006
    topic: Annotated[list[str], typer.Option("--topic", help="类别代码，可多次。")] = [],  # noqa: B006
    text: Annotated[
        str, typer.Option("--text", help="工单号、来电号码或姓名的开头，或尾号。")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", help="最多列出多少张。", min=1, max=500)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="每行一个 JSON 对象。")] = False,
) -> None:
    """列出最新的工单。

    例：hotline tickets list --state dispatched --topic wages
    """
    import json

    from rich.console import Console
    from rich.table import Table

    from hotline.casework import CaseFilter, card, find
    from hotline.clock import CHINA, SystemClock
    from hotline.store import own

    now = SystemClock().now()
    wanted = CaseFilter(states=tuple(state), topics=tuple(topic), text=text)
    page = own.read(lambda session: find(session, wanted, now=now, limit=limit))
    if as_json:
        for case in page.cases:
            typer.echo(
                json.dumps(
                    {
                        "number": case.number,
                        "state": case.state,
                        "topic": case.topic,
                        "place": case.place,
                        "assignee": case.assignee_id,
                        "opened_at": case.opened_at.isoformat(),
                        "due_at": case.due_at.isoformat() if case.due_at else None,
                        "card": card(case, now),
                        "satisfaction": case.satisfaction,
                        "score": case.score,
                    },
                    ensure_ascii=False,
                )
            )
        return
    table = Table("工单号", "状态", "类别", "地区", "承办人", "受理时间", "期限", "牌")
    for case in page.cases:
        due = f"{case.due_at.astimezone(CHINA):%m-%d %H:%M}" if case.due_at else ""
        table.add_row(
            case.number,
            case.state,
            case.topic or "",
            case.place or "",
            case.assignee_id or "",
            f"{case.opened_at.astimezone(CHINA):%Y-%m-%d %H:%M}",
            due,
            card(case, now) or "",
        )
    Console().print(table)


@app.command("show")
def show(
    number: Annotated[str, typer.Argument(help="工单号。")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")] = False,
) -> None:
    """显示一张工单的经过。

    例：hotline tickets show 2611241000018
    """
    import json

    from hotline.casework import by_number, events
    from hotline.clock import CHINA
    from hotline.store import own

    async def look(session: AsyncSession) -> tuple[Any, Any]:
        case = await by_number(session, number)
        return case, await events(session, case.id)

    case, happened = own.read(look)
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "number": case.number,
                    "state": case.state,
                    "call_id": case.call_id,
                    "data": case.data,
                    "events": [
                        {
                            "at": e.at.isoformat(),
                            "actor": e.actor,
                            "action": e.action,
                            "to": e.to_state,
                            "note": e.note,
                        }
                        for e in happened
                    ],
                },
                ensure_ascii=False,
            )
        )
        return
    typer.echo(f"工单 {case.number}：{case.state}")
    for e in happened:
        when = f"{e.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
        typer.echo(f"  {when}  {e.actor}  {e.action} → {e.to_state}  {e.note or ''}".rstrip())


@app.command("generate", hidden=True)
def generate_tickets(
    *,
    tickets: Annotated[int, typer.Option("--tickets", help="多少张工单。", min=1)] = 1_000_000,
    cases: Annotated[int, typer.Option("--cases", help="多少个法律援助办件。", min=0)] = 100_000,
) -> None:
    """测试用：往空库里填编造的工单和办件。

    例：HOTLINE_DATABASE=sqlite+aiosqlite:///bench.db hotline tickets generate --tickets 100000
    """
    from hotline.casework import services
    from hotline.clock import SystemClock
    from hotline.store import Database, own, schema
    from hotline.tickets.generated import Size, generate

    async def fill(database: Database) -> int:
        await schema.upgrade(database)
        return await generate(database, services.load(), Size(tickets, cases), SystemClock().now())

    typer.echo(f"已生成 {own.use(fill):,} 条。")


@app.command("measure")
def measure_lists(
    *,
    rounds: Annotated[int, typer.Option("--rounds", help="每种列表测多少次。", min=2)] = 40,
) -> None:
    """测量各种列表和工单页在本库上的快慢（毫秒），输出 JSON。

    例：hotline tickets measure --rounds 100
    """
    import json

    from hotline.clock import SystemClock
    from hotline.store import own
    from hotline.tickets.measuring import measure

    found = own.use(lambda database: measure(database, SystemClock(), rounds))
    typer.echo(json.dumps(found, ensure_ascii=False))
