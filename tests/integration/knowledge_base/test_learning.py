"""What a reviewer confirms is found by the next search, without a restart."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import hotline.store.schema  # noqa: F401 - knows every package's tables
from hotline.clock import ManualClock
from hotline.store import Database
from hotline.web.permissions import Role
from hotline.web.section import Section
from knowledge_base.library import ArticleNumber
from knowledge_base.library.importer import import_texts
from knowledge_base.routes import section as knowledge_section
from knowledge_base.search.answered import AnsweredQuestion
from knowledge_base.search.installed import confirm_answer
from tests.integration.knowledge_base.test_editing_cards import LAW, statute
from tests.integration.web.conftest import *  # noqa: F403 - the same browser and accounts

SignedIn = Callable[..., Awaitable[Any]]
QUESTION = "/knowledge?q=巷子里黑灯瞎火没人管"


@pytest.fixture
def sections() -> list[Section]:
    return [knowledge_section]


async def confirm(database: Database, clock: ManualClock, number: int, answer: str) -> None:
    async with database.write() as session:
        await confirm_answer(
            session,
            AnsweredQuestion(
                key="2026112400001",
                text="巷子里黑灯瞎火，没人管怎么办",
                articles=((LAW, ArticleNumber(number)),),
                answer=answer,
                topic="other",
            ),
            by="zhou",
            now=clock.now(),
        )


async def test_a_confirmed_answer_leads_to_its_article_and_says_why_and_a_later_one_replaces_it(
    signed_in: SignedIn, database: Database, clock: ManualClock
) -> None:
    async with database.write() as session:
        await import_texts(session, [statute("甲乙丙。", "丁戊己。")], clock.now())
    browser = await signed_in("wang", Role.LAWYER)
    before = (await browser.get(QUESTION)).text
    assert "已复核问答" not in before
    await confirm(database, clock, 2, "找街道修。")
    page = (await browser.get(QUESTION)).text
    assert "已复核问答“巷子里黑灯瞎火，没人管怎么办”引用本条" in page
    assert f"《{LAW}》第二条" in page
    assert "施行 2020-01-01" in page
    assert "找街道修" in page
    await confirm(database, clock, 1, "打12345。")
    page = (await browser.get(QUESTION)).text
    assert "打12345" in page
    assert "找街道修" not in page
