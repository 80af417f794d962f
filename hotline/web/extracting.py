"""Finds every message of the pages and keeps the catalogues (``make messages``).

Templates, scripts and code are written in Chinese without marks, so all Chinese text in them is a
message: in templates what stands in them, in scripts and code every string. What never reaches a
page in another language is named in :data:`CODE_LEFT_OUT`: commands, files for the bureau, data.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import yaml
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment

from hotline.web.phrases import HAN
from hotline.web.scripts import literals
from hotline.web.translating import DOMAIN, LANGUAGES, LOCALE, messages_of

HERE = "hotline.web.extracting"
ROOT = Path(__file__).parents[2]
FOLDERS = ("agents", "config", "hotline", "knowledge_base", "transcripts")

_PATTERN = re.compile(r"[\\^|]|\{\d*,\d*\}")
"""In a regular expression, never in a message."""
_NAMED = re.compile(r"\{[a-z_]+\}")

Found = tuple[int, None, str, list[str]]
"""What babel asks of an extractor: line, function, message, comments."""

CODE = (
    "agents/**.py",
    "hotline/public/**.py",
    "hotline/calls/figures.py",
    "hotline/calls/timeline.py",
    "hotline/casework/*.py",
    "hotline/routing/reasons.py",
    "hotline/talks/*.py",
    "hotline/tickets/*.py",
    "hotline/web/**.py",
    "knowledge_base/cards/model.py",
    "knowledge_base/editing/*.py",
    "knowledge_base/library/model.py",
    "knowledge_base/pages/*.py",
    "knowledge_base/routes.py",
    "knowledge_base/search/explain.py",
    "transcripts/figures/*.py",
    "transcripts/live/*.py",
    "transcripts/pages/*.py",
    "transcripts/review/*.py",
    "transcripts/retention.py",
    "transcripts/routes.py",
    "transcripts/scoring/findings.py",
)
CODE_LEFT_OUT = (
    # Commands speak Chinese.
    *("**/commands.py", "hotline/web/vendor.py", "agents/staffing/**.py"),
    # Files that leave the house are the bureau's own papers.
    *("agents/pages/export.py", "agents/subsidies/files.py", "agents/rota/feed.py"),
    # What a service file is told that has mistakes.
    *("hotline/casework/check.py", "hotline/casework/definition.py"),
    *("hotline/casework/services.py", "hotline/casework/tariffs.py"),
    *("hotline/casework/drawing.py", "hotline/casework/graph.py"),
    "hotline/casework/conditions.py",
    # Not words: characters, made-up people, questions to search for, words put together elsewhere.
    *("hotline/web/masking.py", "hotline/web/translating.py", "hotline/web/phrases.py"),
    *("hotline/tickets/generated.py", "knowledge_base/pages/search.py", "hotline/web/display.py"),
    *("transcripts/live/draft.py", "hotline/public/byphone.py", "hotline/public/recorded.py"),
    "hotline/public/humanity.py",
)
TICKET = "config/services/ticket.yaml"
"""The one service that every page speaks of; what others call theirs stays as it is written."""
TEMPLATES_LEFT_OUT = ("hotline/api/**.html",)
SCRIPTS_LEFT_OUT = ("**/vendor/**", "hotline/api/**.js")


def templates(file: IO[bytes], *_: Any, **__: Any) -> Iterator[Found]:
    """Yield a template's messages."""
    plain = Environment(trim_blocks=True, lstrip_blocks=True, autoescape=True)
    for message in messages_of(plain, file.read().decode()):
        yield 0, None, message, []


def scripts(file: IO[bytes], *_: Any, **__: Any) -> Iterator[Found]:
    """Yield a script's messages."""
    for literal in literals(file.read().decode()):
        yield 0, None, literal.message, []


def service(file: IO[bytes], *_: Any, **__: Any) -> Iterator[Found]:
    """Yield what a service's file calls its states, acts, fields and choices."""
    told: dict[str, Any] = yaml.safe_load(file)
    named = [*told["fields"], *told["states"].values(), *told["transitions"]]
    for one in named:
        words = [one.get("name"), one.get("label"), one.get("help")]
        for message in (*words, *one.get("options", {}).values()):
            if isinstance(message, str) and HAN.search(message):
                yield 0, None, message, []


