"""``hotline messages …``: check the words, look at what was sent."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(help="短信：核对内容、查看发送情况。", no_args_is_help=True)


@app.command("check")
def check() -> None:
    """核对短信内容（config/messages/messages.yaml）；有误时指出行号，并以 1 退出。

    例：hotline messages check
    """
    from hotline import settings
    from hotline.messages import wording
    from hotline.messages.provider import open_mail_provider, open_provider

    words, own = wording.load(), settings.load()
    open_provider(words.provider, own)
    open_mail_provider(words.mail_provider, own)
    typer.echo(f"短信内容无误，通道：短信 {words.provider}，邮件 {words.mail_provider}")


@app.command("list")
def list_messages(
    *,
    limit: Annotated[int, typer.Option("--limit", help="最多列出多少条。", min=1, max=500)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="每行一个 JSON 对象。")] = False,
) -> None:
    """列出最近的短信和发送结果（号码只显示一部分）。

    例：hotline messages list --limit 50
    """
    import asyncio
    import json

    found = asyncio.run(_newest(limit))
    for one in found:
        if as_json:
            typer.echo(json.dumps(one, ensure_ascii=False))
        else:
            typer.echo(
                f"{one['at']}  {one['number']}  {one['state']}  {one['words']}"
                + (f"（{one['why']}）" if one["why"] else "")
            )


async def _newest(limit: int) -> list[dict[str, str]]:
    from sqlalchemy import select

    from hotline import settings
    from hotline.clock import CHINA
    from hotline.messages.tables import MessageState, TextMessageTable
    from hotline.store import Database

    names = {
        MessageState.WAITING: "待发",
        MessageState.SENT: "已发",
        MessageState.KEPT: "未发",
        MessageState.FAILED: "失败",
    }
    database = Database(settings.load().database_url)
    try:
        async with database.read() as session:
            query = select(TextMessageTable).order_by(TextMessageTable.id.desc()).limit(limit)
            rows = (await session.scalars(query)).all()
    finally:
        await database.close()
    return [
        {
            "at": f"{row.created_at.astimezone(CHINA):%Y-%m-%d %H:%M}",
            "number": f"{row.recipient[:3]}****{row.recipient[-4:]}" if row.recipient else "—",
            "state": names[MessageState(row.state)],
            "words": row.words,
            "why": row.why or "",
        }
        for row in rows
    ]
