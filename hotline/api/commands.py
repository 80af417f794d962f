"""``hotline api …``: keys, webhooks, the audit, the description."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")

app = typer.Typer(help="开放接口：密钥、推送、调用记录。", no_args_is_help=True)
key = typer.Typer(help="接口密钥：签发、列出、吊销。", no_args_is_help=True)
webhook = typer.Typer(help="推送：办件有进展时通知别的系统。", no_args_is_help=True)
app.add_typer(key, name="key")
app.add_typer(webhook, name="webhook")

Json = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")]


def _signing_secret(owner: str) -> str:
    from hotline import settings
    from hotline.api.signing import Signer

    return Signer.of(settings.load().home).secret_of(owner)


@key.command("add")
def add_key(
    name: Annotated[str, typer.Argument(help="谁使用这把密钥，如：县政务服务网。")],
    *,
    scope: Annotated[
        list[str],
        typer.Option("--scope", help="权限：cases.submit、statistics.read、exchange，可多次。"),
    ],
    per_minute: Annotated[int, typer.Option(help="每分钟最多调用多少次。", min=1)] = 120,
    exchange_url: Annotated[str, typer.Option(help="工单交换：对方接收工单的网址。")] = "",
    organisation: Annotated[
        str, typer.Option(help="工单交换：派给这个单位代码的工单转给对方。")
    ] = "",
    as_json: Json = False,
) -> None:
    """签发一把密钥。密钥只显示这一次，请当面交给使用单位。

    例：hotline api key add 县政务服务网 --scope cases.submit
    """
    from hotline.api import keys
    from hotline.api.webhooks import checked_url
    from hotline.store import own

    if exchange_url:
        checked_url(exchange_url)
    whole = own.write(
        lambda session, now: keys.add(
            session,
            name,
            scope,
            now,
            per_minute=per_minute,
            exchange_url=exchange_url,
            organisation=organisation or None,
        )
    )
    key_id = whole.split("_")[1]
    signing = _signing_secret(f"key:{key_id}") if keys.Scope.EXCHANGE in scope else ""
    if as_json:
        typer.echo(json.dumps({"id": key_id, "key": whole, "signing_secret": signing}))
        return
    typer.echo(f"密钥：{whole}")
    if signing:
        typer.echo(f"签名密钥：{signing}")
    typer.echo("请立即交给使用单位妥善保存：密钥不会再显示。")


@key.command("list")
def list_keys(*, as_json: Json = False) -> None:
    """列出所有密钥（不显示密钥本身）。

    例：hotline api key list
    """
    from hotline.api import keys
    from hotline.clock import CHINA
    from hotline.store import own

    for row in own.read(keys.every):
        state = "已吊销" if row.revoked_at else "有效"
        if as_json:
            typer.echo(
                json.dumps(
                    {
                        "id": row.id,
                        "name": row.name,
                        "scopes": row.scopes,
                        "per_minute": row.per_minute,
                        "revoked": row.revoked_at is not None,
                    },
                    ensure_ascii=False,
                )
            )
            continue
        day = f"{row.created_at.astimezone(CHINA):%Y-%m-%d}"
        typer.echo(f"{row.id}  {state}  {day}  {'、'.join(row.scopes)}  {row.name}")


@key.command("revoke")
def revoke_key(key_id: Annotated[str, typer.Argument(help="密钥编号，见 key list。")]) -> None:
    """吊销一把密钥，立即生效。

    例：hotline api key revoke k7f3q9x2
    """
    from hotline.api import keys
    from hotline.store import own

    row = own.write(lambda session, now: keys.revoke(session, key_id, now))
    typer.echo(f"已吊销 {row.id}（{row.name}）。")


@webhook.command("add")
def add_webhook(
    url: Annotated[str, typer.Argument(help="接收推送的网址。")],
    *,
    topic: Annotated[
        list[str], typer.Option("--topic", help="主题：case.opened、case.moved、case.signal。")
    ] = ["case."],  # noqa: B006 - typer reads it once
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")] = False,
) -> None:
    """添加推送地址。推送不含姓名、电话和案情，只有编号和状态。

    例：hotline api webhook add https://portal.example/hook --topic case.moved
    """
    from hotline.api import webhooks
    from hotline.store import own

    webhook_id = own.write(lambda session, now: webhooks.add(session, url, topic, now))
    secret = _signing_secret(f"webhook:{webhook_id}")
    if as_json:
        typer.echo(json.dumps({"id": webhook_id, "signing_secret": secret}))
    else:
        typer.echo(f"推送 {webhook_id} 已添加。签名密钥：{secret}")


@webhook.command("list")
def list_webhooks() -> None:
    """列出推送地址和最近的投递情况。

    例：hotline api webhook list
    """
    from sqlalchemy import func, select

    from hotline.api.tables import WebhookDeliveryTable, WebhookTable
    from hotline.store import own

    async def look(session: AsyncSession) -> list[tuple[WebhookTable, int, int]]:
        rows = (await session.scalars(select(WebhookTable))).all()
        found = []
        for row in rows:
            mine = WebhookDeliveryTable.webhook_id == row.id
            every = select(func.count()).select_from(WebhookDeliveryTable).where(mine)
            open_ = every.where(WebhookDeliveryTable.delivered_at.is_(None))
            counted = await session.scalar(every), await session.scalar(open_)
            found.append((row, counted[0] or 0, counted[1] or 0))
        return found

    for row, every, waiting in own.read(look):
        state = "已停止" if row.stopped_at else "有效"
        sent = f"共 {every} 条，未送达 {waiting}"
        typer.echo(f"{row.id}  {state}  {'、'.join(row.topics)}  {row.url}  {sent}")


@webhook.command("stop")
def stop_webhook(webhook_id: Annotated[str, typer.Argument(help="推送编号。")]) -> None:
    """停止推送。

    例：hotline api webhook stop 1f2e3d4c
    """
    from hotline.api import webhooks
    from hotline.store import own

    own.write(lambda session, now: webhooks.stop(session, webhook_id, now))
    typer.echo(f"推送 {webhook_id} 已停止。")


@app.command("audit")
def audit(
    *,
    limit: Annotated[int, typer.Option(help="最多列出多少条。", min=1, max=1000)] = 50,
    as_json: Json = False,
) -> None:
    """列出最近的接口调用记录。

    例：hotline api audit --limit 100
    """
    from sqlalchemy import select

    from hotline.api.tables import ApiAuditTable
    from hotline.clock import CHINA
    from hotline.store import own

    async def look(session: AsyncSession) -> list[ApiAuditTable]:
        query = select(ApiAuditTable).order_by(ApiAuditTable.id.desc()).limit(limit)
        return list(await session.scalars(query))

    for row in own.read(look):
        at = row.at.astimezone(CHINA)
        if as_json:
            typer.echo(
                json.dumps(
                    {
                        "at": at.isoformat(),
                        "key": row.key_id,
                        "address": row.address,
                        "operation": row.operation,
                        "subject": row.subject,
                        "status": row.status,
                        "error_id": row.error_id,
                    },
                    ensure_ascii=False,
                )
            )
            continue
        typer.echo(
            f"{at:%Y-%m-%d %H:%M:%S}  {row.key_id or '—'}  {row.address}  {row.operation}  "
            f"{row.subject}  {row.status}  {row.error_id or ''}".rstrip()
        )


@app.command("openapi")
def openapi() -> None:
    """输出接口说明（OpenAPI 3.1，JSON）。

    例：hotline api openapi > openapi.json
    """
    from hotline import settings
    from hotline.api.description import describe
    from hotline.api.routes import OPERATIONS

    typer.echo(
        json.dumps(describe(OPERATIONS, settings.load().bureau), ensure_ascii=False, indent=1)
    )
