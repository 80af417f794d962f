"""A second language for the staff's pages, through gettext. The Chinese text is the msgid.

Templates stay as their writers wrote them, in Chinese and without marks. For another language a
jinja2 extension looks each run of text up in the catalogue while the template is compiled: text
between tags, attributes, and strings in expressions. A run with values in it is one message
(``另有 {0} 个专题``), so that a translation may put them elsewhere. Values that the code gives
(a state's word, a sentence) are looked up as they are printed (:mod:`hotline.web.phrases`). What
the catalogue lacks stays Chinese.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup

from hotline.web.phrases import HAN, PLACE, Lookup, Phrases, singular, western

LANGUAGES = {"zh": "中文", "en": "English"}
"""Each calls itself as its speakers do."""

FIRST_LANGUAGE = "zh"
"""What everything is written in."""

HTML_LANGUAGES = {"zh": "zh-CN", "en": "en"}
LANGUAGE_COOKIE = "language"
LOCALE = Path(__file__).parent / "locale"
DOMAIN = "hotline"

language: ContextVar[str] = ContextVar("language", default=FIRST_LANGUAGE)
"""What pages and fragments are drawn in; set for each request and each live view."""

_EDGES = re.compile(r'([<>"\n])')
Piece = str | list[Token]


@cache
def catalogue(code: str) -> gettext.NullTranslations:
    """Return the messages of a language, compiled from its ``.po`` file at first use."""
    file = LOCALE / code / "LC_MESSAGES" / f"{DOMAIN}.po"
    if not file.exists():
        return gettext.NullTranslations()
    with file.open("rb") as source:
        messages = read_po(source, locale=code)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def lookup(code: str) -> Lookup:
    """Return the function that finds a message's translation, ``None`` where there is none."""
    messages = catalogue(code)

    def find(text: str) -> str | None:
        found = messages.gettext(text)
        return None if found == text else found

    return find


@cache
def phrases(code: str) -> Phrases:
    """Return what turns shown texts into a language."""
    file = LOCALE / code / "LC_MESSAGES" / f"{DOMAIN}.po"
    with file.open("rb") as source:
        messages = [(str(m.id), str(m.string)) for m in read_po(source, locale=code) if m.string]
    return Phrases.of(lookup(code), messages)


class Translated(Extension):
    """Translates a template's text while it is compiled, by the environment's ``translate``."""

    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        """Return the template's tokens with their text translated."""
        return translated(stream, self.environment.translate)  # type: ignore[attr-defined]


def translated(stream: Iterable[Token], find: Lookup) -> Iterator[Token]:
    """Yield the tokens with every run of text looked up in ``find``."""
    run: list[Piece] = []
    value: list[Token] | None = None
    line = 1
    for token in (_string(one, find) for one in stream):
        line = token.lineno
        if token.type == "variable_begin":
            value = [token]
        elif value is not None:
            value.append(token)
            if token.type == "variable_end":
                run.append(value)
                value = None
        elif token.type == "data":
            for part in _EDGES.split(token.value):
                if _EDGES.fullmatch(part):
                    yield from _flush(run, find, line)
                    yield Token(line, "data", part)
                elif part:
                    run.append(part)
        else:
            yield from _flush(run, find, line)
            yield token
    yield from _flush(run, find, line)


def _string(token: Token, find: Lookup) -> Token:
    """Return a string of an expression translated, any other token as it is."""
    if token.type != "string" or not HAN.search(token.value):
        return token
    core = token.value.strip()
    found = find(core)
    return token if found is None else token._replace(value=token.value.replace(core, found))


def _flush(run: list[Piece], find: Lookup, line: int) -> Iterator[Token]:
    """Yield a run that is over, and forget it."""
    pieces = list(run)
    run.clear()
    first = next((n for n, p in enumerate(pieces) if _text(p)), None)
    last = next((n for n in range(len(pieces) - 1, -1, -1) if _text(pieces[n])), None)
    if first is None or last is None:
        yield from _as_is(pieces, line)
        return
    # Values at the edges stand outside the message: fewer messages, the same page.
    yield from _as_is(pieces[:first], line)
    yield from _message(pieces[first : last + 1], find, line)
    yield from _as_is(pieces[last + 1 :], line)


def _text(piece: Piece) -> bool:
    return isinstance(piece, str) and bool(piece.strip())


def _message(pieces: list[Piece], find: Lookup, line: int) -> Iterator[Token]:
    values = [piece for piece in pieces if not isinstance(piece, str)]
    numbers = iter(range(len(values)))
    whole = "".join(p if isinstance(p, str) else f"{{{next(numbers)}}}" for p in pieces)
    msgid = whole.strip()
    found = find(msgid) if HAN.search(msgid) else western(msgid)
    if found is None:
        yield from _as_is(pieces, line)
        return
    before, after = whole[: len(whole) - len(whole.lstrip())], whole[len(whole.rstrip()) :]
    parts = PLACE.split(before + found + after)
    for number, part in enumerate(parts):
        if number % 2:
            yield from values[int(part)]
        elif part:
            yield Token(line, "data", part)


def _as_is(pieces: Iterable[Piece], line: int) -> Iterator[Token]:
    for piece in pieces:
        if isinstance(piece, str):
            yield Token(line, "data", piece)
        else:
            yield from piece


def messages_of(environment: Environment, source: str) -> list[str]:
    """Return the messages of a template's source, in its order: what a catalogue must hold."""
    found: list[str] = []

    def note(text: str) -> None:
        found.append(text)

    stream = TokenStream(
        environment.lexer.wrap(environment.lexer.tokeniter(source, None), None, None), None, None
    )
    for _ in translated(stream, note):
        pass
    return list(dict.fromkeys(found))


def finalizer(shown: Callable[[str], str]) -> Callable[[Any], Any]:
    """Return what every printed value goes through: words of ours are shown translated."""

    def finalize(value: Any) -> Any:
        return shown(value) if type(value) is str else value

    return finalize


def told(text: str) -> str:
    """Return a text of ours in the language of whoever is looking, for what no template draws."""
    code = language.get()
    return text if code == FIRST_LANGUAGE else phrases(code).shown(text)


_TIMES = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"尚无数据", "no data yet"),
        (r"刚刚", "just now"),
        (r"(\d+) 分钟前", r"\1 min ago"),
        (r"(\d+) 小时前", r"\1 h ago"),
        (r"昨天", "yesterday"),
        (r"还剩 (\d+) 分钟", r"\1 min left"),
        (r"还剩 (\d+) 小时", r"\1 h left"),
        (r"还剩 (\d+) 天", r"\1 days left"),
        (r"已超 (\d+) 分钟", r"\1 min over"),
        (r"已超 (\d+) 小时", r"\1 h over"),
        (r"已超 (\d+) 天", r"\1 days over"),
        (r"(\d+) 小时", r"\1 h"),
        (r"(\d+) 分(?!钟)", r"\1 min"),
        (r"(\d+) 秒", r"\1 s"),
        (r"(\d+)年(\d+)月(\d+)日 周\S", r"\1-\2-\3"),
    )
)


def in_words(show: Callable[..., Any]) -> Callable[..., Any]:
    """Return a display function whose words for times are English."""

    def english(*args: Any, **more: Any) -> Any:
        shown = show(*args, **more)
        text = str(shown)
        for pattern, words in _TIMES:
            text = singular(pattern.sub(words, text))
        return Markup(text) if isinstance(shown, Markup) else text  # noqa: S704 - as it came

    return english
