"""The rules of a menu's structure: one level, six options, a person at any time, no loop.

GB/T 33358-2016 asks hotlines for short menus without advertising; the figures here are ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from hotline.configfiles import ConfigFileError, Document, Place, Problem
from ivr.model import ADVICE, ENDS, PERSON, MenuFile, Source
from ivr.plan import LANGUAGE_SCENE

MOST_OPTIONS = 6


def refuse_broken(source: Source) -> None:
    """Refuse a menu whose structure cannot be compiled.

    Raises:
        ConfigFileError: every mistake, each with its line.
    """
    if problems := list(broken(source)):
        raise ConfigFileError(problems)


def broken(source: Source) -> Iterator[Problem]:
    """Yield every rule of structure that the menu or the survey breaks."""
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
        if menu.progress.hint and name == menu.start:
            if menu.progress.key in taken:
                other = taken[menu.progress.key]
                yield document.problem(
                    ("progress", "key"), f"“{menu.progress.key}”已用于{other}，请换一个键"
                )
            taken[menu.progress.key] = "查询进度"
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


def ways(menu: MenuFile, name: str) -> Iterator[tuple[Place, str]]:
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
        for place, to in ways(menu, name):
            if to not in allowed:
                yield document.problem(place, f"没有 {to} 这个去处，可以写 {listed}")
        for position, option in enumerate(menu.menus[name].options):
            if (option.to == ADVICE) != bool(option.advice):
                yield document.problem(
                    ("menus", name, "options", position),
                    f"“{option.name}”：to: advice 和 advice（要点卡的编号）要一起写",
                )
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
        waiting += [to for _, to in ways(menu, name) if to in menu.menus]
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
        for place, to in ways(menu, name):
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
        if not part.person or part.urgent:
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
