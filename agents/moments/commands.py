"""``hotline queue at``: what the queue looked like at a moment."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

import typer

app = typer.Typer(help="排队：查看某一时刻的排队情况。", no_args_is_help=True)


@app.callback()
def queue() -> None:
    """排队。"""


@app.command("at")
def at(
    moment: Annotated[
        str, typer.Argument(metavar="时刻", help="如 14:05:20（今天）或 “2026-11-24 14:05:20”。")
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")] = False,
) -> None:
    """某一时刻谁在等候、正在呼叫谁、每个坐席在做什么。

    例：hotline queue at 14:05:20
    """
    from agents.moments.pages import parse
    from hotline.clock import SystemClock

    asked = parse(moment, SystemClock().now())
    if asked is None:
        raise typer.BadParameter("请写成 14:05:20 或 2026-11-24 14:05:20", param_hint="时刻")
    told = asyncio.run(_read(asked))
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    typer.echo(f"{told['at']}　等候与振铃 {len(told['waiting'])} 通")
    for call in told["waiting"]:
        rung = f"　正在呼叫 {call['offered_to']}：{call['words']}" if call["offered_to"] else ""
        typer.echo(f"  {call['call']}　{call['topic']}　已等 {call['waited_seconds']:.0f} 秒{rung}")
    for person in told["people"]:
        reason = f"（{person['reason']}）" if person["reason"] else ""
        typer.echo(f"  {person['agent']}　{person['state']}{reason}　自 {person['since']}")


async def _read(asked: Any) -> dict[str, Any]:
    from agents.moments import reading
    from agents.pages import words
    from hotline.clock import CHINA
    from hotline.routing.people import Presence
    from hotline.store import own

    async with own.opened() as database, database.read() as session:
        found = await reading.moment(session, asked)
    waiting = []
    for call in found.waiting:
        offer = found.offers.get(call.id)
        waiting.append(
            {
                "call": call.id,
                "topic": words.topic(call.topic),
                "waited_seconds": (found.at - call.since).total_seconds(),
                "offered_to": offer.agent_id if offer is not None else "",
                "words": offer.words if offer is not None else "",
                "plain_queue": call.id in found.in_plain_queue,
            }
        )
    people = [
        {
            "agent": state.agent_id,
            "state": words.PRESENCE[Presence(state.state)][0],
            "reason": state.reason,
            "since": state.at.astimezone(CHINA).isoformat(timespec="seconds"),
            "reachable": state.reachable,
        }
        for state in found.people.values()
    ]
    return {"at": found.at.astimezone(CHINA).isoformat(), "waiting": waiting, "people": people}
