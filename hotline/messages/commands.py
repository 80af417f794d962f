"""``hotline messages …``: check the words, look at what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hotline.messages.wording import Wording
    from hotline.settings import Settings

app = typer.Typer(help="短信和邮件：核对内容、试发、查看发送情况。", no_args_is_help=True)


@app.command("check")
def check() -> None:
    """核对 config/messages 里的短信内容、网关写法和通道设置；有误时指出行号，并以 1 退出。

    例：hotline messages check
    """
    from hotline import settings
    from hotline.messages import gateway, wording
    from hotline.messages.carriers import open_mail_provider, open_provider

    words, own = wording.load(), settings.load()
    gateway.load()
    open_provider(words.provider, own)
    open_mail_provider(words.mail_provider, own)
    typer.echo(f"短信内容无误，通道：短信 {words.provider}，邮件 {words.mail_provider}")


@app.command("test")
def test(
    *,
    to: Annotated[str, typer.Option("--to", help="手机号，或者邮箱。")],
) -> None:
    """向自己的手机或邮箱试发一条，看通道通不通；没有发出的说明原因，并以 1 退出。

    例：hotline messages test --to 13900000001
        hotline messages test --to me@example.gov.cn
    """
    import asyncio

    from hotline import settings
    from hotline.messages import wording

    words, own = wording.load(), settings.load()
    name = words.mail_provider if "@" in to else words.provider
    receipt = asyncio.run(_try_out(words, own, to))
    if name == "file":
        typer.echo(f"通道是 file：已写进 {own.home / 'messages'}，由单位的网关取走，本机不直接发送")
        return
    typer.echo(f"通道 {name} 已收下" + (f"，编号 {receipt}" if receipt else ""))


async def _try_out(words: Wording, own: Settings, to: str) -> str:
    """Send one message that says that it is a test; return its receipt."""
    import secrets

    from hotline.errors import InvalidInputError
    from hotline.messages.carriers import open_mail_provider, open_provider
    from hotline.messages.jobs import MOBILE
    from hotline.messages.provider import OutgoingMail, OutgoingText
    from hotline.messages.wording import fill

    number = f"test-{secrets.token_hex(6)}"
    text = f"{own.bureau.hotline_number} 系统试发，收到即表示通道正常，不必回复。"
    if "@" in to:
        letter = OutgoingMail(number, to, f"{own.bureau.name}：试发", text)
        return await open_mail_provider(words.mail_provider, own).send(letter)
    if not MOBILE.fullmatch(to):
        raise InvalidInputError(f"“{to}”不是手机号，也不是邮箱")
    signed = fill(words.signature, {"bureau": own.bureau.name}) + text
    return await open_provider(words.provider, own).send(OutgoingText(number, to, signed))


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

    from hotline.clock import CHINA
    from hotline.messages.tables import MessageState, TextMessageTable
    from hotline.store import own

    names = {
        MessageState.WAITING: "待发",
        MessageState.SENT: "已发",
        MessageState.KEPT: "未发",
        MessageState.FAILED: "失败",
    }
    query = select(TextMessageTable).order_by(TextMessageTable.id.desc()).limit(limit)
    async with own.opened() as database, database.read() as session:
        rows = (await session.scalars(query)).all()
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
