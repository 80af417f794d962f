"""What ``hotline ivr check`` finds: broken rules, unknown topics, missing or wrong prompts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

import config
from hotline import configfiles
from hotline.configfiles import Document, Place, Problem
from ivr import advice, rules
from ivr.audio import RecordingError, read_recording
from ivr.model import CALLBACK, STATION, Source
from ivr.plan import CONNECTING
from ivr.sounds import recording
from ivr.texts import Catalogue

LONGEST_SECONDS = 60.0
"""Spoken length of notice and menu together that still lets a caller reach the last option."""
CHARACTERS_A_SECOND = 4.2
"""How fast espeak-ng says our Mandarin prompts (measured: 4.0 to 4.4)."""

_PRESS = re.compile(r"(?:按|[Pp]ress)\s*([0-9]|星号|井号|star|hash)")
_KEY_WORDS = {"星号": "*", "井号": "#", "star": "*", "hash": "#"}
_NOTICE = {"110": "人身危险先拨 110", "录音": "通话会录音", "保存": "录音保存多久"}
"""What the notice has to tell (个人信息保护法 17), by a word that cannot be missing then."""
_ADVERTISING = re.compile(r"优惠|促销|特价|广告|赞助|扫码关注|下载.{0,6}(?:APP|应用)")


class Severity(StrEnum):
    """Whether a finding stops the menu from being used."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One thing to put right, and where."""

    severity: Severity
    problem: Problem

    def __str__(self) -> str:
        return str(self.problem)


def check(
    source: Source,
    catalogue: Catalogue,
    topics: Mapping[str, str],
    recordings: Path,
    calendar_gaps: Sequence[str] = (),
    *,
    today: date | None = None,
) -> list[Finding]:
    """Return everything that is wrong, errors first.

    Args:
        source: the menu and the survey as written.
        catalogue: the words of the prompts.
        topics: code → name of every topic that a caller may be sent under.
        recordings: the bureau's recordings of prompts.
        calendar_gaps: what the calendar lacks; see :meth:`hotline.worktime.Calendar.gaps`.
        today: looks whether recorded advice is due to be reviewed.
    """
    errors = [
        *rules.broken(source),
        *_topics(source, topics),
        *_missing_prompts(source, catalogue, recordings),
        *_broken_recordings(catalogue, recordings),
    ]
    warnings = [
        *_uncovered_topics(source, topics),
        *_words(source, catalogue),
        *_untranslated(source, catalogue, recordings),
        *(source.menu_document.problem(("hours",), gap) for gap in calendar_gaps),
        *(advice.overdue(source.menu, today) if today is not None else ()),
    ]
    return [
        *(Finding(Severity.ERROR, problem) for problem in errors),
        *(Finding(Severity.WARNING, problem) for problem in warnings),
    ]


def load_topics() -> dict[str, str]:
    """Return code → name of ``topics.yaml``, and the township's station.

    Raises:
        ConfigFileError: the file cannot be read.
    """
    document = configfiles.read(config.path("topics.yaml"))
    entries = document.value.get("topics", ()) if isinstance(document.value, dict) else ()
    return {entry["code"]: entry["name"] for entry in entries} | {STATION: "乡镇服务站"}


def _topics(source: Source, topics: Mapping[str, str]) -> Iterator[Problem]:
    for name, part in source.menu.menus.items():
        for position, option in enumerate(part.options):
            place = ("menus", name, "options", position)
            if option.topic and option.topic not in topics:
                yield source.menu_document.problem(
                    (*place, "topic"), f"topics.yaml 里没有 {option.topic} 这个专题"
                )
            for number, topic in enumerate(option.covers):
                if topic not in topics:
                    yield source.menu_document.problem(
                        (*place, "covers", number), f"topics.yaml 里没有 {topic} 这个专题"
                    )


def _uncovered_topics(source: Source, topics: Mapping[str, str]) -> Iterator[Problem]:
    menu = source.menu
    if menu.start not in menu.menus:
        return
    options = menu.menus[menu.start].options
    covered = {topic for option in options for topic in (option.topic, *option.covers)}
    if left := [name for code, name in topics.items() if code not in covered and code != STATION]:
        yield source.menu_document.problem(
            ("menus", menu.start, "options"), f"这些专题不属于任何选项：{'、'.join(left)}"
        )


