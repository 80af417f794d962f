"""The command line of redaction: ``redact``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from transcripts.audio import Audio
    from transcripts.redaction.turns import Spoken

app = typer.Typer(no_args_is_help=True)
"""``hotline redact``."""


@app.command("redact")
def redact_all(
    sources: Annotated[
        list[str],
        typer.Argument(help="文本文件（.txt）、录音（.wav，双声道按来电人、接听人）或者通话编号。"),
    ],
    out: Annotated[Path, typer.Option("--out", help="脱敏结果写到哪个文件夹。")],
    as_json: Annotated[
        bool, typer.Option("--json", help="输出一个 JSON 对象，供程序读取。")
    ] = False,
) -> None:
    """去除个人信息：文本换成【电话】之类的标记，录音在说到的地方静音。原件不动。

    姓名、身份证号（校验位）、电话、银行卡号（Luhn）、地址、车牌、口头念的号码都会去除。
    例：hotline redact 通话.wav --out 脱敏        例：hotline redact 1764000000.12 --out 脱敏
    """
    from hotline.errors import NotFoundError

    out.mkdir(parents=True, exist_ok=True)
    made: list[dict[str, object]] = []
    for source in sources:
        file = Path(source)
        if file.is_file() and file.suffix.lower() == ".wav":
            made += _sound(file, out)
        elif file.is_file():
            made += _text(file, out)
        elif file.suffix.lower() in {".wav", ".txt"}:
            raise NotFoundError(f"找不到文件 {source}。")
        else:
            made += _call(source, out)
    if as_json:
        typer.echo(json.dumps({"files": made}, ensure_ascii=False))
        return
    for one in made:
        typer.echo(f"{one['file']}（去除 {one['removed']} 处）")


def _text(file: Path, out: Path) -> list[dict[str, object]]:
    from transcripts.redaction import find_personal, redact

    content = file.read_text(encoding="utf-8")
    target = _target(out, file.name)
    target.write_text(redact(content), encoding="utf-8")
    return [{"file": str(target), "removed": len(find_personal(content))}]


def _sound(file: Path, out: Path) -> list[dict[str, object]]:
    from hotline import settings
    from transcripts.audio import read_channels
    from transcripts.recognisers.models import open_recogniser
    from transcripts.turns import merge

    channels = read_channels(file)
    recogniser = open_recogniser(settings.load())
    heard = [recogniser.transcribe(one.samples, one.rate) for one in channels]
    turns = merge(heard[0], heard[1] if len(heard) > 1 else [])
    legs = dict(zip(("caller", "agent"), channels, strict=False))
    return _write(file.stem, legs, turns, out)


def _call(call_id: str, out: Path) -> list[dict[str, object]]:
    import asyncio

    from hotline import settings
    from hotline.store import Database
    from transcripts.redaction.calls import Exported, exported

    loaded = settings.load()

    async def run() -> Exported:
        database = Database(loaded.database_url)
        try:
            async with database.read() as session:
                return await exported(session, loaded.recordings, call_id)
        finally:
            await database.close()

    found = asyncio.run(run())
    return _write(call_id, found.legs, found.turns, out)


def _write(
    name: str, legs: Mapping[str, Audio], turns: Sequence[Spoken], out: Path
) -> list[dict[str, object]]:
    from transcripts.audio import wav
    from transcripts.redaction.export import audio_of, text_of
    from transcripts.redaction.turns import find_in_turns

    removed = sum(map(len, find_in_turns(turns)))
    text = _target(out, f"{name}.txt")
    text.write_text(text_of(turns), encoding="utf-8")
    made: list[dict[str, object]] = [{"file": str(text), "removed": removed}]
    if legs:
        sound = _target(out, f"{name}.wav")
        quiet = audio_of(legs, turns)
        sound.write_bytes(wav(list(quiet.values()), next(iter(legs.values())).rate))
        made.append({"file": str(sound), "removed": removed})
    return made


def _target(out: Path, name: str) -> Path:
    """Return where to write; the original is never overwritten."""
    target = out / name
    number = 2
    while target.exists():
        target = out / f"{Path(name).stem}-{number}{Path(name).suffix}"
        number += 1
    return target