def code(file: IO[bytes], *_: Any, **__: Any) -> Iterator[Found]:
    """Yield the messages of Python code: its strings, and what errors say by themselves."""
    tree = ast.parse(file.read().decode())
    silent = _silent(tree)
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            message = _plain(node.value)
        elif isinstance(node, ast.JoinedStr):
            message = _shape(node).strip()
        else:
            continue
        if HAN.search(message) and not _PATTERN.search(message):
            yield node.lineno, None, message, []


def _plain(text: str) -> str:
    """Return a string as a message: the first paragraph, with numbered places."""
    count = itertools.count()
    first = inspect.cleandoc(text).split("\n\n", maxsplit=1)[0].strip()
    return _NAMED.sub(lambda _: f"{{{next(count)}}}", first)


def _shape(node: ast.JoinedStr) -> str:
    """Return an f-string with numbered places for its values."""
    count = iter(range(len(node.values)))
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else f"{{{next(count)}}}"
        for part in node.values
    )


def _silent(tree: ast.AST) -> set[int]:
    """Return the strings that nobody is shown: parts of f-strings, and docstrings.

    The docstring of an error without more is what it says; babel sees it as any other string.
    """
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            found.update(id(part) for part in node.values if isinstance(part, ast.Constant))
        elif isinstance(node, ast.FormattedValue) and node.format_spec is not None:
            found.update(id(part) for part in ast.walk(node.format_spec))
        body = getattr(node, "body", None)
        if isinstance(body, list) and not (
            isinstance(node, ast.ClassDef) and node.name.endswith("Error")
        ):
            found.update(
                id(one.value)
                for one in body
                if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)
            )
    return found


def extracted() -> Catalog:
    """Return all messages with the files that hold them."""
    found = Catalog(project="hotline12348", charset="utf-8", fuzzy=False)
    for folder in FOLDERS:
        rows = extract_from_dir(
            ROOT / folder,
            method_map=[
                *((_below(folder, one), "ignore") for one in TEMPLATES_LEFT_OUT),
                ("**/templates/**.html", f"{HERE}:templates"),
                *((_below(folder, one), "ignore") for one in SCRIPTS_LEFT_OUT),
                ("**/static/**.js", f"{HERE}:scripts"),
                *((_below(folder, one), "ignore") for one in CODE_LEFT_OUT),
                *((_below(folder, one), f"{HERE}:code") for one in CODE),
                (_below(folder, TICKET), f"{HERE}:service"),
            ],
        )
        for name, _, message, _, _ in rows:
            found.add(message, locations=[(f"{folder}/{name}", 0)])
    return found


def _below(folder: str, pattern: str) -> str:
    """Return a pattern relative to a folder; one of elsewhere matches nothing."""
    if pattern.startswith("**"):
        return pattern
    return pattern.removeprefix(f"{folder}/") if pattern.startswith(f"{folder}/") else "\0"


def read(language: str) -> Catalog:
    """Return a language's catalogue."""
    with file_of(language).open("rb") as source:
        return read_po(source, locale=language)


def file_of(language: str) -> Path:
    """Return where a language's catalogue stands."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def update(language: str) -> list[str]:
    """Bring a catalogue up to date; return the messages that still want a translation."""
    known = read(language)
    known.update(extracted(), no_fuzzy_matching=True, update_header_comment=False)
    with file_of(language).open("wb") as target:
        write_po(
            target,
            known,
            width=100,
            sort_by_file=True,
            ignore_obsolete=True,
            include_lineno=False,
            omit_header=False,
        )
    return [str(one.id) for one in known if one.id and not one.string]


def main(arguments: Sequence[str]) -> int:
    """Bring all catalogues up to date and print what wants a translation."""
    missing = [one for code in LANGUAGES if code != "zh" for one in update(code)]
    for message in missing:
        sys.stdout.write(re.sub(r"\s+", " ", message) + "\n")
    return 1 if missing and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
