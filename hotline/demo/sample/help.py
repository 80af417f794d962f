"""Live help of the made-up day's running call, and a knowledge base that people work on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import CHINA
from hotline.demo.sample.talks import WAGES, Talk
from knowledge_base.cards import load_cards
from knowledge_base.editing import desk
from knowledge_base.editing.body import shipped_body
from knowledge_base.editing.desk import Act, Editor, Surroundings
from knowledge_base.editing.tables import KnowledgeQuestion
from knowledge_base.topics.classifier import Guess, TopicClassifier
from knowledge_base.topics.taxonomy import load_taxonomy
from knowledge_base.topics.teaching import shipped_examples
from transcripts.live import keeping
from transcripts.live.board import Board
from transcripts.live.ear import Sentence
from transcripts.live.hints import Desk, HintKind, help_with
from transcripts.live.talk import CallFacts, News
from transcripts.live.tap import Found
from transcripts.recognisers.models import SHIPPED, read_card
from transcripts.scoring.scorecard import load_scorecard
from transcripts.scoring.scorer import Knowledge
from transcripts.scoring.speech import Turn
from transcripts.scoring.talks import timed
from transcripts.turns import Leg

_LEGS = {"c": "caller", "a": "agent"}
_HEARD = 7
"""Turns of the talk that were said so far: the lawyer has just told a wrong period."""
_ASKED = (
    *("无人机航拍拍到我家院子怎么办", "无人机拍到我家能告他吗", "无人机飞到院子里拍摄违法吗"),
    *("快递丢了怎么赔", "快递丢失了按多少赔", "彩礼能退吗", "网络主播跟公司解约要赔多少"),
)


async def help_running(
    session: AsyncSession, now: datetime, call_id: str, agent_id: str, talk: Talk = WAGES
) -> None:
    """Write what was heard of a running call, and what stands beside it."""
    turns = timed([(_LEGS[who], words) for who, words in talk.turns[:_HEARD]])
    known = Desk(Knowledge(load_cards()), load_scorecard(), topics=_topics())
    board, changes = Board(), []
    for count in range(1, len(turns) + 1):
        found = help_with(known, turns[:count], on=now.astimezone(CHINA).date(), topic=talk.topic)
        changes += board.take(found)
    latest = {change.hint.key: change for change in changes}
    leading = next((key for key, c in latest.items() if c.hint.kind is HintKind.CARD), "")
    facts = CallFacts(agent_id, talk.topic, now.astimezone(CHINA).date(), ended=False)
    row = await keeping.begin(
        session, Found(call_id, "1", Path()), read_card(SHIPPED), now - timedelta(seconds=252)
    )
    await keeping.keep(
        session,
        row,
        News(
            tuple(_sentence(turn) for turn in turns),
            {Leg(_LEGS[who]): words for who, words in talk.running},
            changes=tuple(latest.values()),
            topics=found.topics,
            leading=leading,
        ),
        found=Found(call_id, "1", Path()),
        facts=facts,
        first=0,
        now=now,
    )


@cache
def _topics() -> Callable[[str], Sequence[Guess]]:
    taxonomy = load_taxonomy()
    return TopicClassifier.train(taxonomy, shipped_examples(taxonomy)).guesses


def _sentence(turn: Turn) -> Sentence:
    return Sentence(Leg(turn.leg), turn.start, turn.end, turn.text, 0.93, (turn,))


async def write_cards(session: AsyncSession, now: datetime) -> None:
    """Leave a card in review, one as a draft, one published anew, and questions without a card."""
    cards = load_cards()
    around = Surroundings(cards, None, now.astimezone(CHINA).date())
    wang, zhou = Editor(2, "王建国"), Editor(5, "周敏", may_publish=True)
    for card_id, steps in (
        ("bride-price", (Act.SUBMIT, Act.APPROVE)),
        ("dog-bite", (Act.SUBMIT,)),
        ("lease-deposit", ()),
    ):
        body = shipped_body(card_id) or {}
        row = await desk.open_version(session, card_id, wang, now - timedelta(days=2))
        body = {**body, "questions": [*body["questions"], "这种情况找谁处理"]}
        await desk.save(session, row, body, revision=1, editor=wang, now=now - timedelta(hours=5))
        for step in steps:
            editor = zhou if step is Act.APPROVE else wang
            await desk.act(session, row, step, editor=editor, around=around, words="", now=now)
    await desk.begin_card(
        session, list(_ASKED[:3]), "injury", Editor(2, "王建国"), now - timedelta(hours=1)
    )
    for number, question in enumerate(_ASKED):
        session.add(KnowledgeQuestion(question=question, at=now - timedelta(hours=3 * number)))
