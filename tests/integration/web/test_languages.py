"""A person chooses the language of the pages; live views come in it too."""

from __future__ import annotations

import json
from typing import Any

import pytest

import hotline.store.schema  # noqa: F401 - knows every package's tables
from agents.routes import section as agents_section
from hotline.web.permissions import Role
from hotline.web.section import Section


@pytest.fixture
def sections() -> list[Section]:
    return [agents_section]


async def test_the_account_menu_switches_the_language(signed_in: Any) -> None:
    one = await signed_in("banzhang", Role.SUPERVISOR)
    assert "今日热线" in (await one.get("/wallboard")).text
    answer = await one.post("/preferences/language", {"language": "en", "back": "/wallboard"})
    assert (answer.status, answer.to) == (303, "/wallboard")
    page = (await one.get("/wallboard")).text
    assert 'lang="en"' in page
    for words in ("The hotline today", "Nobody is waiting", "Connect rate", ">Tickets</a>"):
        assert words in page, words
    assert "今日热线" not in page
    for wrong in ("xx", "../../etc", ""):
        await one.post("/preferences/language", {"language": wrong})
    assert "The hotline today" in (await one.get("/wallboard")).text
    await one.post("/preferences/language", {"language": "zh"})
    assert "今日热线" in (await one.get("/wallboard")).text


async def test_a_live_view_comes_in_the_language_of_who_looks(
    signed_in: Any,
) -> None:
    chinese = await signed_in("banzhang", Role.SUPERVISOR)
    english = await signed_in("zhang", Role.SUPERVISOR)
    await english.post("/preferences/language", {"language": "en"})
    found = {}
    for name, one in (("zh", chinese), ("en", english)):
        url = one.server.make_url("/events?view=wallboard&topic=-")
        async with one.session.get(url) as stream:
            async for line in stream.content:
                if line.startswith(b"data:") and b"regions" in line:
                    found[name] = json.loads(line[5:])["regions"]["waiting"]
                    break
    assert "现在无人排队" in found["zh"]
    assert "Nobody is waiting" in found["en"]
