"""One house for all scenes of the waiting room, with the world behind its trunk.

All scenes play at once (:mod:`tests.acceptance.routing.home`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from hotline.asterisk import Asterisk
from hotline.voice import Samples
from ivr.deploy import compile_menu, sounds_folder
from ivr.sounds import choose, make
from tests.acceptance.routing.home import Furniture, Home, opened_home
from tests.acceptance.waiting.policy import MENU, PEOPLE, POLICY, PROMPTS, READY, TOPICS

pytest.register_assert_rewrite(
    "tests.acceptance.waiting.calling_back", "tests.acceptance.waiting.choosing"
)


def beep(text: str, voice: str) -> Samples:
    """A quarter of a second in place of each sentence: what is said, and when, matters here."""
    del text, voice
    return (np.sin(np.arange(2_000) * 0.3) * 9_000).astype(np.int16)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    """The house, open, with its controller as a process of its own."""
    given = Furniture(PEOPLE, TOPICS, READY, POLICY, _sentences)
    async with opened_home(tmp_path_factory.mktemp("waiting"), given) as opened:
        yield opened


def _sentences(asterisk: Asterisk, settings: Any) -> None:
    """Put the composed sentences behind the short menu of these tests."""
    menu = compile_menu(settings)
    text = menu.dialplan(sounds_folder(settings))
    say = text[text.index("[ivr-say]") :]
    (asterisk.layout.etc / "ivr.conf").write_text(MENU + say, encoding="utf-8")
    languages = ("zh", "dialect")
    chosen = choose(menu.catalogue, languages, PROMPTS, settings.prompts)
    make(chosen, sounds_folder(settings), beep)
