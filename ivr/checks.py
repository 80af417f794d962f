"""Whether a menu keeps its rules: one level, six options, a person at any time, no loop.

GB/T 33358-2016 asks hotlines for short menus without advertising; the figures here are ours.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import config
from hotline import configfiles
from hotline.configfiles import ConfigFileError, Document, Place, Problem
from ivr.audio import RecordingError, read_recording
from ivr.model import CALLBACK, ENDS, PERSON, STATION, MenuFile, Source
from ivr.plan import CONNECTING, LANGUAGE_SCENE
from ivr.sounds import recording
from ivr.texts import Catalogue

MOST_OPTIONS = 6
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
) -> list[Finding]:
    """Return everything that is wrong, errors first.

    Args:
        source: the menu and the survey as written.
        catalogue: the words of the prompts.
        topics: code → name of every topic that a caller may be sent under.
        recordings: the bureau's recordings of prompts.
        calendar_gaps: what the calendar lacks; see :meth:`hotline.worktime.Calendar.gaps`.
    """
    errors = [
        *_structure(source),
        *_topics(source, topics),
        *_missing_prompts(source, catalogue, recordings),
        *_broken_recordings(catalogue, recordings),
    ]
    warnings = [
        *_uncovered_topics(source, topics),
        *_words(source, catalogue),
        *_untranslated(source, catalogue, recordings),
        *(source.menu_document.problem(("hours",), gap) for gap in calendar_gaps),
    ]
    return [
        *(Finding(Severity.ERROR, problem) for problem in errors),
        *(Finding(Severity.WARNING, problem) for problem in warnings),
    ]


def refuse_broken(source: Source) -> None:
    """Refuse a menu whose structure cannot be compiled.

    Raises:
        ConfigFileError: every mistake, each with its line.
    """
    if problems := list(_structure(source)):
        raise ConfigFileError(problems)


def load_topics() -> dict[str, str]:
    """Return code → name of ``topics.yaml``, and the township's station.

    Raises:
        ConfigFileError: the file cannot be read.
    """
    document = configfiles.read(config.path("topics.yaml"))
    entries = document.value.get("topics", ()) if isinstance(document.value, dict) else ()
    return {entry["code"]: entry["name"] for entry in entries} | {STATION: "乡镇服务站"}


def _structure(source: Source) -> Iterator[Problem]:
    menu, document = source.menu, source.menu_document
    yield from _keys(menu, document)
    yield from _destinations(menu, document)
    yield from _levels(menu, document)
    yield from _loops(menu, document)
    yield from _persons(menu, document)
    yield from _survey(source)


def _keys(menu: MenuFile, document: Document) -> Iterator[Problem]:
    for name, part in menu.menus.items():
        taken = {menu.person_key: "转人工"} if part.person else {}
        if menu.languages.choices and name == menu.start:
            taken[menu.languages.key] = "语言选择"
        place: Place = ("menus", name, "options")
        keys = [(option.key, option.name) for option in part.options]
        yield from _taken_twice(document, place, keys, taken)
        if not keys:
            yield document.problem(("menus", name), f"{part.name}没有任何选项")
        if len(keys) > MOST_OPTIONS:
            yield document.problem(
                (*place, MOST_OPTIONS),
                f"{part.name}有 {len(keys)} 项，最多 {MOST_OPTIONS} 项：选项多了记不住",
            )
    if LANGUAGE_SCENE in menu.menus:
        yield document.problem(
            ("menus", LANGUAGE_SCENE), f"菜单不能叫 {LANGUAGE_SCENE}，这是语言选择用的名称"
        )
    choices = [(choice.key, choice.name) for choice in menu.languages.choices]
    yield from _taken_twice(
        document, ("languages", "choices"), choices, {menu.person_key: "转人工"}
    )
    for number, count in Counter(entry.number for entry in menu.numbers).items():
        if count > 1:
            yield document.problem(("numbers",), f"号码 {number} 写了 {count} 次")


def _taken_twice(
    document: Document, place: Place, keys: Sequence[tuple[str, str]], taken: Mapping[str, str]
) -> Iterator[Problem]:
    before = dict(taken)
    for position, (key, name) in enumerate(keys):
        if key in before:
            yield document.problem(
                (*place, position, "key"),
                f"按键 {key} 已经用于“{before[key]}”，“{name}”永远选不到",
            )
        before.setdefault(key, name)


def _ways(menu: MenuFile, name: str) -> Iterator[tuple[Place, str]]:
    """Yield every destination that a menu names, with its place."""
    part, place = menu.menus[name], ("menus", name)
    for position, option in enumerate(part.options):
        yield (*place, "options", position, "to"), option.to
    yield (*place, "silence"), part.silence
    yield (*place, "wrong"), part.wrong


def _destinations(menu: MenuFile, document: Document) -> Iterator[Problem]:
    allowed = ENDS | menu.menus.keys()
    listed = "、".join(sorted(ENDS) + sorted(menu.menus))
    if menu.start not in menu.menus:
        yield document.problem(("start",), f"没有名为 {menu.start} 的菜单")
    for name in menu.menus:
        for place, to in _ways(menu, name):
            if to not in allowed:
                yield document.problem(place, f"没有 {to} 这个去处，可以写 {listed}")
    if menu.night.to not in allowed:
        yield document.problem(("night", "to"), f"没有 {menu.night.to} 这个去处，可以写 {listed}")
    reached = _reached(menu, {menu.start, menu.night.to})
    for name, part in menu.menus.items():
        if name not in reached:
            yield document.problem(("menus", name), f"没有任何按键能到达“{part.name}”（{name}）")


def _reached(menu: MenuFile, roots: set[str]) -> set[str]:
    """Return the menus that a caller can come to from ``roots``."""
    found: set[str] = set()
    waiting = [name for name in roots if name in menu.menus]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        waiting += [to for _, to in _ways(menu, name) if to in menu.menus]
    return found


def _levels(menu: MenuFile, document: Document) -> Iterator[Problem]:
    for name, part in menu.menus.items():
        for position, option in enumerate(part.options):
            if option.to in menu.menus and option.to != name:
                yield document.problem(
                    ("menus", name, "options", position, "to"),
                    f"“{option.name}”后面还有一级菜单：只能有一级，请直接转人",
                )


def _loops(menu: MenuFile, document: Document) -> Iterator[Problem]:
    for name in menu.menus:
        for place, to in _ways(menu, name):
            if to in menu.menus and name in _reached(menu, {to}):
                yield document.problem(
                    place, f"会一直循环：从 {name} 到 {to} 又回到 {name}，来电人走不出来"
                )


def _persons(menu: MenuFile, document: Document) -> Iterator[Problem]:
    """A caller who presses nothing, or wrong, or the person key must come to a person."""
    by_day = _reached(menu, {menu.start})
    for name in menu.menus:
        part = menu.menus[name]
        if name not in by_day:
            continue
        if not part.person:
            yield document.problem(
                ("menus", name, "person"), f"“{part.name}”里按 {menu.person_key} 到不了人工"
            )
        for field, to in (("silence", part.silence), ("wrong", part.wrong)):
            if to not in menu.menus and to != PERSON:
                word = "不按键" if field == "silence" else "按错键"
                yield document.problem(
                    ("menus", name, field), f"“{part.name}”里{word}必须转人工（{PERSON}）"
                )
    if not menu.notice:
        yield document.problem(
            ("notice",), "缺少开头的话：要告知录音、用途和保存期限，提醒危险拨 110"
        )


def _survey(source: Source) -> Iterator[Problem]:
    document = source.survey_document
    seen: set[str] = set()
    for position, question in enumerate(source.survey.questions):
        if question.id in seen or question.id in {"s", "thanks"}:
            yield document.problem(
                ("questions", position, "id"), f"题目编号 {question.id} 重复或不能使用"
            )
        seen.add(question.id)
        keys: set[str] = set()
        for number, answer in enumerate(question.answers):
            place = ("questions", position, "answers", number, "key")
            if answer.key in keys:
                yield document.problem(place, f"按键 {answer.key} 用了两次")
            keys.add(answer.key)


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
            yield document, ("menus", name, "options", position, "say"), option.say
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
    if any(to == CALLBACK for name in menu.menus for _, to in _ways(menu, name)):
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
