"""The made-up day's pages in English: what is ours is English, what is data stays Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import yaml
from aiohttp import ClientSession, CookieJar
from sqlalchemy import select

from hotline.app.processes import SECTIONS
from hotline.clock import ManualClock
from hotline.demo.sample import PASSWORD
from hotline.demo.screens import MOMENT, SampleServer, Shot, sample_server, shots
from hotline.settings import BureauSettings
from hotline.store import Base
from hotline.web.phrases import HAN
from hotline.web.translating import LANGUAGE_COOKIE

ROOT = Path(__file__).parents[3]
CHROME = {"nav", "h1", "h2", "h3", "th", "label", "legend", "summary", "button", "dt", "title"}
"""Elements whose words are ours."""
SPOKEN = {"placeholder", "aria-label", "title"}
VOID = {"input", "img", "br", "link", "meta", "hr", "source", "use", "path", "rect", "line"}
LONGEST_DATA = 200
NAMES = re.compile(r".|.*\*.*|中文")
"""Somebody's initial, a name behind its mask, and the way back to Chinese."""


class Chrome(HTMLParser):
    """Collects a page's own words."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in SPOKEN and value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if CHROME & set(self.open) and data.strip():
            self.found.append(data.strip())


def strings(value: Any) -> Iterator[str]:
    """Yield all texts within a value of YAML or JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from strings(key)
            yield from strings(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from strings(one)


async def stored(server: SampleServer) -> set[str]:
    """Return the Chinese texts of the database."""
    found: set[str] = set()
    async with server.database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            for row in await connection.execute(select(table)):
                for value in row:
                    found.update(strings(value))
    return found


def configured() -> set[str]:
    """Return the texts of services, menus, rules and cards."""
    files = [*(ROOT / "config").rglob("*.yaml"), *(ROOT / "knowledge_base").rglob("*.yaml")]
    return {
        one
        for file in files
        for document in yaml.load_all(file.read_bytes(), yaml.CSafeLoader)
        for one in strings(document)
    }


def left(words: str, data: Iterable[str]) -> str:
    """Return what of ``words`` is Chinese and no data."""
    for one in data:
        if one in words:
            words = words.replace(one, "")
    return words if HAN.search(words) else ""


async def fetched(server: SampleServer, wanted: list[Shot]) -> dict[str, str]:
    """Return the pages in English."""
    pages: dict[str, str] = {}
    for account in dict.fromkeys(shot.account for shot in wanted):
        cookies = {LANGUAGE_COOKIE: "en"}
        async with ClientSession(
            server.address, cookies=cookies, cookie_jar=CookieJar(unsafe=True)
        ) as browser:
            if account is not None:
                async with browser.get("/signin") as answer:
                    token = re.search(r'name="csrf" value="([^"]+)"', await answer.text())
                assert token is not None
                form = {"account": account, "password": PASSWORD, "csrf": token[1]}
                async with browser.post("/signin", data=form) as answer:
                    assert "/signin" not in str(answer.url)
            for shot in wanted:
                if shot.account == account:
                    async with browser.get(shot.path) as answer:
                        pages[shot.path] = await answer.text()
    return pages


async def test_what_is_ours_is_english(tmp_path: Path) -> None:
    clock = ManualClock(MOMENT)
    async with sample_server(tmp_path, SECTIONS, clock, today=40, earlier=0) as server:
        pages = await fetched(server, shots(server.tickets))
        known = await stored(server) | configured() | {BureauSettings().name}
    data = [
        one
        for one in sorted((one.strip() for one in known), key=len, reverse=True)
        if len(one) > 1 and len(one) <= LONGEST_DATA and HAN.search(one)
    ]
    chinese: dict[str, set[str]] = {}
    for path, page in pages.items():
        chrome = Chrome()
        chrome.feed(page)
        for words in chrome.found:
            if HAN.search(words) and not NAMES.fullmatch(words):
                chinese.setdefault(words, set()).add(path)
    assert {words: paths for words, paths in chinese.items() if left(words, data)} == {}
