"""Recorded advice (录音解答): what is told of each answer card, and until when it may be.

The texts are made from the cards by ``hotline ivr advice`` and kept in ``ivr/advice.yaml``, so that
a person can read them before callers hear them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

import config
from hotline import configfiles
from hotline.configfiles import Problem
from ivr.model import ADVICE, CardId, MenuFile

FILE = "ivr/advice.yaml"


class AdviceText(BaseModel):
    """What is told of one card."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field(min_length=1)
    reviewed: date
    review_due: date


class AdviceFile(BaseModel):
    """All recorded advice."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1]
    cards: dict[CardId, AdviceText] = {}


def load() -> Mapping[str, AdviceText]:
    """Return the advice by card; none where the file is not there.

    Raises:
        ConfigFileError: the file is malformed.
    """
    file = config.path(FILE)
    return configfiles.load(file, AdviceFile).cards if file.is_file() else {}


def wanted(menu: MenuFile) -> list[str]:
    """Return the cards that the menu tells, in order."""
    told = (card for part in menu.menus.values() for one in part.options for card in one.advice)
    return list(dict.fromkeys(told))


def overdue(menu: MenuFile, today: date) -> Iterator[Problem]:
    """Yield each card whose advice should have been looked at again by now."""
    document = configfiles.read(config.path(FILE)) if config.path(FILE).is_file() else None
    for card, advice in load().items():
        if document is not None and card in wanted(menu) and advice.review_due < today:
            words = f"{ADVICE}/{card} 应在 {advice.review_due} 前复核，仍在播放；复核要点卡后更新"
            yield document.problem(("cards", card), words)
