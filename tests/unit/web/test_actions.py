"""The audit page calls every act and look by its words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline.talks.orders import Kind
from hotline.web.actions import ACTION_WORDS
from hotline.web.display import browser

ROOT = Path(__file__).parents[3]
WRITERS = re.compile(r"record|look")
ACTION = re.compile(r"[a-z]+\.[a-z_]+")


def recorded() -> Iterator[str]:
    """Yield what the code hands to the audit."""
    for package in ("agents", "hotline", "transcripts", "knowledge_base"):
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_bytes())):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if not WRITERS.search(name):
                    continue
                for part in ast.walk(node):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield part.value


def test_every_action_has_words() -> None:
    actions = {one for one in recorded() if ACTION.fullmatch(one)}
    assert len(actions) > 40
    assert not actions - set(ACTION_WORDS)


@pytest.mark.parametrize("kind", Kind)
def test_acts_on_calls_have_words(kind: Kind) -> None:
    assert f"call.{kind.value}" in ACTION_WORDS


@pytest.mark.parametrize(
    ("description", "words"),
    [
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0"
            ),
            "Edge 130 · Windows",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            "Firefox 128 · Linux",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 "
                "(KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1"
            ),
            "Safari 17 · iPhone",
        ),
        ("curl/8.5.0", "curl"),
        ("", ""),
    ],
)
def test_a_browser_is_called_as_people_know_it(description: str, words: str) -> None:
    assert browser(description) == words
