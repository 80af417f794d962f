"""``hotline people``: enter who answers, and list them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from hotline.routing.interfaces import Roster

app = typer.Typer(
    help="人员名册：录入律师、服务站、邻近区县，查看谁能接什么。\n\n例：hotline people list",
    no_args_is_help=True,
)


@app.command("load")
def load(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="名册（YAML）。", exists=True, dir_okay=False)
    ],
) -> None:
    """按名册新增和修改人员、单位；名册里没有写的人保持原样。正在进行的通话不受影响。

    名册的写法见 docs/people.md。在册的人十几秒内生效；新话机要 hotline asterisk render 后才能注册。

    例：hotline people load 人员.yaml
    """
    import asyncio

    kept = asyncio.run(_load(file))
    for words, names in (("新增", kept.added), ("修改", kept.changed)):
        if names:
            typer.echo(f"{words} {len(names)} 人：{'、'.join(names)}")
    if not (kept.added or kept.changed):
        typer.echo("与现有名册相同，没有改动。")
    if kept.others:
        typer.echo(f"名册里没有写、保持原样的：{'、'.join(kept.others)}")


async def _load(file: Path) -> Any:
    from sqlalchemy import select

    from agents.directory import file as files
    from agents.directory.keeping import keep
    from agents.tables import OrganisationTable
    from hotline import settings
    from hotline.clock import SystemClock
    from hotline.routing.service import topic_names
    from hotline.routing.waiting.recall import Outside
    from hotline.store import own

    async with own.opened() as database, database.write() as session:
        places = set(await session.scalars(select(OrganisationTable.code)))
        found = files.load(file, topic_names(), places)
        trunk = Outside(settings.load().asterisk.outbound).trunk
        return await keep(session, found, trunk, SystemClock().now())


@app.command("list")
def list_(
    *, as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")] = False
) -> None:
    """列出能接电话的人：专题和等级、语言、所属、话机、同时能接几个。

    例：hotline people list
    """
    import asyncio
    import json

    from rich.console import Console
    from rich.table import Table

    from hotline.routing.service import topic_names

    topics, roster = topic_names(), asyncio.run(_roster())
    if as_json:
        typer.echo(json.dumps([_values(a) for a in roster.agents], ensure_ascii=False))
        return
    kinds = {"lawyer": "律师", "station": "服务站", "district": "邻近区县"}
    heads = ("工号", "姓名", "类别", "专题（等级）", "语言", "所属", "话机", "同时接")
    table = Table(*heads)
    for agent in sorted(roster.agents, key=lambda a: (a.kind, a.staff_no)):
        skills = "、".join(f"{topics.get(t, t)} {n}" for t, n in agent.skills.items())
        phone = agent.mobile if agent.kind == "district" else agent.endpoint
        place = agent.district_name or agent.place
        languages = "、".join(sorted(agent.languages))
        who = (agent.staff_no, agent.name, kinds[agent.kind])
        table.add_row(*who, skills, languages, place, phone, str(agent.capacity))
    Console().print(table)


def _values(agent: Any) -> dict[str, Any]:
    return {
        "id": agent.id,
        "staff_no": agent.staff_no,
        "name": agent.name,
        "kind": agent.kind.value,
        "skills": dict(agent.skills),
        "languages": sorted(agent.languages),
        "place": agent.place,
        "district": agent.district,
        "endpoint": agent.endpoint,
        "capacity": agent.capacity,
    }


async def _roster() -> Roster:
    from agents.people import DatabasePeople
    from hotline import settings
    from hotline.store import own

    home = settings.load().bureau.district_code
    async with own.opened() as database:
        return await DatabasePeople(database, home=home).load()
