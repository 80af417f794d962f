"""The command line, composed of every package's commands.

A package is read only when one of its commands is called: :data:`COMMANDS` tells each in the first
line of its own help, so that ``hotline --help`` answers at once.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import typer
from typer import rich_utils
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

if TYPE_CHECKING:
    from typer._click import Command, Context

# What typer itself says around our Chinese help.
rich_utils.COMMANDS_PANEL_TITLE = "命令"
rich_utils.OPTIONS_PANEL_TITLE = "选项"
rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
rich_utils.ERRORS_PANEL_TITLE = "用法有误"


Made = typer.Typer | Callable[..., Any]
"""What a package gives: a group of commands, or the function of one."""


class Told(NamedTuple):
    """A command as it is told before its package is read."""

    words: str
    """Its own help, or the beginning of it."""
    places: tuple[str, ...]
    """Where it is made, ``module:name``: a function, a group, or what makes one group together."""
    among: bool = False
    """The package's group is no command of its own: this is one of those that it holds."""


COMMANDS = {
    "demo": Told(
        "启动整套系统，用真实的 SIP 来电演示十二段对话，直到按 Ctrl-C。",
        ("hotline.app.demonstration:demo",),
    ),
    "init": Told(
        "建立本机的安装：设置文件、密钥、数据库、Asterisk 与提示音、管理员账号。可以重复执行。",
        ("hotline.app.installation:init",),
    ),
    "doctor": Told(
        "检查本机的安装是否完好；有问题时说明怎么办，并以 1 退出。",
        ("hotline.app.installation:doctor",),
    ),
    "serve": Told("运行派话与网页服务，直到按 Ctrl-C。", ("hotline.app.running:serve",)),
    "work": Told(
        "运行后台任务（转写、评分等），直到按 Ctrl-C。可在多台机器上同时运行。",
        ("hotline.app.running:work",),
    ),
    "screens": Told(
        "用虚构的一天给每个页面截图（浅色、深色、1024×768、手机）。需要 Chromium。",
        ("hotline.app.screens:screens",),
    ),
    "report": Told(
        "生成报表：来电、接通、满意、准确、工单、热点、突增、值班考核，附每项的算法。",
        ("hotline.app.figures:report",),
    ),
    "db": Told("数据库：升级、查看版本、核对结构。", ("hotline.store.commands:app",)),
    "jobs": Told("后台任务：查看状况、处理死信。", ("hotline.jobs.commands:app",)),
    "tickets": Told("工单：查询、查看经过。", ("hotline.tickets.commands:app",)),
    "callers": Told("来电人：回电、回访、拦截。", ("agents.callers.commands:app",)),
    "asterisk": Told(
        "管理本机的 Asterisk：安装、启动、停止、查看。", ("hotline.app.telephony:app",)
    ),
    "ivr": Told(
        "语音菜单：检查、看图、试走、提示音、生效。\n\n例：hotline ivr check",
        ("ivr.commands:app", "hotline.public.commands:advice"),
    ),
    "services": Told("服务目录与办理流程：核对、列出、画图。", ("hotline.casework.commands:app",)),
    "user": Told("管理登录账号。", ("hotline.web.commands:app",)),
    "people": Told(
        "人员名册：录入律师、服务站、邻近区县，查看谁能接什么。",
        ("agents.directory.commands:app",),
    ),
    "api": Told("开放接口：密钥、推送、调用记录。", ("hotline.api.commands:app",)),
    "messages": Told(
        "短信和邮件：核对内容、试发、查看发送情况。", ("hotline.messages.commands:app",)
    ),
    "bench": Told(
        "基准测试：派话的快慢，与 Asterisk 自带队列同场比较。",
        (
            "hotline.bench.commands:app",
            "hotline.app.benchmarks:web",
            "hotline.app.benchmarks:quality",
        ),
    ),
    "simulate": Told(
        "仿真：把来电放进真实的派话决策里重演，比较不同策略和人数。",
        ("agents.staffing.commands:app",),
        among=True,
    ),
    "staff": Told(
        "排班测算：由历史来电算出每周每半小时需要多少律师。",
        ("agents.staffing.commands:app",),
        among=True,
    ),
    "queue": Told("排队：查看某一时刻的排队情况。", ("agents.moments.commands:app",)),
    "transcribe": Told(
        "把录音转写成文字。双声道录音按“来电人、律师”两路转写。",
        ("transcripts.commands:app",),
        among=True,
    ),
    "model": Told(
        "语音识别模型：训练演示模型，安装公开模型。", ("transcripts.commands:app",), among=True
    ),
    "score": Told(
        "给一个通话评分并列出证据。机器评分只是初筛，须人工确认。",
        ("transcripts.scoring.commands:app",),
        among=True,
    ),
    "redact": Told(
        "去除个人信息：文本换成【电话】之类的标记，录音在说到的地方静音。原件不动。",
        ("transcripts.redaction.commands:app",),
        among=True,
    ),
    "review": Told(
        "质检：检查抽样规则，补抽一段时间的通话。", ("transcripts.review.commands:app",)
    ),
    "kb": Told(
        "知识库：导入法规、检索、核对要点卡。",
        (
            "knowledge_base.library.commands:app",
            "knowledge_base.search.commands:app",
            "knowledge_base.topics.commands:app",
            "knowledge_base.cards.commands:app",
        ),
    ),
    "eval": Told(
        "评测：用带答案的数据量出检索、分类、语音识别和事实核对的水平。",
        (
            "transcripts.commands:evaluations",
            "knowledge_base.search.commands:evaluations",
            "knowledge_base.topics.commands:evaluations",
            "transcripts.scoring.commands:evaluations",
        ),
    ),
}


class Announced(TyperGroup):
    """Knows its commands by name and words, and reads one when it is called."""

    def __init__(self, **told: Any) -> None:
        super().__init__(**told)
        self.commands.update(
            {name: TyperCommand(name, help=one.words) for name, one in COMMANDS.items()}
        )

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        """Return the command that is called, read from its package."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command if name is None else read(name), rest


def read(name: str) -> Command:
    """Return a command as its packages make it."""
    told = COMMANDS[name]
    parts = [_made(place) for place in told.places]
    around = typer.Typer()
    # What holds a group stays a group, even if it holds nothing else.
    around.callback()(lambda: None)
    if told.among or len(parts) == 1:
        _add(around, parts[0], None if told.among else name)
    else:
        together = typer.Typer(help=told.words, no_args_is_help=True)
        for part in parts:
            _add(together, part)
        around.add_typer(together, name=name)
    group = get_command(around)
    if not isinstance(group, TyperGroup):
        raise TypeError(f"{name} stands in no group")
    return group.commands[name]


def _made(place: str) -> Made:
    module, name = place.split(":")
    made: Made = getattr(import_module(module), name)
    return made


def _add(group: typer.Typer, part: Made, name: str | None = None) -> None:
    if isinstance(part, typer.Typer):
        group.add_typer(part, name=name)
    else:
        group.command(name)(part)


cli = typer.Typer(
    name="hotline",
    cls=Announced,
    help="12348 公共法律服务热线：从来电到经过核对的答复。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@cli.callback()
def hotline() -> None:
    """12348 公共法律服务热线：从来电到经过核对的答复。"""
