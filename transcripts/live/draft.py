"""A summary drafted from key sentences of the talk: taken from it word for word, marked 草稿.

Nothing is written that nobody said. The lawyer edits it before it becomes part of the ticket.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge_base.cards import Card
from knowledge_base.citations import parse
from transcripts.scoring.hearing import hear
from transcripts.scoring.scorecard import Scorecard
from transcripts.scoring.scorer import Knowledge
from transcripts.scoring.speech import AGENT, CALLER, Speech, Turn

MOST_STORY, MOST_ANSWER = 4, 8
_SHORT = 6
_ASKS = re.compile(r"吗|呢|怎么|怎样|如何|能不能|可不可以|多少|是不是|有没有|谁|什么|哪|几")
_FIGURE = re.compile(r"\d|[一二三四五六七八九十百千万两半]+(?:年|个月|天|元|万|岁|月|日|倍)")
_COURTESY = re.compile(r"^(?:好的?|嗯|谢谢|明白|知道了|您好|你好|再见|不客气|感谢)")
_ENDS = "，。、？！ "


@dataclass(frozen=True)
class Draft:
    """What a ticket may take over, each part empty where nothing was said."""

    title: str = ""
    details: str = ""
    demand: str = ""
    answer: str = ""
    statutes: str = ""
    legal_aid_told: bool = False
    topic: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to take over."""
        return not (self.details or self.demand or self.answer)


def draft(
    turns: Sequence[Turn], knowledge: Knowledge, scorecard: Scorecard, card: Card | None
) -> Draft:
    """Draw the key sentences of a talk.

    Args:
        turns: both legs, in order.
        knowledge: names of laws.
        scorecard: how the legal-aid notice is worded.
        card: the matter, where it is known.
    """
    story, asked = _told_by_caller(turns, card)
    agent = Speech.of(turns, AGENT)
    answers = [turn for turn in agent.turns if _answers(turn, card, knowledge)]
    cited = dict.fromkeys(
        f"{one.law} {one.number.label}"
        for one in parse(agent.raw, knowledge.names, speech=True)
        if one.law is not None
    )
    return Draft(
        title=card.title if card else (asked[0] if asked else "")[:60],
        details=_joined(story[:MOST_STORY]),
        demand=_joined(asked[:MOST_STORY]),
        answer=_joined([turn.text for turn in answers[:MOST_ANSWER]]),
        statutes="\n".join(cited),
        legal_aid_told=hear(agent, scorecard.words["legal_aid"]) is not None,
        topic=card.topic if card else "",
    )


def _told_by_caller(turns: Sequence[Turn], card: Card | None) -> tuple[list[str], list[str]]:
    """Return what the caller told and what the caller asked, in the order of the talk."""
    said = [
        turn
        for turn in Speech.of(turns, CALLER).turns
        if len(turn.text) >= _SHORT and not _COURTESY.match(turn.text.strip(_ENDS))
    ]
    asked = [turn for turn in said if _ASKS.search(turn.text)]
    story = [turn for turn in said if turn not in asked]
    weighed = sorted(story, key=lambda turn: -_weight(turn, card))[:MOST_STORY]
    return [t.text for t in story if t in weighed], [t.text for t in asked]


def _weight(turn: Turn, card: Card | None) -> float:
    words = card.keywords if card else ()
    return (
        2.0 * len(_FIGURE.findall(turn.text))
        + 2.0 * sum(word in turn.text for word in words)
        + min(len(turn.text), 40) / 20
    )


def _answers(turn: Turn, card: Card | None, knowledge: Knowledge) -> bool:
    if any(one.law for one in parse(turn.text, knowledge.names, speech=True)):
        return True
    if card is None:
        return False
    alone = Speech.of([turn], AGENT)
    return any(hear(alone, point.say) for point in card.points)


def _joined(sentences: Sequence[str]) -> str:
    kept = (sentence.strip(_ENDS) for sentence in sentences)
    return "".join(f"{sentence}。" for sentence in kept if sentence)
