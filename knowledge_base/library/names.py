"""The names a law goes by: its title, its short names, and what people call it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

import yaml

_COUNTRY = "中华人民共和国"
_COURTS = re.compile(
    r"^(?:最高人民法院|最高人民检察院|公安部|国家安全部|司法部|[、，和与])+(?=关于|办理|审理)"
)
_FILLERS = (
    "关于",
    "适用法律",
    "应用法律",
    "适用",
    "具体",
    "若干",
    "有关",
    "案件",
    "纠纷",
    "问题",
    "的",
)
_VERBS = re.compile(r"^(?:关于)?(?:审理|办理|执行|确定|处理|规范|在)?")
_KINDS = ("解释", "规定", "批复", "意见", "解答", "决定", "规则", "安排")
_ORDINAL = re.compile(r"[（(]([一二三四五六七八九十]+)[)）]$")
_TRIAL = re.compile(r"[（(](?:试行|暂行|修订|修正|[\d]{4}年?修[订正])[)）]")
_SHORTEST = 4


def plain_name(title: str) -> str:
    """Return the name by which this library calls a law: no country, no blanks, one style."""
    name = re.sub(r"\s+", "", title)
    name = name.replace("(", "（").replace(")", "）").replace("〈", "《").replace("〉", "》")
    name = name.replace("最高人民法院最高人民检察院", "最高人民法院、最高人民检察院")
    if name.startswith("《") and name.endswith("》") and name.count("《") == 1:
        name = name[1:-1]
    return name.replace(_COUNTRY, "") or name


@cache
def fold(name: str) -> str:
    """Reduce a name to what is compared: marks, brackets, country and 的 do not matter."""
    return re.sub(r"[\s《》〈〉<>（）()“”\"、，,·的]|中华人民共和国", "", name)


def short_names(name: str) -> set[str]:
    """Make the short names of a law that can be told from its full one by rule.

    最高人民法院关于适用《民法典》婚姻家庭编的解释（一） gives 民法典婚姻家庭编解释（一）,
    婚姻家庭编解释（一）, 婚姻家庭编司法解释（一） and so on.
    """
    names = {_TRIAL.sub("", name)} - {name}
    core = _COURTS.sub("", name)
    if core != name:
        names.add(core)
        names |= _interpretation_names(core)
    elif name.startswith("国务院关于"):
        names.add(name.removeprefix("国务院"))
    elif name.endswith(("暂行条例", "暂行规定", "暂行办法")):
        names.add(name.replace("暂行", ""))
    return {short for short in names if len(fold(short)) >= _SHORTEST}


def _interpretation_names(core: str) -> set[str]:
    match = _ORDINAL.search(core)
    ordinal = match[0] if match else ""
    stem = core.removesuffix(ordinal)
    kind = next((kind for kind in _KINDS if stem.endswith(kind)), "")
    if not kind:
        return set()
    subject = _VERBS.sub("", stem.removesuffix(kind))
    for filler in _FILLERS:
        subject = subject.replace(filler, "")
    subject = re.sub(r"[《》]", "", subject)
    if not subject:
        return set()
    subjects = {subject}
    if subject.startswith("民法典") and len(subject) > len("民法典") + 1:
        subjects.add(subject.removeprefix("民法典"))
    kinds = {kind, "司法解释", "解释"} if kind in ("解释", "规定") else {kind}
    return {each + other + ordinal for each in subjects for other in kinds}


@cache
def colloquial_names() -> Mapping[str, tuple[str, ...]]:
    """Return the curated names that no rule gives (law → what people call it)."""
    text = resources.files("knowledge_base.library").joinpath("aliases.yaml").read_text("utf-8")
    return {law: tuple(names) for law, names in yaml.safe_load(text).items()}


def alias_table(laws: Iterable[tuple[str, str, bool]]) -> dict[str, str]:
    """Map each folded name to its law's name.

    Args:
        laws: name, title and whether it is in force, for each law.

    A short name that would fit several laws fits the one in force, or, where several are, none:
    a wrong statute shown with confidence is worse than none.
    """
    table: dict[str, str] = {}
    claims: dict[str, dict[str, bool]] = {}
    known: dict[str, bool] = {}
    for name, title, in_force in laws:
        known[name] = in_force
        table[fold(name)] = name
        table.setdefault(fold(plain_name(title)), name)
        for short in short_names(name) | short_names(plain_name(title)):
            claims.setdefault(fold(short), {})[name] = in_force
    for law, names in colloquial_names().items():
        if law in known:
            for each in names:
                table.setdefault(fold(each), law)
    for short, claimants in claims.items():
        candidates = [name for name, in_force in claimants.items() if in_force] or list(claimants)
        if len(candidates) == 1:
            table.setdefault(short, candidates[0])
    return table