def _said(source: Source) -> Iterator[tuple[Document, Place, str]]:
    """Yield every prompt that the files name, with its place."""
    menu, document = source.menu, source.menu_document

    def row(place: Place, prompts: Sequence[str]) -> Iterator[tuple[Document, Place, str]]:
        for position, prompt in enumerate(prompts):
            yield document, (*place, position), prompt

    yield from row(("notice",), menu.notice)
    for name, part in menu.menus.items():
        yield from row(("menus", name, "intro"), part.intro)
        for position, option in enumerate(part.options):
            place = ("menus", name, "options", position)
            yield document, (*place, "say"), option.say
            yield from row((*place, "advice"), [f"advice/{card}" for card in option.advice])
        yield from row(("menus", name, "outro"), part.outro)
    yield from row(("languages", "hint"), menu.languages.hint)
    for position, choice in enumerate(menu.languages.choices):
        yield document, ("languages", "choices", position, "say"), choice.say
    yield from row(("night", "say"), menu.night.say)
    yield from row(("skip", "say"), menu.skip.say)
    survey = source.survey_document
    for field, prompts in (("intro", source.survey.intro), ("thanks", source.survey.thanks)):
        for position, prompt in enumerate(prompts):
            yield survey, (field, position), prompt
    for position, question in enumerate(source.survey.questions):
        yield survey, ("questions", position, "say"), question.say
    # What the compiler itself plays.
    yield document, ("menus",), CONNECTING
    if any(to == CALLBACK for name in menu.menus for _, to in rules.ways(menu, name)):
        yield document, ("menus",), "callback/done"


def _missing_prompts(source: Source, catalogue: Catalogue, recordings: Path) -> Iterator[Problem]:
    usual = catalogue.usual
    for document, place, prompt in _said(source):
        if catalogue.find(prompt, usual) is None and not recording(recordings, usual, prompt):
            yield document.problem(
                place,
                f"提示音 {prompt} 没有文字也没有录音：请在 prompts/{usual}.yaml 写上文字，"
                f"或放入录音 {usual}/{prompt}.wav",
            )


def _broken_recordings(catalogue: Catalogue, recordings: Path) -> Iterator[Problem]:
    for file in sorted(recordings.glob("*/**/*.wav")):
        language, *rest = file.relative_to(recordings).with_suffix("").parts
        prompt = "/".join(rest)
        try:
            read_recording(file)
        except RecordingError as error:
            yield Problem(file, 1, error.message.removeprefix(f"{file}："))
        if catalogue.find(prompt, language) is None:
            yield Problem(file, 1, f"没有名为 {prompt} 的提示音，这个录音不会被播放")


def _words(source: Source, catalogue: Catalogue) -> Iterator[Problem]:
    """Texts against keys: what the caller is told to press must do what it says."""
    yield from _told_keys(source, catalogue)
    menu, usual = source.menu, catalogue.usual
    for document, place, prompt in _said(source):
        if match := _ADVERTISING.search(catalogue.text(prompt, usual)):
            yield document.problem(place, f"{prompt} 里有“{match[0]}”：热线不得播放广告")
    notice = "".join(catalogue.text(prompt, usual) for prompt in menu.notice)
    for word, meaning in _NOTICE.items():
        if menu.notice and word not in notice:
            yield source.menu_document.problem(("notice",), f"开头的话没有告知{meaning}")
    yield from _too_long(source, catalogue)


def _told_keys(source: Source, catalogue: Catalogue) -> Iterator[Problem]:
    """Compare the keys that a text names with those that are read, in every language."""
    menu = source.menu
    expected = [
        (option.say, {option.key}) for part in menu.menus.values() for option in part.options
    ]
    expected += [(choice.say, {choice.key}) for choice in menu.languages.choices]
    expected += [(q.say, {answer.key for answer in q.answers}) for q in source.survey.questions]
    for prompt, keys in expected:
        for code, words in catalogue.languages.items():
            line = words.lines.get(prompt)
            told = {_KEY_WORDS.get(key, key) for key in _PRESS.findall(line.text if line else "")}
            if told and told != keys:
                yield catalogue.documents[code].problem(
                    ("texts", prompt),
                    f"{prompt} 说按 {'、'.join(sorted(told))}，配置的是按键 "
                    f"{'、'.join(sorted(keys))}：“{line.text if line else ''}”",
                )


def _too_long(source: Source, catalogue: Catalogue) -> Iterator[Problem]:
    menu = source.menu
    if menu.start not in menu.menus:
        return
    part = menu.menus[menu.start]
    prompts = (*menu.notice, *part.intro, *(o.say for o in part.options), *part.outro)
    characters = sum(len(catalogue.text(prompt, catalogue.usual)) for prompt in prompts)
    seconds = characters / CHARACTERS_A_SECOND
    if seconds > LONGEST_SECONDS:
        yield source.menu_document.problem(
            ("menus", menu.start),
            f"开头的话和菜单约长 {seconds:.0f} 秒，请缩短到 {LONGEST_SECONDS:.0f} 秒内",
        )


def _untranslated(source: Source, catalogue: Catalogue, recordings: Path) -> Iterator[Problem]:
    menu = source.menu
    for position, choice in enumerate(menu.languages.choices):
        if not choice.menu or choice.language == catalogue.usual:
            continue
        words = catalogue.languages.get(choice.language)
        written = words.lines.keys() if words else ()
        missing = [
            prompt
            for prompt in dict.fromkeys(prompt for _, _, prompt in _said(source))
            if prompt not in written
            and not recording(recordings, choice.language, prompt)
            and not prompt.startswith("language/")
        ]
        if missing:
            yield source.menu_document.problem(
                ("languages", "choices", position),
                f"“{choice.name}”还缺 {len(missing)} 条提示音，将用普通话播放："
                f"{'、'.join(missing)}",
            )
