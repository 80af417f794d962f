"""``hotline ivr``: check, show, walk, render and compile the voice menu."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rich.console import RenderableType

    from hotline.settings import Settings
    from ivr.deploy import Compiled
    from ivr.walk import Moment, Press

app = typer.Typer(
    help="语音菜单：检查、看图、试走、提示音、生效。\n\n例：hotline ivr check",
    no_args_is_help=True,
)

MenuOption = Annotated[
    Path | None, typer.Option("--menu", help="菜单文件；默认 config/ivr/12348.yaml。")
]
SurveyOption = Annotated[
    Path | None, typer.Option("--survey", help="评价文件；默认 config/ivr/survey.yaml。")
]
JsonOption = Annotated[bool, typer.Option("--json", help="给程序读的 JSON。")]


def _settings() -> Settings:
    from hotline import settings

    return settings.load()


def _say(text: str) -> None:
    from rich.console import Console

    # A path with its line must stay in one piece for those who click on it.
    Console().print(text, highlight=False, soft_wrap=True)


def _lay_out(shown: RenderableType) -> None:
    from rich.console import Console

    Console().print(shown, highlight=False)


@app.command()
def check(
    menu: MenuOption = None, survey: SurveyOption = None, as_json: JsonOption = False
) -> None:
    """检查菜单：到不了的选项、缺的提示音、循环、多余的层级、重复的按键、转不到人……

    每个问题都写明文件和行号。有错误时退出码为 1，只有提醒时为 0。

    例：hotline ivr check
    """
    from hotline import worktime
    from hotline.clock import CHINA
    from ivr import checks, model, texts

    settings = _settings()
    source = model.load(menu, survey)
    catalogue = texts.load(texts.values(settings), source.menu.languages.usual)
    opening = worktime.load(source.menu.hours)
    today = datetime.now(CHINA).date()
    gaps = opening.calendar.gaps(today)
    topics = checks.load_topics()
    found = checks.check(source, catalogue, topics, settings.prompts, gaps, today=today)
    errors = [one for one in found if one.severity is checks.Severity.ERROR]
    if as_json:
        rows = [
            {
                "severity": one.severity.value,
                "file": str(one.problem.file),
                "line": one.problem.line,
                "message": one.problem.message,
            }
            for one in found
        ]
        typer.echo(json.dumps({"ok": not errors, "findings": rows}, ensure_ascii=False))
    else:
        marks = {
            checks.Severity.ERROR: "[bold red]错误[/]",
            checks.Severity.WARNING: "[yellow]提醒[/]",
        }
        for one in found:
            _say(f"{marks[one.severity]} {_plain(str(one))}")
        if not found:
            _say("[green]菜单没有问题。[/]")
        elif not errors:
            _say("[green]可以使用[/]，建议处理以上提醒。")
    if errors:
        raise typer.Exit(1)


@app.command()
def show(
    menu: MenuOption = None,
    survey: SurveyOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="图片文件（SVG）；默认 var/ivr.svg。")
    ] = None,
) -> None:
    """把菜单画成图（SVG），并在终端列出。

    例：hotline ivr show -o 菜单.svg
    """
    from ivr import checks, compile_menu, picture, words

    settings = _settings()
    compiled = compile_menu(settings, menu, survey)
    topics = checks.load_topics()
    file = output or settings.home / "ivr.svg"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(picture.draw(compiled, topics), encoding="utf-8")
    _lay_out(words.tree(compiled, topics))
    _say(f"图：{file}")


@app.command()
def walk(
    *,
    keys: Annotated[
        str | None,
        typer.Option(help="按键：1、*31、-（不按键）、1@3.5（第 3.5 秒打断）；不写则逐步询问。"),
    ] = None,
    at: Annotated[
        datetime | None, typer.Option(help="来电时间，如 2026-10-01T10:00；默认现在。")
    ] = None,
    skip: Annotated[str, typer.Option(help="作为名单上的来电人（如 elderly）。")] = "",
    with_survey: Annotated[
        bool, typer.Option("--with-survey", help="转人工后接着走通话评价。")
    ] = False,
    menu: MenuOption = None,
    survey: SurveyOption = None,
    as_json: JsonOption = False,
) -> None:
    """不用 Asterisk，在终端里走一遍菜单：听到什么、按了什么、到了哪里。时间是推算的。

    例：hotline ivr walk --keys 1 --with-survey
    """
    from hotline.clock import CHINA
    from ivr import compile_menu
    from ivr.walk import Left, SurveyWalker, Walker, script

    compiled = compile_menu(_settings(), menu, survey)
    moment = at.replace(tzinfo=at.tzinfo or CHINA) if at else datetime.now(CHINA)
    press = script(keys) if keys is not None else _ask
    seconds = _lengths(compiled)
    walker = Walker(
        compiled.plan,
        press,
        compiled.catalogue.text,
        seconds,
        night=not compiled.opening.is_open(moment),
        skip=skip,
        listen_first=keys is None,
    )
    tell = _tell_json if as_json else _tell
    ended = ""
    for one in walker.walk():
        tell(one)
        ended = one.to if isinstance(one, Left) else ended
    if with_survey and ended == "person":
        asking = SurveyWalker(
            compiled.survey, press, compiled.catalogue.text, seconds, walker.language, walker.at
        )
        for one in asking.walk():
            tell(one)


@app.command()
def prompts(
    menu: MenuOption = None,
    survey: SurveyOption = None,
    missing: Annotated[
        bool, typer.Option("--missing", help="只列出还没有真人录音的，给录音的人用。")
    ] = False,
) -> None:
    """生成全部提示音：有录音用录音，没有就合成。已有且没变的不重做。

    例：hotline ivr prompts --missing
    """
    from rich.table import Table

    from ivr import compile_menu, sounds_folder
    from ivr.deploy import render
    from ivr.sounds import Origin

    settings = _settings()
    compiled = compile_menu(settings, menu, survey)
    rendered = render(settings, compiled)
    origins = {Origin.RECORDING: "录音", Origin.SYNTHESIS: "合成", Origin.SILENCE: "静音"}
    table = Table("语言", "编号", "来源", "文字", box=None, header_style="bold")
    for sound in rendered.sounds:
        if sound.origin is Origin.SILENCE or (missing and sound.origin is Origin.RECORDING):
            continue
        if missing and sound.prompt not in _written(compiled, sound.language):
            continue
        table.add_row(sound.language, sound.prompt, origins[sound.origin], sound.text)
    _lay_out(table)
    for problem in rendered.problems:
        _say(f"[bold red]录音不能用，已改用合成[/] {_plain(problem)}")
    _say(
        f"共 {len(rendered.sounds)} 条，新做 {rendered.made} 条，清理 {rendered.removed} 条，"
        f"在 {sounds_folder(settings)}；录音请放在 {settings.prompts}/语言/编号.wav"
    )


@app.command(name="compile")
def compile_(
    menu: MenuOption = None,
    survey: SurveyOption = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="只把拨号方案写到这个文件（- 为屏幕），不生效。"),
    ] = None,
) -> None:
    """编译成 Asterisk 的拨号方案 ivr.conf，连同提示音放到位。

    之后执行 hotline asterisk console "dialplan reload" 生效。

    例：hotline ivr compile
    """
    from ivr import compile_menu, deploy, sounds_folder

    settings = _settings()
    if output is not None or menu is not None or survey is not None:
        text = compile_menu(settings, menu, survey).dialplan(sounds_folder(settings))
        if output is None or str(output) == "-":
            typer.echo(text, nl=False)
        else:
            output.write_text(text, encoding="utf-8")
        return
    done = deploy(settings)
    for problem in done.problems:
        _say(f"[bold red]录音不能用，已改用合成[/] {_plain(problem)}")
    rendered = done.rendered
    _say(f"已写入 {done.dialplan}；提示音 {len(rendered.sounds)} 条，新做 {rendered.made} 条。")
    _say('Asterisk 正在运行的话，执行 hotline asterisk console "dialplan reload" 生效。')


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _written(compiled: Compiled, language: str) -> Iterable[str]:
    words = compiled.catalogue.languages.get(language)
    return words.lines if words else ()


def _lengths(compiled: Compiled) -> Callable[[str, str], float]:
    """Return how long each prompt takes: by its letters, which needs no sound files."""
    from ivr.checks import CHARACTERS_A_SECOND
    from ivr.plan import PAUSE

    def seconds(prompt: str, language: str) -> float:
        if prompt == PAUSE:
            return 0.4
        text = compiled.catalogue.text(prompt, language)
        # Latin letters are read about three times as fast as Hanzi.
        return sum(1.0 if ord(c) > 0x2E80 else 0.33 for c in text) / CHARACTERS_A_SECOND

    return seconds


def _ask(title: str, meaningful: Sequence[str]) -> Press | None:
    from ivr.walk import Press

    while True:
        typed = typer.prompt(
            f"{title}，按键（{'、'.join(meaningful)}；直接回车为不按键）",
            default="",
            show_default=False,
        ).strip()
        if not typed:
            return None
        if len(typed) == 1 and typed in "0123456789*#":
            return Press(typed)
        _say("请输入一个电话键：0–9、* 或 #。")


def _tell(moment: Moment) -> None:
    from ivr.walk import DESTINATIONS, Announced, Left, Pressed

    clock = f"[dim]{moment.at:6.1f} 秒[/]  "
    match moment:
        case Pressed(_, key, meaning):
            _say(f"{clock}[bold cyan]{'按 ' + key if key else '没有按键'}[/]  {meaning}")
        case Announced(_, event, fields):
            _say(f"{clock}[dim]{event} {' '.join(f'{k}={v}' for k, v in fields.items() if v)}[/]")
        case Left(_, to):
            _say(f"{clock}[green]→ {DESTINATIONS[to]}[/]")
        case _:
            _say(
                f"{clock}{_plain(moment.text)}{'[yellow]……（被按键打断）[/]' if moment.cut else ''}"
            )


def _tell_json(moment: Moment) -> None:
    row = {"kind": type(moment).__name__.lower()} | asdict(moment)
    typer.echo(json.dumps(row | {"at": round(moment.at, 2)}, ensure_ascii=False))
