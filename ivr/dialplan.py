"""From the laid-out menu and survey to Asterisk's dialplan (``ivr.conf``).

Keys are read with ``Read()``: one call plays all prompts of a scene, takes the first key at any
time during or after them, whether it comes as RFC 4733 event or SIP INFO, and goes on without a
prompt whose file is missing. ``BackGround()`` with ``WaitExten()`` was measured beside it on
Asterisk 22: a key takes 1 to 3 ms from the INFO to the next step with either, but its single-key
extensions would have to share one context a menu.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import jinja2

from hotline.errors import ConfigurationError
from hotline.worktime import Span, WorkTime
from ivr.model import MenuFile, SurveyFile
from ivr.plan import Exit, Plan, Scene, SurveyPlan, lay_out, lay_out_survey
from ivr.timetable import Timetable, tabulate

UTC_PLUS_8 = "CST-8"
"""China's time as a POSIX rule: it needs no zone files on the machine, and China has no summer
time."""


class UnsafeFolderError(ConfigurationError):
    """提示音文件夹的路径里不能有空格、逗号、& 等符号，请换一个文件夹。"""

    error_id = "unsafe-prompts-folder"


def compile_dialplan(
    menu: MenuFile,
    survey: SurveyFile,
    calendar: WorkTime,
    prompts_dir: Path,
    comfort: Sequence[str] = ("other",),
    *,
    agi: str = "127.0.0.1:4573",
) -> str:
    """Write the contexts ``ivr-numbers``, ``ivr``, ``survey`` and those they call.

    Args:
        menu: the menu, checked.
        survey: the survey, checked.
        calendar: opening hours on the calendar.
        prompts_dir: the folder with one folder of prompts a language.
        comfort: topics whose callers are told what to have at hand (prompt ``comfort/TOPIC``).
        agi: where callers' questions about their cases are answered, ``host:port``.

    Raises:
        UnsafeFolderError: Asterisk would cut the folder's path in pieces.
    """
    plan, asked = lay_out(menu), lay_out_survey(survey)
    return write(plan, asked, tabulate(calendar), prompts_dir, comfort=comfort, agi=agi)


def write(
    plan: Plan,
    survey: SurveyPlan,
    timetable: Timetable,
    prompts_dir: Path,
    *,
    comfort: Sequence[str],
    agi: str,
) -> str:
    """Write what :func:`compile_dialplan` laid out; ``comfort`` are topics with a prompt."""
    folder = str(prompts_dir)
    if set(folder) & set(" ,&;|()[]{}$\"'\\\n"):
        raise UnsafeFolderError(
            f"提示音文件夹 {folder} 的路径里有 Asterisk 不能用的符号，请换一个。"
        )
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("ivr", "."),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - a dialplan is no HTML; every value is a checked name
    )
    # The folder differs from one installation to another; the compiled template does not.
    environment.filters["files"] = jinja2.pass_context(
        lambda _, prompts: "&".join(_file(folder, p) for p in prompts)
    )
    environment.filters["label"] = _label
    environment.filters["ways"] = _ways
    environment.filters["target"] = _target
    environment.filters["inside"] = _inside
    return environment.get_template("ivr.conf.j2").render(
        plan=plan,
        survey=survey,
        timetable=timetable,
        zone=UTC_PLUS_8,
        folder=folder,
        comfort=comfort,
        agi=agi,
    )


def _file(folder: str, prompt: str) -> str:
    return f"{folder}/${{HL_LANG}}/{prompt}"


_KEY_LABELS: Mapping[str, str] = {"*": "star", "#": "hash"}


def _label(key: str) -> str:
    """Return a key's part of an extension's name; ``*`` and ``#`` would read as patterns."""
    return _KEY_LABELS.get(key, key)


def _ways(scene: Scene) -> list[tuple[str, str, Exit]]:
    """Return every way out of a scene: the end of its extension's name, its key, itself."""
    return [
        *((_label(key), key, way) for key, way in scene.exits.items()),
        ("silence", "", scene.silence),
        ("wrong", "${HL_KEY}", scene.wrong),
    ]


def _target(way: Exit) -> str:
    return "end-" + way.to if way.ends else "menu-" + way.to


def _inside(span: Span) -> str:
    return f"${{HL_MINUTE}} >= {span.start} & ${{HL_MINUTE}} < {span.end}"
