"""The sentences that the language model learns: our own texts, templates, scripts and cards."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rjieba
import yaml

import config
from hotline.voice.numerals import DIGITS, read_digits, read_figures, read_number

TEXTS = Path(__file__).parent / "texts"

_HANZI = re.compile(r"[\u4e00-\u9fff]+")
_PAUSE = re.compile(r"[^\u4e00-\u9fffA-Za-z0-9.%％,《》]+")
_SLOT = re.compile(r"\{(\w+)\}")
_NUMERAL = "零一二三四五六七八九十百千万亿两幺点半"
_MEASURES = (
    "个月|个小时|个工作日|个|天|年|元|块钱|块|岁|月|号|日|条|款|项|倍|小时|周|级|分|折|名|位|次|份|"
    "套|人|公里|米|平方米|成|期|审|审判"
)
_LONG_MEASURE = re.compile(f"([{_NUMERAL}几]+)(个月|个小时|个工作日)")
_COUNTED = re.compile(f"(第|百分之)?([{_NUMERAL}]+)({_MEASURES})?")


@dataclass(frozen=True)
class Sentence:
    """Clauses of words, and how many times the sentence counts."""

    clauses: tuple[tuple[str, ...], ...]
    weight: float


class Segmenter:
    """Cuts clauses into words; figures are cut into single characters."""

    def __init__(self, terms: Sequence[str] = ()) -> None:
        self._jieba = rjieba.Jieba()
        for term in terms:
            if 2 <= len(term) <= 4:
                self._jieba.add_word(term, None, None)

    def clauses(self, text: str) -> tuple[tuple[str, ...], ...]:
        """Return the words of each clause of ``text``; what is not Chinese is dropped."""
        found = []
        for part in _PAUSE.split(text):
            words = [
                word for run in _HANZI.findall(read_figures(part)) for word in self._words(run)
            ]
            if words:
                found.append(tuple(words))
        return tuple(found)

    def _words(self, run: str) -> Iterator[str]:
        # jieba would cut 三个月工资 into 三个 and 月工资.
        start = 0
        for match in _LONG_MEASURE.finditer(run):
            yield from self._cut(run[start : match.start()])
            yield from match[1]
            yield match[2]
            start = match.end()
        yield from self._cut(run[start:])

    def _cut(self, run: str) -> Iterator[str]:
        figure = ""
        # A figure is cut apart wherever jieba put it together with its measure; 一起 or 万一,
        # which only look like figures, are words of its list and stay whole.
        for word in self._jieba.cut(run, False):
            if _is_figure(word):
                figure += word
                continue
            yield from _apart(figure)
            figure = ""
            yield word
        yield from _apart(figure)


def _is_figure(word: str) -> bool:
    if word in _LOOKS_COUNTED:
        return False
    return _COUNTED.fullmatch(word) is not None and word[0] in _NUMERAL + "第百"


_LOOKS_COUNTED = frozenset(
    [
        "一样",
        "一般",
        "一直",
        "一起",
        "一些",
        "一下",
        "一共",
        "一定",
        "一切",
        "一旦",
        "一半",
        "一点",
        "万一",
        "十分",
        "一个",
        "一家",
        "一方",
        "一次",
        "一种",
        "一年",
        "半年",
        "半天",
        "一天",
        "万元",
        "百分之百",
        "千万",
        "一月",
        "一级",
        "一人",
        "一审",
        "二审",
        "一份",
        "一条",
        "一日",
        "两人",
        "两个",
        "两年",
        "多半",
    ]
) - frozenset(
    [
        "一个",
        "一次",
        "一年",
        "一天",
        "一月",
        "一级",
        "一人",
        "一条",
        "一日",
        "两人",
        "两个",
        "两年",
        "万元",
        "一份",
    ]
)


def _apart(figure: str) -> Iterator[str]:
    position = 0
    for match in _COUNTED.finditer(figure):
        if match[1]:
            yield match[1]
        yield from match[2]
        if match[3]:
            yield match[3]
        position = match.end()
    yield from figure[position:]


@dataclass(frozen=True)
class Slots:
    """What may stand in the templates' places."""

    choices: Mapping[str, tuple[str, ...]]

    @classmethod
    def read(cls, file: Path = TEXTS / "slots.txt") -> Slots:
        """Read ``NAME: choice choice …`` lines; ``term`` is any of the terms."""
        pairs = (line.split(":", 1) for line in read_lines(file))
        choices = {name: tuple(listed.split()) for name, listed in pairs}
        return cls(choices | {"term": tuple(terms())})

    def fill(self, template: str, rng: np.random.Generator) -> str:
        """Return ``template`` with every place filled at random."""
        return _SLOT.sub(lambda match: self._draw(match[1], rng), template)

    def _draw(self, name: str, rng: np.random.Generator) -> str:
        if name in self.choices:
            choices = self.choices[name]
            return choices[int(rng.integers(len(choices)))]
        return _MADE[name](rng)


