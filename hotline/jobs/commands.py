"""``hotline jobs …``: how the work stands, and dead letters given another life."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from hotline.jobs.queue import Queue

T = TypeVar("T")

app = typer.Typer(help="后台任务：查看状况、处理死信。", no_args_is_help=True)


def _with_queue(work: Callable[[Queue], Awaitable[T]]) -> T:
    from hotline.clock import SystemClock
    from hotline.jobs.queue import Queue
    from hotline.store import own

    return own.use(lambda database: work(Queue(database, SystemClock())))


@app.command("list")
def list_jobs(
    *, as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取。")] = False
) -> None:
    """列出各状态的任务数和死信（重试也没有成功、要人处理的任务）。

    例：hotline jobs list
    """
    import json

    from hotline.clock import CHINA

    async def look(queue: Queue) -> tuple[dict[str, int], list[dict[str, object]]]:
        dead = [
            {"id": row.id, "kind": row.kind, "key": row.key, "ended_at": row.ended_at}
            | {"attempts": row.attempts, "error": row.error}
            for row in await queue.dead()
        ]
        return await queue.counts(), dead

    counts, dead = _with_queue(look)
    if as_json:
        typer.echo(json.dumps({"counts": counts, "dead": dead}, ensure_ascii=False, default=str))
        return
    names = {"ready": "待办", "running": "在办", "done": "完成", "dead": "死信"}
    typer.echo("  ".join(f"{names[state]} {number}" for state, number in counts.items()))
    for row in dead:
        ended = row["ended_at"]
        when = f"{ended.astimezone(CHINA):%m-%d %H:%M}" if hasattr(ended, "astimezone") else ""
        typer.echo(f"  {row['id']}  {when}  {row['kind']}  {row['error']}")
    if dead:
        typer.echo("原因解决后，用 hotline jobs retry 编号 重新执行。")


@app.command("retry")
def retry(
    job_ids: Annotated[list[int], typer.Argument(help="死信的编号，可多个。", metavar="编号")],
) -> None:
    """让死信重新执行；有不是死信的编号时以 1 退出。

    例：hotline jobs retry 17 18
    """

    async def revive(queue: Queue) -> list[int]:
        return [job_id for job_id in job_ids if not await queue.revive(job_id)]

    unknown = _with_queue(revive)
    for job_id in unknown:
        typer.echo(f"{job_id} 不是死信，没有改动。", err=True)
    typer.echo(f"已重新排队 {len(job_ids) - len(unknown)} 项。")
    if unknown:
        raise typer.Exit(1)
