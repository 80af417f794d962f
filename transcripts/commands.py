"""The command line of speech: ``transcribe``, ``model …`` and ``eval speech``."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from transcripts.recognisers import Recogniser

app = typer.Typer(no_args_is_help=True)
"""``hotline transcribe`` and ``hotline model``."""

models = typer.Typer(help="语音识别模型：训练演示模型，安装公开模型。", no_args_is_help=True)
app.add_typer(models, name="model")

evaluations = typer.Typer(no_args_is_help=True)
"""``hotline eval speech``; hotline.app puts it into the group ``eval``."""

ModelOption = Annotated[
    Path | None,
    typer.Option("--model", help="模型文件夹；不给则用已安装的模型，没有则用演示模型。"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象，供程序读取。")]


@app.command()
def transcribe(
    files: Annotated[list[Path], typer.Argument(help="WAV 录音，8000 至 48000 赫兹。")],
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """把录音转写成文字。双声道录音按“来电人、律师”两路转写。

    例：hotline transcribe 通话.wav
    """
    from rich.console import Console

    from transcripts.audio import read_channels
    from transcripts.turns import Turn, merge

    recogniser = _recogniser(model)
    console = Console()
    for file in files:
        channels = read_channels(file)
        caller = recogniser.transcribe(channels[0].samples, channels[0].rate)
        agent = (
            recogniser.transcribe(channels[1].samples, channels[1].rate)
            if len(channels) > 1
            else []
        )
        turns: tuple[Turn, ...] = merge(caller, agent)
        if as_json:
            _print_json({"file": str(file), **_model(recogniser), "turns": _turns(turns)})
            continue
        console.print(f"[bold]{file}[/]  [dim]{_written_by(recogniser)}[/]", highlight=False)
        for turn in turns:
            side = f"{'来电人' if turn.leg == 'caller' else '律　师'} " if agent else ""
            console.print(f"  {_clock(turn.start)} {side}{turn.text}", highlight=False)


@models.command("train")
def train(
    *,
    out: Annotated[
        Path | None, typer.Option(help="模型写到哪里；不给则替换随项目提供的演示模型。")
    ] = None,
    work: Annotated[
        Path | None, typer.Option(help="中间结果放哪里；中断后再运行会从这里继续。")
    ] = None,
    hours: Annotated[float, typer.Option(min=0.02, help="合成多少小时语音。")] = 12.0,
    steps: Annotated[int, typer.Option(min=10, help="训练多少步。")] = 5_500,
    width: Annotated[int, typer.Option(min=16, help="网络宽度。")] = 256,
    graph_only: Annotated[
        bool, typer.Option("--graph-only", help="只按新的文字重建词图，不重新训练声音（几秒钟）。")
    ] = False,
    corrections: Annotated[
        Path | None,
        typer.Option(
            help="质检员改正过的话，一行一句（hotline model corrections 导出）。",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """用合成语音从零训练演示模型（两个核约半小时，可随时中断，再次运行会继续）。

    例：hotline model train        例：hotline model train --graph-only
    """
    import os

    # The training's matrices are small: two threads that wait for each other on a busy machine
    # are slower than one. It must be set before numpy is first loaded.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from dataclasses import asdict, replace

    from hotline.settings import cache_folder
    from transcripts.recognisers.models import SHIPPED
    from transcripts.training import build
    from transcripts.training.corpus import read_lines

    target = out or SHIPPED
    with _progress(as_json) as told:
        size = build.Size()
        if corrections is not None:
            recipe = replace(size.tuning.recipe, corrections=tuple(read_lines(corrections)))
            size = replace(size, tuning=replace(size.tuning, recipe=recipe))
        if graph_only:
            made = build.rebuild_graph(target, size.tuning, told)
        else:
            plan = replace(size.plan, steps=steps, width=width)
            name = f"speech-{hours:g}h-{steps}-{width}"
            made = build.train(
                target,
                work or cache_folder() / "training" / name,
                replace(size, hours=hours, plan=plan, processes=os.cpu_count() or 1),
                told,
            )
    if as_json:
        _print_json({"folder": str(target), **asdict(made)})
    else:
        typer.echo(f"模型已写入 {target}：{made.words} 个词，{made.pairs} 个词对。")


@models.command("corrections")
def export_corrections(
    out: Annotated[Path, typer.Option("--out", help="写到哪个文件，一行一句。")],
    as_json: JsonOption = False,
) -> None:
    """导出质检员改正过的转写（已去除个人信息），供重建词图时学习。

    例：hotline model corrections --out 改正.txt
    然后：hotline model train --graph-only --corrections 改正.txt
    """
    from hotline.store import own
    from transcripts.review.vocabulary import lines

    said = own.read(lines)
    out.write_text("".join(f"{line}\n" for line in said), encoding="utf-8")
    if as_json:
        _print_json({"file": str(out), "lines": len(said)})
    else:
        typer.echo(f"已写入 {len(said)} 句：{out}")


@models.command("install")
def install_model(
    source: Annotated[str, typer.Argument(help="模型压缩包（.zip、.tar.gz）或其下载地址。")],
    sha256: Annotated[str, typer.Option(help="压缩包的 SHA-256 校验值。")] = "",
    as_json: JsonOption = False,
) -> None:
    """安装公开的 Vosk 模型并开始使用。下载可中断，再次运行会继续。

    例：hotline model install vosk-model-small-cn-0.22.zip --sha256 校验值
    """
    from hotline import settings
    from transcripts.recognisers.install import install

    with _progress(as_json) as told:
        installed = install(
            source,
            settings.load(),
            sha256=sha256,
            told=lambda what, share: told(what, share if share is not None else 0.0),
        )
    if as_json:
        _print_json({"folder": str(installed.folder), "model": installed.card.name})
    else:
        typer.echo(
            f"已安装并启用模型 {installed.card.name}（{installed.card.rate} 赫兹）："
            f"{installed.folder}"
        )


@models.command("show")
def show_model(model: ModelOption = None, as_json: JsonOption = False) -> None:
    """显示正在使用的模型。

    例：hotline model show
    """
    from dataclasses import asdict

    from hotline import settings
    from transcripts.recognisers.models import locate, read_card

    folder = model or locate(settings.load())
    card = read_card(folder)
    if as_json:
        _print_json({"folder": str(folder), **asdict(card)})
    else:
        typer.echo(f"{card.name}（{card.description}，{card.rate} 赫兹）：{folder}")


@evaluations.command("speech")
def evaluate_speech(
    audio: Annotated[
        Path, typer.Option(help="文件夹：NAME.wav 与 NAME.txt（说的话）成对。", file_okay=False)
    ],
    model: ModelOption = None,
    errors: Annotated[int, typer.Option(min=0, help="另列出错误最多的几条。")] = 0,
    as_json: JsonOption = False,
) -> None:
    """评测语音识别：字错误率与实时率。

    例：hotline eval speech --audio 评测录音 --json
    """
    from transcripts.evaluation import evaluate, worst

    recogniser = _recogniser(model)
    with _progress(as_json) as told:
        found = evaluate(recogniser, audio, lambda done, of: told("识别", done / of))
    if as_json:
        result: dict[str, object] = {
            "files": len(found.pairs),
            "cer": round(found.cer, 4),
            "real_time_factor": round(found.real_time_factor, 4),
            "characters": sum(len(pair.said) for pair in found.pairs),
            **_model(recogniser),
        }
        if errors:
            result["worst"] = [
                {"file": p.name, "said": p.said, "heard": p.heard, "errors": p.errors}
                for p in worst(found.pairs, errors)
            ]
        _print_json(result)
        return
    typer.echo(
        f"{len(found.pairs)} 个文件，字错误率 {found.cer:.1%}，"
        f"实时率 {found.real_time_factor:.3f}。{_written_by(recogniser)}"
    )
    for pair in worst(found.pairs, errors):
        typer.echo(f"  {pair.name}  说：{pair.said}\n  {' ' * len(pair.name)}  听：{pair.heard}")


def _recogniser(model: Path | None) -> Recogniser:
    from hotline import settings
    from transcripts.recognisers.models import open_folder, open_recogniser

    return open_folder(model) if model else open_recogniser(settings.load())


def _written_by(recogniser: Recogniser) -> str:
    card = recogniser.card
    return f"模型：{card.name}（{card.description}）"


def _model(recogniser: Recogniser) -> dict[str, object]:
    card = recogniser.card
    return {"engine": card.engine, "model": card.name, "model_description": card.description}


def _turns(turns: object) -> list[object]:
    from dataclasses import asdict

    return [asdict(turn) for turn in turns]  # type: ignore[attr-defined]


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60:02}:{int(seconds) % 60:02}"


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))


_STEPS = {"speech": "合成语音", "sounds": "训练声音", "graph": "编译词图"}


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[str, float], None]]:
    """Show a bar for each step, on the terminal's error side so that output stays clean."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=quiet,
    ) as progress:
        tasks: dict[str, object] = {}

        def told(step: str, share: float) -> None:
            if step not in tasks:
                tasks[step] = progress.add_task(_STEPS.get(step, step), total=1.0)
            progress.update(tasks[step], completed=share)  # type: ignore[arg-type]

        yield told