def _between(low: int, high: int, rng: np.random.Generator) -> int:
    return int(rng.integers(low, high + 1))


def _counted(value: int) -> str:
    return "两" if value == 2 else read_number(value)


def _money(rng: np.random.Generator) -> str:
    digits = _between(2, 6, rng)
    value = _between(1, 9, rng) * 10**digits
    if rng.random() < 0.5:
        value += _between(1, 9, rng) * 10 ** (digits - 1)
    said = read_number(value)
    if said[0] == "二" and said[1] in "百千万":
        said = "两" + said[1:]
    if rng.random() < 0.25 and "万" in said:
        return said + ("块" if rng.random() < 0.3 else "多" if rng.random() < 0.3 else "")
    return said + ("元" if rng.random() < 0.5 else "块钱" if rng.random() < 0.7 else "块")


def _date(rng: np.random.Generator) -> str:
    month = read_number(_between(1, 12, rng)) + "月"
    if rng.random() < 0.3:
        return month + ("份" if rng.random() < 0.5 else "底")
    return month + read_number(_between(1, 31, rng)) + ("号" if rng.random() < 0.7 else "日")


def _percent(rng: np.random.Generator) -> str:
    return "百分之" + read_number(_between(1, 10, rng) * (10 if rng.random() < 0.6 else 3))


_MADE: dict[str, Callable[[np.random.Generator], str]] = {
    "count": lambda rng: _counted(
        _between(1, 12, rng) if rng.random() < 0.7 else _between(10, 90, rng)
    ),
    "small": lambda rng: _counted(_between(1, 12, rng)),
    "money": _money,
    "date": _date,
    "age": lambda rng: read_number(_between(1, 88, rng)),
    "article": lambda rng: read_number(
        _between(1, 110, rng) if rng.random() < 0.6 else _between(1_001, 1_260, rng)
    ),
    "percent": _percent,
    "year": lambda rng: "".join(DIGITS[int(d)] for d in str(_between(2_008, 2_027, rng))),
    "phone": lambda rng: read_digits("1" + "".join(str(rng.integers(10)) for _ in range(10))),
    "digits": lambda rng: read_digits("".join(str(rng.integers(10)) for _ in range(4))),
}


def read_lines(file: Path) -> list[str]:
    """Return the lines of a text file without comments and empty lines."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def phrases(folder: Path) -> list[str]:
    """Return every Chinese text in the YAML files under ``folder``, in order."""
    found: list[str] = []
    for file in sorted(folder.rglob("*.yaml")):
        found += _texts(yaml.safe_load(file.read_text(encoding="utf-8")))
    return [text for text in found if _HANZI.search(text)]


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _texts(inner)


@dataclass(frozen=True)
class Recipe:
    """How much each source counts."""

    own: float = 12.0
    scripts: float = 30.0
    cards: float = 6.0
    templates: int = 12_000
    seed: int = 1
    corrections: tuple[str, ...] = ()
    """What reviewers say was really said where the recogniser misheard."""
    corrected: float = 20.0


def sources(recipe: Recipe) -> list[tuple[str, float]]:
    """Return texts with their weights: our own, filled templates, scripts and answer cards."""
    texts: list[tuple[str, float]] = []
    for name in ("callers.txt", "lay.txt", "more.txt", "answers.txt"):
        texts += [(line, recipe.own) for line in read_lines(TEXTS / name)]
    texts += [(word, 1.0) for word in (*terms(), *_listed("daily.txt"))]
    slots, rng = Slots.read(), np.random.default_rng(recipe.seed)
    templates = read_lines(TEXTS / "templates.txt")
    texts += [
        (slots.fill(templates[i % len(templates)], rng), 1.0) for i in range(recipe.templates)
    ]
    scripts = config.path("demo/conversations")
    texts += [(text, recipe.scripts) for text in phrases(scripts)]
    texts += [(text, recipe.scripts) for text in phrases(config.path("ivr"))]
    texts += [(text, recipe.cards) for text in phrases(_cards())]
    texts += [(text, recipe.corrected) for text in recipe.corrections]
    return texts


def terms() -> list[str]:
    """Return terms of law and daily disputes: they make the vocabulary, alone they say little."""
    return _listed("terms.txt")


def _listed(name: str) -> list[str]:
    return [word for line in read_lines(TEXTS / name) for word in line.split()]


def _cards() -> Path:
    import knowledge_base  # noqa: PLC0415 - only its folder is wanted

    return Path(next(iter(knowledge_base.__path__))) / "cards"


def sentences(recipe: Recipe) -> list[Sentence]:
    """Return everything the language model learns, cut into words."""
    choices = [choice for choices in Slots.read().choices.values() for choice in choices]
    segmenter = Segmenter([*choices, *terms(), *_listed("daily.txt")])
    cut = [Sentence(segmenter.clauses(text), weight) for text, weight in sources(recipe)]
    return [sentence for sentence in cut if sentence.clauses]
